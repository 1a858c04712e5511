"""Who asks, when: arrivals as a scenario says them, made a simulated minute at a time.

`model` is plain pydantic; `sources` and `trace` need arrays and are imported only by a run.
"""
