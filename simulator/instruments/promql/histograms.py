"""`histogram_quantile` over classic histograms: buckets found once, computed together."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from simulator.instruments.promql.nodes import ScalarExpr, VectorExpr
from simulator.instruments.promql.quantiles import bucket_quantiles
from simulator.instruments.promql.sums import added
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.series.block import Bools, Floats
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import NAME, Labels, value_of


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


@dataclass(frozen=True)
class HistogramQuantile(VectorExpr):
    """`histogram_quantile(q, buckets)`: one element per histogram, by all labels but `le`."""

    quantile: ScalarExpr
    expr: VectorExpr

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        layout = source.frame.derive("histograms", _laid_out)
        quantile = self.quantile.scalar(moment)
        values = np.zeros(len(layout.frame))
        present = np.zeros(len(layout.frame), np.bool_)
        if not np.count_nonzero(source.present):
            return Vector(layout.frame, values, present)
        for batch in layout.batches:
            here = source.present[batch.buckets]
            if batch.is_distinct and np.count_nonzero(here) == here.size:
                counts = source.values[batch.buckets]
                values[batch.out] = bucket_quantiles(quantile, batch.bounds, counts)
                present[batch.out] = True
                continue
            whole = here.all(axis=1) & batch.is_distinct
            counts = source.values[batch.buckets[whole]]
            values[batch.out[whole]] = bucket_quantiles(quantile, batch.bounds, counts)
            present[batch.out] = here.any(axis=1)
            for row in np.flatnonzero(present[batch.out] & ~whole).tolist():
                values[batch.out[row]] = _partial(quantile, batch, row, source, here[row])
        return Vector(layout.frame, values, present)


def _partial(quantile: float, batch: _Alike, row: int, source: Vector, here: Bools) -> float:
    """One histogram with buckets missing, or with one bound written in two ways."""
    counts = source.values[batch.buckets[row][here]]
    bounds, which = np.unique(batch.bounds[here], return_inverse=True)
    merged = added(counts, which, len(bounds))
    return float(bucket_quantiles(quantile, bounds, merged[None, :])[0])


def _laid_out(frame: Frame) -> _Layout:
    histograms: dict[Labels, list[tuple[float, int]]] = {}
    for index, labels in enumerate(frame.labels):
        bound = _number(value_of(labels, "le"))
        if bound is not None:
            key = tuple(pair for pair in labels if pair[0] not in ("le", NAME))
            histograms.setdefault(key, []).append((bound, index))
    batches: dict[tuple[float, ...], list[tuple[list[int], int]]] = {}
    for out, buckets in enumerate(histograms.values()):
        buckets.sort()
        bounds = tuple(bound for bound, _ in buckets)
        batches.setdefault(bounds, []).append(([index for _, index in buckets], out))
    return _Layout(
        Frame(tuple(histograms)),
        tuple(
            _Alike(
                np.array(bounds),
                np.array([indices for indices, _ in members], np.intp),
                np.array([out for _, out in members], np.intp),
                all(low < high for low, high in pairwise(bounds)),
            )
            for bounds, members in batches.items()
        ),
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
