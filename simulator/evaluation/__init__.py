"""Comparing policies: the same requests for all, and what each one would have cost."""
