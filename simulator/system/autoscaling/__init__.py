"""Autoscalers: pure decisions over observed metrics, and the loops that ask for them on time."""
