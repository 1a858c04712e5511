"""PromQL's grammar as Prometheus 3.5 reads it: tokens, tree, parser, types, the same messages."""
