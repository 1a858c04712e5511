"""Sums that lose little to rounding and come out the same on every machine.

Prometheus adds with Kahan's compensation. We round each value to a grid so coarse that the rounded
parts add up exactly in any order, and add what is left over, some 2**-53 of it, on top: as good,
and without a loop.
"""

import numpy as np

from simulator.instruments.series.block import Bools, Floats, Ints


def compensated_sum(values: Floats, held: Bools | None) -> Floats:
    """Add down the rows; cells not held are left out."""
    if held is not None:
        values = np.where(held, values, 0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        _, exponent = np.frexp(np.abs(values).max(axis=0) * len(values))
        grid = np.ldexp(1.0, exponent + 1)
        coarse = (values + grid) - grid
        exact: Floats = coarse.sum(axis=0)
        summed: Floats = exact + (values - coarse).sum(axis=0)
        is_usual = np.isfinite(summed)
        if is_usual.all():
            return summed
        plain: Floats = values.sum(axis=0)
        return np.where(is_usual, summed, plain)


def grouped_sum(values: Floats, group: Ints, groups: int) -> Floats:
    """Add values by group."""
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
