"""Scenario + seed + journal → record: the only place that knows all the parts.

`run` performs a whole drill, `session.Session` one that a person or program steps through.
"""
