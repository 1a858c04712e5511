"""`histogram_quantile` over classic histograms: buckets found once, computed together."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from simulator.instruments.promql.nodes import ScalarExpr, VectorExpr
from simulator.instruments.promql.notes import Notes
from simulator.instruments.promql.quantiles import bucket_quantiles, falls
from simulator.instruments.promql.sums import added
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.series.block import Bools, Floats
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import NAME, Labels, go_float, value_of


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Histograms with the same bounds: where their buckets are, and where results go."""

    bounds: Floats
    buckets: npt.NDArray[np.intp]
    out: npt.NDArray[np.intp]
    is_distinct: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    frame: Frame
    batches: tuple[_Alike, ...]
    unbounded: tuple[int, ...]


@dataclass(frozen=True)
class HistogramQuantile(VectorExpr):
    """`histogram_quantile(q, buckets)`: one element per histogram, by all labels but `le`."""

    quantile: ScalarExpr
    expr: VectorExpr
    quantile_place: str
    place: str

    def vector(self, moment: Moment) -> Vector:
        quantile = self.quantile.scalar(moment)
        if moment.notes is not None and not 0 <= quantile <= 1:
            moment.notes.bad_quantile(go_float(quantile), self.quantile_place)
        source = self.expr.vector(moment)

        def compute(bounds: Floats, counts: Floats) -> Floats:
            return bucket_quantiles(quantile, bounds, counts)

        is_asked = 0 <= quantile <= 1
        found = histograms(source, compute, moment.notes, self.place, notes_order=is_asked)
        return moment.collide(self, found)


Compute = Callable[[Floats, Floats], Floats]
"""From bounds and cumulative counts to one value per histogram."""


def histograms(
    source: Vector, compute: Compute, notes: Notes | None, place: str, *, notes_order: bool = False
) -> Vector:
    """Compute one element per classic histogram in a vector of buckets.

    `notes_order` says that counts which fall are remarked.
    """
    layout = source.frame.derive("histograms", _laid_out)
    values = np.zeros(len(layout.frame))
    present = np.zeros(len(layout.frame), np.bool_)
    if notes is not None:
        _remark(source, layout, notes, place, notes_order=notes_order)
    if not np.count_nonzero(source.present):
        return Vector(layout.frame, values, present)
    for batch in layout.batches:
        here = source.present[batch.buckets]
        if batch.is_distinct and np.count_nonzero(here) == here.size:
            values[batch.out] = compute(batch.bounds, source.values[batch.buckets])
            present[batch.out] = True
            continue
        whole = here.all(axis=1) & batch.is_distinct
        counts = source.values[batch.buckets[whole]]
        values[batch.out[whole]] = compute(batch.bounds, counts)
        present[batch.out] = here.any(axis=1)
        for row in np.flatnonzero(present[batch.out] & ~whole).tolist():
            bounds, merged = _partial(batch, row, source, here[row])
            values[batch.out[row]] = compute(bounds, merged[None, :])[0]
    return Vector(layout.frame, values, present)


def _partial(batch: _Alike, row: int, source: Vector, here: Bools) -> tuple[Floats, Floats]:
    """One histogram with buckets missing, or with one bound written in two ways."""
    counts = source.values[batch.buckets[row][here]]
    bounds, which = np.unique(batch.bounds[here], return_inverse=True)
    return bounds, added(counts, which, len(bounds))


def _remark(
    source: Vector, layout: _Layout, notes: Notes, place: str, *, notes_order: bool
) -> None:
    for index in layout.unbounded:
        if source.present[index]:
            labels = source.frame.labels[index]
            notes.bad_bound(value_of(labels, "le"), value_of(labels, NAME), place)
    for batch in layout.batches if notes_order else ():
        for row, buckets in enumerate(batch.buckets):
            here = source.present[buckets]
            bounds, counts = _partial(batch, row, source, here)
            if len(bounds) > 1 and bounds[-1] == np.inf and falls(counts):
                named = source.frame.labels[int(buckets[here][0])]
                notes.forced_monotonic([value_of(named, NAME)], place)


def _laid_out(frame: Frame) -> _Layout:
    found: dict[Labels, list[tuple[float, int]]] = {}
    unbounded: list[int] = []
    for index, labels in enumerate(frame.labels):
        bound = _number(value_of(labels, "le"))
        if bound is None:
            unbounded.append(index)
            continue
        # Two histograms whose names alone differ stay two, and then collide.
        key = tuple(pair for pair in labels if pair[0] != "le")
        found.setdefault(key, []).append((bound, index))
    batches: dict[tuple[float, ...], list[tuple[list[int], int]]] = {}
    for out, buckets in enumerate(found.values()):
        buckets.sort()
        bounds = tuple(bound for bound, _ in buckets)
        batches.setdefault(bounds, []).append(([index for _, index in buckets], out))
    return _Layout(
        frame.matched(tuple(found), drops=True),
        tuple(
            _Alike(
                np.array(bounds),
                np.array([indices for indices, _ in members], np.intp),
                np.array([out for _, out in members], np.intp),
                all(low < high for low, high in pairwise(bounds)),
            )
            for bounds, members in batches.items()
        ),
        tuple(unbounded),
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
