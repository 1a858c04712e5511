"""Writes what rules produce: one block per rule, with stale markers for what is gone."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from simulator.instruments.promql.values import Vector
from simulator.instruments.series.block import ABSENT, STALE, Block
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import NAME, Labels, labels_of
from simulator.instruments.series.store import SeriesStore


class RuleOutput:
    """The series one rule writes. A series that is not written again ends with a stale marker.

    A series that something else writes already is left alone and counted in `refused`, as
    Prometheus drops duplicate samples.
    """

    def __init__(self, store: SeriesStore) -> None:
        self.refused = 0
        self._store = store
        self._block: Block | None = None
        self._before: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._columns: tuple[Frame, npt.NDArray[np.intp]] | None = None

    def write_vector(self, t_ms: int, vector: Vector) -> None:
        """Write a vector whose frame carries the output labels already."""
        if self._columns is None or self._columns[0] is not vector.frame:
            # An element that has never existed gets no series: -2 means not looked up yet.
            self._columns = (vector.frame, np.full(len(vector.frame), -2, np.intp))
        columns = self._columns[1]
        here = np.flatnonzero(vector.present)
        for index in here[columns[here] == -2].tolist():  # noqa: PLR2004 - see above
            columns[index] = self._column(vector.frame.labels[index])
        self._write(t_ms, columns[here], vector.values[here])

    def write_samples(self, t_ms: int, samples: Sequence[tuple[Labels, float]]) -> None:
        """Write a few series by their labels."""
        columns = np.array([self._column(labels) for labels, _ in samples], np.intp)
        self._write(t_ms, columns, np.array([value for _, value in samples], np.float64))

    def _write(
        self, t_ms: int, columns: npt.NDArray[np.intp], values: npt.NDArray[np.float64]
    ) -> None:
        kept = columns >= 0
        self.refused += int(np.count_nonzero(~kept))
        columns, values = columns[kept], values[kept]
        if not len(columns) and not len(self._before):
            return
        block = self._opened()
        row = np.full(len(block.labels), ABSENT)
        row[self._before] = STALE
        row[columns] = values
        block.append(t_ms, row)
        self._before = columns

    def _column(self, labels: Labels) -> int:
        block = self._opened()
        if labels not in block.columns and self._store.has(labels):
            return -1
        return block.column(labels)

    def _opened(self) -> Block:
        if self._block is None:
            self._block = self._store.table()
        return self._block


def recorded(vector: Vector, name: str, labels: Labels) -> Vector:
    """A recording rule's result under its own name, with its labels set."""
    frame = vector.frame.derive(("recorded", name, labels), partial(_renamed, name, labels))
    return Vector(frame, vector.values, vector.present)


def _renamed(name: str, labels: Labels, frame: Frame) -> Frame:
    added = {**dict(labels), NAME: name}
    return Frame(tuple(labels_of({**dict(each), **added}) for each in frame.labels))
