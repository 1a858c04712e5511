"""Traces: spans as a collector received them, which traces it kept, and how they are drawn.

Nothing here knows the simulated system: spans come in from outside, with what real services know.
"""
