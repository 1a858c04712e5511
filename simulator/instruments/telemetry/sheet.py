"""A target outside the plant: one row a scrape; series that vanish end with a stale marker."""

from collections.abc import Iterable, Mapping

import numpy as np

from simulator.instruments.series.block import ABSENT, STALE
from simulator.instruments.series.labels import NAME, labels_of
from simulator.instruments.series.store import SeriesStore

Sample = tuple[str, Mapping[str, str], float]
"""Metric name, labels beyond the target's own, value."""


class Sheet:
    """The series of one such target."""

    def __init__(self, store: SeriesStore, base: Mapping[str, str]) -> None:
        self._block, self._base = store.table(), base
        self._columns: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        self._shown: set[int] = set()

    def write(self, t_ms: int, samples: Iterable[Sample]) -> None:
        """Write everything the target shows at one instant."""
        found = {self._column(name, tuple(own.items())): value for name, own, value in samples}
        row = np.full(len(self._block.labels), ABSENT)
        row[sorted(self._shown - found.keys())] = STALE
        row[list(found)] = list(found.values())
        self._shown = set(found)
        self._block.append(t_ms, row)

    def _column(self, name: str, own: tuple[tuple[str, str], ...]) -> int:
        """Find a series' column; its labels are put together only once."""
        if (name, own) not in self._columns:
            full = labels_of({**self._base, NAME: name, **dict(own)})
            self._columns[name, own] = self._block.column(full)
        return self._columns[name, own]
