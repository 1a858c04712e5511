"""Unit tests of rules in promtool's format: made-up series in, expected alerts and samples out."""
