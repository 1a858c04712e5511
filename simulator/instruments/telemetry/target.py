"""One scrape target: how a row of the plant becomes a row of samples, worked out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.instruments.series.labels import NAME, Labels, go_float, labels_of
from simulator.instruments.telemetry.exporters.model import (
    Constant,
    Exporter,
    Metric,
    filled,
    shown_labels,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Labels of a target's series, and the one gather that fills a row of them.

    A row is the probe columns times their scales, then constants, then for every histogram its
    cumulative buckets, its count and, where kept, its sum. Each sample is a number at `upto` minus
    one at `less`, times a scale; see `fill`.
    """

    labels: tuple[Labels, ...]
    upto: NDArray[np.intp]
    less: NDArray[np.intp]
    scales: NDArray[np.float64]
    constants: slice
    constant_values: NDArray[np.float64]
    base: Mapping[str, str]  # what all of the target's series have
    sums: tuple[list[int], ...] = ()  # probe columns added up, put behind the plain ones

    def fill(
        self,
        made: NDArray[np.float64],
        values: NDArray[np.int64],
        buckets: NDArray[np.int64],
    ) -> None:
        """Write the samples of one scrape, in the order of `labels`."""
        # A zero, all buckets added up across histograms, then the probe columns. These are whole
        # numbers: what came before a histogram is taken off again exactly.
        if self.sums:
            values = np.concatenate((values, [values[columns].sum() for columns in self.sums]))
        counted = np.zeros(1 + len(buckets) + len(values), np.int64)
        buckets.cumsum(out=counted[1 : 1 + len(buckets)])
        counted[1 + len(buckets) :] = values
        np.multiply(counted[self.upto] - counted[self.less], self.scales, out=made)
        made[self.constants] = self.constant_values


def plan(
    exporter: Exporter,
    base: Mapping[str, str],
    bounds_s: Sequence[Sequence[float]],
    columns: int,
) -> Plan:
    """Work out the series of one target with so many probe columns.

    `bounds_s` are its histograms' bounds without +Inf.
    """
    shown = shown_labels(base)
    plain: list[Metric | Constant] = [*exporter.metrics, *exporter.constants]
    names: list[Labels] = [
        labels_of({**shown, NAME: each.name, **dict(filled(each.labels, base))}) for each in plain
    ]
    sizes = [len(b) + 1 if b else 0 for b in bounds_s]
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    probes = 1 + sum(sizes)
    sums = [[m.column, *m.and_columns] for m in exporter.metrics if m.and_columns]
    gathers = [
        (probes + (columns + sums.index([m.column, *m.and_columns]) if m.and_columns else m.column),
         0, m.scale)
        for m in exporter.metrics
    ]  # fmt: skip
    constants = slice(len(gathers), len(gathers) + len(exporter.constants))
    gathers += [(0, 0, 0.0) for _ in exporter.constants]
    for h in exporter.histograms:
        bounds = [go_float(b * h.bounds_scale) for b in bounds_s[h.place]] + ["+Inf"]
        own = {**shown, **dict(filled(h.labels, base))}
        names += [labels_of({**own, NAME: f"{h.name}_bucket", "le": bound}) for bound in bounds]
        names.append(labels_of({**own, NAME: f"{h.name}_count"}))
        if h.sum_column is not None:
            names.append(labels_of({**own, NAME: f"{h.name}_sum"}))
        before, size = starts[h.place], sizes[h.place]
        gathers += [(before + 1 + i, before, 1.0) for i in [*range(size), size - 1]]
        if h.sum_column is not None:
            gathers.append((probes + h.sum_column, 0, h.sum_scale))
    return Plan(
        tuple(names),
        np.array([upto for upto, _, _ in gathers], np.intp),
        np.array([less for _, less, _ in gathers], np.intp),
        np.array([scale for _, _, scale in gathers]),
        constants,
        np.array([each.value for each in exporter.constants]),
        shown,
        tuple(sums),
    )
