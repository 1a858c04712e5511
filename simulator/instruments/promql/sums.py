"""Sums that lose little to rounding and come out the same on every machine.

Prometheus adds with Kahan's compensation; so do we along time. Across series we split each value
into a part whose sum is exact and a small rest, which is as good and needs no loop.
"""

import numpy as np

from simulator.instruments.series.block import Bools, Floats, Ints


def compensated_sum(values: Floats, held: Bools | None) -> Floats:
    """Add down the rows with Neumaier's compensation; cells not held are left out."""
    total = np.zeros(values.shape[1])
    rest = np.zeros(values.shape[1])
    if held is not None:
        values = np.where(held, values, 0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        for row in values:
            after = total + row
            larger = np.abs(total) >= np.abs(row)
            lost = np.where(larger, (total - after) + row, (row - after) + total)
            rest = np.where(np.isinf(after), 0.0, rest + lost)
            total = after
        summed: Floats = total + rest
    return summed


def grouped_sum(values: Floats, group: Ints, groups: int) -> Floats:
    """Add values by group, in the order of the series.

    Rounding every value of a group to the same coarse grid makes that part's sum exact, whatever
    the order; what is left over is some 2**-53 of it and may be added naively.
    """
    plain = added(values, group, groups)
    if not np.isfinite(plain).all() or not len(values):
        return plain
    largest = np.zeros(groups)
    np.maximum.at(largest, group, np.abs(values))
    _, exponent = np.frexp(largest * len(values))
    with np.errstate(over="ignore"):
        grid = np.ldexp(1.0, exponent + 1)[group]
        coarse = (values + grid) - grid
    if not np.isfinite(coarse).all():
        return plain
    exact = added(coarse, group, groups)
    return exact + added(values - coarse, group, groups)


def added(values: Floats, group: Ints, groups: int) -> Floats:
    """Add values by group in order, without compensation."""
    sums: Floats = np.bincount(group, values, groups).astype(np.float64, copy=False)
    return sums
