"""Marks a line that has left its usual range: the median of a window against what was before.

A robust score: the distance of medians in units of the median absolute deviation, which one spike
does not move (Iglewicz and Hoaglin 1993, "How to detect and handle outliers").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SCORE, RATIO = 3.5, 1.3
"""From where on a line is unusual: so many deviations away, and so many times more or less."""
_NORMAL = 1.4826
"""Makes the median absolute deviation of a normal law its standard deviation."""
_GRAIN = 0.02
"""A line that never moved counts as moving by this share of its level."""
POINTS_LEAST = 4


@dataclass(frozen=True, slots=True)
class Drift:
    """A line's usual value, its present one, and how far apart they are."""

    before: float
    now: float
    score: float

    @property
    def is_unusual(self) -> bool:
        """Whether somebody should look."""
        low, high = sorted((abs(self.before), abs(self.now)))
        has_moved = high >= RATIO * low
        return has_moved and abs(self.score) >= SCORE


def drift(before: Sequence[float], now: Sequence[float]) -> Drift | None:
    """Compare a window with what was before it; None where either has too few numbers."""
    old = [value for value in before if math.isfinite(value)]
    new = [value for value in now if math.isfinite(value)]
    if len(old) < POINTS_LEAST or len(new) < 1:
        return None
    usual, present = _median(old), _median(new)
    spread = _NORMAL * _median([abs(value - usual) for value in old])
    grain = _GRAIN * max(abs(usual), max(abs(value) for value in old) / 10, 1e-9)
    return Drift(usual, present, (present - usual) / max(spread, grain))


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
