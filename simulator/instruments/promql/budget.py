"""How many samples one query may touch."""

from simulator.errors import QueryError

SAMPLES_MAX = 50_000_000
"""Prometheus's own default (`--query.max-samples`)."""


class Budget:
    """What is left of a query's allowance; every selector pays before it collects."""

    __slots__ = ("left",)

    def __init__(self, samples_max: int = SAMPLES_MAX) -> None:
        self.left = samples_max

    def pay(self, samples: int) -> None:
        """Take samples off; QueryError when there are not so many left."""
        self.left -= samples
        if self.left < 0:
            raise QueryError(
                "query processing would load too many samples into memory in query execution"
            )
