"""Brownout: a flight simulator for the people and programs who run AI systems."""

__version__ = "0.1.0"
