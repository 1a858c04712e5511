"""One file per fault kind: a fault changes a mechanism, and its symptoms emerge."""
