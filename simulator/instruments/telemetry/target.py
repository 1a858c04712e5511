"""One scrape target: how a row of the plant becomes a row of samples, worked out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.instruments.series.labels import NAME, Labels, go_float, labels_of
from simulator.instruments.telemetry.exporters import Exporter


@dataclass(frozen=True, slots=True)
class Plan:
    """Labels of a target's series, and the gathers that fill a row of them.

    A row is the probe columns times their scales, then constants, then for every histogram its
    cumulative buckets, its count and, where kept, its sum.
    """

    labels: tuple[Labels, ...]
    columns: NDArray[np.intp]
    scales: NDArray[np.float64]
    constants: NDArray[np.float64]
    histograms: tuple[tuple[int, int, int, float], ...]  # first bucket, buckets, sum column, scale

    def row(self, values: NDArray[np.int64], buckets: NDArray[np.int64]) -> NDArray[np.float64]:
        """Samples of one scrape, in the order of `labels`."""
        parts = [values[self.columns] * self.scales, self.constants]
        for first, size, column, scale in self.histograms:
            cumulative = np.cumsum(buckets[first : first + size]).astype(np.float64)
            parts += [cumulative, cumulative[-1:]]
            if column >= 0:
                parts.append(np.array([values[column] * scale]))
        return np.concatenate(parts)


def plan(exporter: Exporter, base: Mapping[str, str], bounds_s: Sequence[Sequence[float]]) -> Plan:
    """Work out the series of one target; `bounds_s` are its histograms' bounds without +Inf."""
    names: list[Labels] = [
        labels_of({**base, NAME: m.name, **dict(m.labels)}) for m in exporter.metrics
    ]
    names += [labels_of({**base, NAME: name}) for name, _ in exporter.constants]
    sizes = [len(b) + 1 if b else 0 for b in bounds_s]
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    histograms = []
    for h in exporter.histograms:
        bounds = [go_float(b * h.bounds_scale) for b in bounds_s[h.place]] + ["+Inf"]
        names += [labels_of({**base, NAME: f"{h.name}_bucket", "le": bound}) for bound in bounds]
        names.append(labels_of({**base, NAME: f"{h.name}_count"}))
        if h.sum_column is not None:
            names.append(labels_of({**base, NAME: f"{h.name}_sum"}))
        column = -1 if h.sum_column is None else int(h.sum_column)
        histograms.append((starts[h.place], sizes[h.place], column, h.sum_scale))
    return Plan(
        tuple(names),
        np.array([m.column for m in exporter.metrics], np.intp),
        np.array([m.scale for m in exporter.metrics]),
        np.array([value for _, value in exporter.constants]),
        tuple(histograms),
    )
