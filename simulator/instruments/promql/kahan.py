"""Sums, means and variances one value at a time, with Neumaier's compensation.

These follow Prometheus 3.5 step by step: where large values cancel or overflow, what comes out
depends on the steps.
"""

import math
from collections.abc import Iterable, Sequence


def added(value: float, total: float, lost: float) -> tuple[float, float]:
    """Add one value; `lost` collects what rounding took."""
    result = total + value
    if math.isinf(result):
        return result, 0.0
    if abs(total) >= abs(value):
        return result, lost + ((total - result) + value)
    return result, lost + ((value - result) + total)


def summed(values: Iterable[float]) -> float:
    """The sum."""
    total, lost = 0.0, 0.0
    for value in values:
        total, lost = added(value, total, lost)
    return total if math.isinf(total) else total + lost


def mean(values: Sequence[float], *, skips_infinite: bool) -> float:
    """The mean: of the sum while that is finite, then updated value by value.

    `skips_infinite` says that an infinite mean stays as it is when a finite value comes.
    """
    total, lost = values[0], 0.0
    average: float | None = None
    for count, value in enumerate(values[1:], start=2):
        if average is None:
            grown, still_lost = added(value, total, lost)
            if not math.isinf(grown):
                total, lost = grown, still_lost
                continue
            average, lost = total / (count - 1), lost / (count - 1)
        if skips_infinite and math.isinf(average):
            is_same = math.isinf(value) and (average > 0) == (value > 0)
            if is_same or math.isfinite(value):
                continue
        kept = (count - 1) / count
        average, lost = added(value / count, kept * average, kept * lost)
    if average is None:
        return total / len(values) + lost / len(values)
    return average + lost


def variance(values: Sequence[float]) -> float:
    """The population variance of a vector's elements (Welford's steps)."""
    average = spread = 0.0
    for count, value in enumerate(values, start=1):
        delta = value - average
        average += delta / count
        spread += delta * (value - average)
    return spread / len(values)
