"""`histogram_fraction` over classic histograms: the share of observations between two values."""

import math
from dataclasses import dataclass

import numpy as np

from simulator.instruments.promql.histograms import histograms
from simulator.instruments.promql.nodes import ScalarExpr, VectorExpr
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.series.block import Floats


@dataclass(frozen=True)
class HistogramFraction(VectorExpr):
    """`histogram_fraction(low, high, buckets)`."""

    low: ScalarExpr
    high: ScalarExpr
    expr: VectorExpr
    place: str

    def vector(self, moment: Moment) -> Vector:
        low, high = self.low.scalar(moment), self.high.scalar(moment)
        source = self.expr.vector(moment)

        def fraction(bounds: Floats, counts: Floats) -> Floats:
            return np.array([_fraction(low, high, bounds, row) for row in counts])

        return moment.collide(self, histograms(source, fraction, moment.notes, self.place))


def _fraction(low: float, high: float, bounds: Floats, counts: Floats) -> float:
    """The share of one histogram, interpolated linearly at both ends.

    As in the original, the first bucket has no lower bound, so that nothing can be found in it.
    """
    if len(bounds) == 0 or bounds[-1] != np.inf:
        return math.nan
    total = float(counts[-1])
    if total == 0 or math.isnan(low) or math.isnan(high):
        return math.nan
    if low >= high:
        return 0.0
    below, above = (_rank(value, bounds.tolist(), counts.tolist()) for value in (low, high))
    return (above - below) / total


def _rank(value: float, bounds: list[float], counts: list[float]) -> float:
    """How many observations are at most a value, and never more than all."""
    start, before = -math.inf, 0.0
    for bound, count in zip(bounds, counts, strict=True):
        if start >= value:
            return min(before, counts[-1])
        if bound > value:
            share = math.nan if math.isinf(start) else (value - start) / (bound - start)
            rank = before + (count - before) * share
            return min(rank, counts[-1])
        start, before = bound, count
    return counts[-1]
