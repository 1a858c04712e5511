"""Stores of what was observed: samples by series, log entries, changes. Nothing here decides."""
