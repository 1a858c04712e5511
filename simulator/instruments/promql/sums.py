"""Sums that lose little to rounding and come out the same on every machine.

Prometheus adds with Kahan's compensation. We round each value to a grid so coarse that the rounded
parts add up exactly in any order, and add what is left over, some 2**-53 of it, on top: as good,
and without a loop. Where large values cancel, the original's own steps are followed.
"""

from collections.abc import Callable

import numpy as np

from simulator.instruments.promql.kahan import summed
from simulator.instruments.series.block import Bools, Floats, Ints

Reduce = Callable[[Floats], Floats]


def compensated_sum(values: Floats, held: Bools | None) -> Floats:
    """Add down the rows; cells not held are left out."""
    if held is not None:
        values = np.where(held, values, 0.0)

    def add(parts: Floats) -> Floats:
        sums: Floats = parts.sum(axis=0)
        return sums

    def largest(parts: Floats) -> Floats:
        found: Floats = np.abs(parts).max(axis=0)
        return found

    count = len(values)
    total, doubtful = _summed(values, add, largest, count, slice(None))
    for column in doubtful.tolist():
        total[column] = summed(values[:, column].tolist())
    return total


def grouped_sum(values: Floats, group: Ints, groups: int) -> Floats:
    """Add values by group."""
    if not len(values):
        return np.zeros(groups)

    def add(parts: Floats) -> Floats:
        return added(parts, group, groups)

    def largest(parts: Floats) -> Floats:
        found = np.zeros(groups)
        np.maximum.at(found, group, np.abs(parts))
        return found

    count = len(values)
    total, doubtful = _summed(values, add, largest, count, group)
    for number in doubtful.tolist():
        total[number] = summed(values[group == number].tolist())
    return total


def added(values: Floats, group: Ints, groups: int) -> Floats:
    """Add values by group in order, without compensation."""
    sums: Floats = np.bincount(group, values, groups).astype(np.float64, copy=False)
    return sums


def _summed(
    values: Floats, add: Reduce, largest: Reduce, count: int, spread: Ints | slice
) -> tuple[Floats, Ints]:
    """Add exactly what can be, then the rest; and say which sums need the slow way."""
    peak = largest(values)
    coarse = _rounded(values, peak * count, spread)
    rest = values - coarse
    exact = add(coarse)
    total = exact + add(rest)
    is_doubtful = ~np.isfinite(total)
    if (np.abs(exact) < peak).any() and rest.any():
        is_doubtful |= (np.abs(exact) < peak) & (largest(rest) > 0)
    return total, np.flatnonzero(is_doubtful)


def _rounded(values: Floats, bound: Floats, spread: Ints | slice) -> Floats:
    """Values on a grid on which sums up to the bound are exact."""
    _, exponent = np.frexp(bound)
    # One and a half times a power of two keeps sums of either sign in one binade.
    grid = np.ldexp(1.5, exponent + 1)[spread]
    rounded: Floats = (values + grid) - grid
    return rounded
