"""What can be wrong with an exporter, asked at each scrape."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """Whether a target's exporter fails, and how many values a label it adds has (0: none)."""

    fails: Callable[[], bool]
    label_values: Callable[[], int]


FINE = Trouble(lambda: False, lambda: 0)
"""An exporter without any."""
