"""Aggregations: `sum by (job) (...)` and its relatives, grouped once per frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from simulator.errors import QueryError
from simulator.instruments.promql.kahan import mean, variance
from simulator.instruments.promql.nodes import ScalarExpr, StringExpr, VectorExpr
from simulator.instruments.promql.quantiles import quantile_of
from simulator.instruments.promql.sums import grouped_sum
from simulator.instruments.promql.syntax.strings import go_quoted
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
    return Grouping(frame.of_groups(tuple(groups)), np.array(index, np.int64), is_single)


Reducer = Callable[[Floats, Ints, int], Floats]


def _avg(values: Floats, group: Ints, groups: int) -> Floats:
    average: Floats = grouped_sum(values, group, groups) / np.maximum(
        _count(values, group, groups), 1
    )
    for number in np.flatnonzero(~np.isfinite(average)).tolist():
        members = values[group == number].tolist()
        average[number] = mean(members, skips_infinite=True) if members else np.nan
    return average


def _extreme(reduce: np.ufunc) -> Reducer:
    def extreme(values: Floats, group: Ints, groups: int) -> Floats:
        result = np.full(groups, np.nan)
        reduce.at(result, group, values)
        zeros = values == 0
        if np.signbit(values[zeros]).any():
            # Of zeros with different signs the first one is kept.
            first = np.flatnonzero(zeros)[::-1]
            signed = np.zeros(groups)
            signed[group[first]] = values[first]
            result = np.where(result == 0, signed, result)
        return result

    return extreme


def _count(_: Floats, group: Ints, groups: int) -> Floats:
    return np.bincount(group, minlength=groups).astype(np.float64)


def _group(_: Floats, __: Ints, groups: int) -> Floats:
    return np.ones(groups)


def _stdvar(values: Floats, group: Ints, groups: int) -> Floats:
    found = np.zeros(groups)
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(groups + 1)).tolist()
    ordered = values[order].tolist()
    for number in range(groups):
        members = ordered[edges[number] : edges[number + 1]]
        found[number] = variance(members) if members else np.nan
    return found


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
    place: str

    def vector(self, moment: Moment) -> Vector:
        source, quantile = self.expr.vector(moment), self.quantile.scalar(moment)
        if moment.notes is not None and not 0 <= quantile <= 1:
            moment.notes.bad_quantile(go_float(quantile), self.place)

        def reduce(values: Floats, group: Ints, groups: int) -> Floats:
            return np.array([quantile_of(quantile, values[group == g]) for g in range(groups)])

        return _reduced(reduce, source, grouping(source.frame, self.by))


_INT64 = 2.0**63


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
        if not count < _INT64:
            raise QueryError(f"Scalar value {go_float(count)} overflows int64")
        groups = grouping(source.frame, self.by)
        here = np.flatnonzero(source.present)
        group, values = groups.group[here], source.values[here]
        sign = -1.0 if self.is_top else 1.0
        ranked = np.lexsort((sign * values, np.isnan(values), group))
        starts = np.searchsorted(group[ranked], np.arange(len(groups.frame) + 1))
        place = np.arange(len(ranked)) - starts[group[ranked]]
        size = int(min(count, len(here))) if count >= 1 else 0
        kept = here[ranked[place < size]]
        if size and self._ties(values[ranked], place, size):
            found = _heaped(
                here.tolist(), values.tolist(), group.tolist(), size, is_top=self.is_top
            )
            kept = np.array(found, np.intp)
        present = np.zeros(len(source.frame), np.bool_)
        present[kept] = True
        return Vector(source.frame, source.values, present, kept)

    @staticmethod
    def _ties(ranked: Floats, place: Ints, size: int) -> bool:
        """Whether two neighbours that are kept, or the last one kept and the next, are equal."""
        before, after = ranked[:-1], ranked[1:]
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        return bool((same & (place[1:] > 0) & (place[1:] <= size)).any())


def _heaped(
    here: Sequence[int], values: Sequence[float], group: Sequence[int], size: int, *, is_top: bool
) -> list[int]:
    """The elements each group's heap keeps, best first: equals stand as the heap leaves them."""
    heaps: dict[int, list[tuple[float, int]]] = {}
    for index, value, number in zip(here, values, group, strict=True):
        heap = heaps.setdefault(number, [])
        rank = value if is_top else -value
        if len(heap) < size:
            heap.append((rank, index))
            _rise(heap)
        elif heap[0][0] < rank or (heap[0][0] != heap[0][0] and rank == rank):  # noqa: PLR0124  NaN
            heap[0] = (rank, index)
            _sink(heap)
    return [index for number in sorted(heaps) for _, index in _descending(heaps[number])]


def _descending(heap: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Sort by insertion, as Go does with few elements."""
    for end in range(1, len(heap)):
        at = end
        while at and _below(heap[at - 1], heap[at]):
            heap[at - 1], heap[at] = heap[at], heap[at - 1]
            at -= 1
    return heap


def _below(a: tuple[float, int], b: tuple[float, int]) -> bool:
    return a[0] != a[0] or a[0] < b[0]


def _rise(heap: list[tuple[float, int]]) -> None:
    """Move the last element up, as Go's container/heap does."""
    at = len(heap) - 1
    while at and _below(heap[at], heap[(at - 1) // 2]):
        parent = (at - 1) // 2
        heap[at], heap[parent] = heap[parent], heap[at]
        at = parent


def _sink(heap: list[tuple[float, int]]) -> None:
    """Move the first element down."""
    at = 0
    while (child := 2 * at + 1) < len(heap):
        if child + 1 < len(heap) and _below(heap[child + 1], heap[child]):
            child += 1
        if not _below(heap[child], heap[at]):
            return
        heap[at], heap[child] = heap[child], heap[at]
        at = child


@dataclass(frozen=True)
class CountValues(VectorExpr):
    """`count_values("label", ...)`: how many elements of each group have each value."""

    label: StringExpr
    expr: VectorExpr
    by: By

    def vector(self, moment: Moment) -> Vector:
        if not self.label.value or any("\udc80" <= c <= "\udcff" for c in self.label.value):
            raise QueryError(f"invalid label name {go_quoted(self.label.value)}")
        counted: dict[Labels, int] = {}
        # The new label is set first: `without` may take it away again.
        kept = self.by
        if not kept.is_without:
            kept = By((*kept.labels, self.label.value))
        for labels, value in self.expr.vector(moment).samples():
            key = kept.of(labels_of(dict(labels) | {self.label.value: _plain(value)}))
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
    return format(Decimal(repr(value)), "f").removesuffix(".0")
