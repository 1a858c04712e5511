"""Aggregations: `sum by (job) (...)` and its relatives, grouped once per frame."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.instruments.promql.nodes import ScalarExpr, StringExpr, VectorExpr
from simulator.instruments.promql.quantiles import quantile_of
from simulator.instruments.promql.sums import grouped_sum
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.series.block import Floats, Ints
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import NAME, Labels, go_float, labels_of


@dataclass(frozen=True, slots=True)
class By:
    """Which labels groups keep: those named, or all but those named and the metric's name."""

    labels: tuple[str, ...]
    is_without: bool = False

    def of(self, labels: Labels) -> Labels:
        """The group's label set for one element."""
        if self.is_without:
            dropped = (*self.labels, NAME)
            return tuple(pair for pair in labels if pair[0] not in dropped)
        return tuple(pair for pair in labels if pair[0] in self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """The frame of the groups, and each element's group; `is_single` when each has one element."""

    frame: Frame
    group: Ints
    is_single: bool


def grouping(frame: Frame, by: By) -> Grouping:
    """Group a frame's elements, made once per frame."""
    return frame.derive(("group", by), lambda f: _grouped(f, by))


def _grouped(frame: Frame, by: By) -> Grouping:
    groups: dict[Labels, int] = {}
    index = [groups.setdefault(by.of(labels), len(groups)) for labels in frame.labels]
    is_single = len(groups) == len(index)
    return Grouping(Frame(tuple(groups)), np.array(index, np.int64), is_single)


Reducer = Callable[[Floats, Ints, int], Floats]


def _avg(values: Floats, group: Ints, groups: int) -> Floats:
    count = np.maximum(_count(values, group, groups), 1)
    mean = grouped_sum(values, group, groups) / count
    if np.isinf(mean).any() and np.isfinite(values).all():
        return grouped_sum(values / count[group], group, groups)
    return mean


def _extreme(reduce: np.ufunc) -> Reducer:
    def extreme(values: Floats, group: Ints, groups: int) -> Floats:
        result = np.full(groups, np.nan)
        reduce.at(result, group, values)
        return result

    return extreme


def _count(_: Floats, group: Ints, groups: int) -> Floats:
    return np.bincount(group, minlength=groups).astype(np.float64)


def _group(_: Floats, __: Ints, groups: int) -> Floats:
    return np.ones(groups)


def _stdvar(values: Floats, group: Ints, groups: int) -> Floats:
    with np.errstate(invalid="ignore"):
        deviations = values - _avg(values, group, groups)[group]
        return _avg(deviations * deviations, group, groups)


def _stddev(values: Floats, group: Ints, groups: int) -> Floats:
    return np.sqrt(_stdvar(values, group, groups))


REDUCERS: dict[str, Reducer] = {
    "sum": grouped_sum,
    "avg": _avg,
    "min": _extreme(np.fmin),
    "max": _extreme(np.fmax),
    "count": _count,
    "group": _group,
    "stdvar": _stdvar,
    "stddev": _stddev,
}
"""Aggregations without a parameter; each takes values, their groups and how many there are."""


@dataclass(frozen=True)
class Aggregation(VectorExpr):
    """An aggregation that gives one number per group."""

    reduce: Reducer
    expr: VectorExpr
    by: By

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        return source.derive((self.reduce, self.by), self._over)

    def _over(self, source: Vector) -> Vector:
        return _reduced(self.reduce, source, grouping(source.frame, self.by))


@dataclass(frozen=True)
class QuantileAggregation(VectorExpr):
    """`quantile(q, ...)`: an interpolated quantile per group."""

    quantile: ScalarExpr
    expr: VectorExpr
    by: By

    def vector(self, moment: Moment) -> Vector:
        source, quantile = self.expr.vector(moment), self.quantile.scalar(moment)

        def reduce(values: Floats, group: Ints, groups: int) -> Floats:
            return np.array([quantile_of(quantile, values[group == g]) for g in range(groups)])

        return _reduced(reduce, source, grouping(source.frame, self.by))


@dataclass(frozen=True)
class Ranking(VectorExpr):
    """`topk` and `bottomk`: the first few of each group, NaNs last, earlier series first."""

    count: ScalarExpr
    expr: VectorExpr
    by: By
    is_top: bool

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        count = self.count.scalar(moment)
        groups = grouping(source.frame, self.by)
        here = np.flatnonzero(source.present)
        group, values = groups.group[here], source.values[here]
        sign = -1.0 if self.is_top else 1.0
        ranked = np.lexsort((sign * values, np.isnan(values), group))
        starts = np.searchsorted(group[ranked], np.arange(len(groups.frame)))
        place = np.arange(len(ranked)) - starts[group[ranked]]
        kept = here[ranked[place < np.floor(count)]] if count >= 1 else here[:0]
        present = np.zeros(len(source.frame), np.bool_)
        present[kept] = True
        return Vector(source.frame, source.values, present, kept)


@dataclass(frozen=True)
class CountValues(VectorExpr):
    """`count_values("label", ...)`: how many elements of each group have each value."""

    label: StringExpr
    expr: VectorExpr
    by: By

    def vector(self, moment: Moment) -> Vector:
        counted: dict[Labels, int] = {}
        for labels, value in self.expr.vector(moment).samples():
            kept = dict(self.by.of(labels)) | {self.label.value: _plain(value)}
            key = labels_of(kept)
            counted[key] = counted.get(key, 0) + 1
        values = np.array(list(counted.values()), np.float64)
        return Vector(Frame(tuple(counted)), values, np.ones(len(counted), np.bool_))


def _reduced(reduce: Reducer, source: Vector, groups: Grouping) -> Vector:
    size = len(groups.frame)
    if groups.is_single and reduce is grouped_sum:
        # A sum of one element is that element; groups are numbered in the elements' order. Adding
        # zero makes a minus zero plain, as a sum does.
        return Vector(
            groups.frame, np.where(source.present, source.values, 0.0) + 0.0, source.present
        )
    if np.count_nonzero(source.present) == len(source.present):
        values = reduce(source.values, groups.group, size)
        return Vector(groups.frame, values, np.ones(size, np.bool_))
    group = groups.group[source.present]
    values = reduce(source.values[source.present], group, size)
    return Vector(groups.frame, values, np.bincount(group, minlength=size) > 0)


def _plain(value: float) -> str:
    """A value as a label: all digits, no exponent."""
    written = go_float(value)
    if "e" not in written:
        return written
    return format(value, "f") if float(value).is_integer() else np.format_float_positional(value)
