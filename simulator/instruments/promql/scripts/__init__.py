"""Runs test scripts in Prometheus's promqltest format: `load`, `clear`, `eval`."""
