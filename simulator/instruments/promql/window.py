"""Windows: the samples of each series in a left-open range, as columns of one table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.instruments.promql.values import Vector
from simulator.instruments.series.block import Bools, Floats, Ints, is_marker
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.store import Selection


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Samples in (start, end], oldest first.

    `values` and `times` (milliseconds) have shape (rows, series); a series fills its first
    `counts` rows and the rest means nothing. `evaluated_ms` is the instant asked about, which an
    offset moves away from `end_ms`.
    """

    frame: Frame
    values: Floats
    times: Ints
    counts: Ints
    start_ms: int
    end_ms: int
    evaluated_ms: int

    @property
    def is_full(self) -> bool:
        """Whether every series fills every row."""
        return bool((self.counts == len(self.values)).all())

    def mask(self) -> Bools:
        """Which cells hold samples, shape (rows, series)."""
        held: Bools = np.arange(len(self.values))[:, None] < self.counts
        return held

    def last(self, back: int = 0) -> tuple[Floats, Ints]:
        """Values and times of each series' last sample, or of one `back` from it.

        Series without so many samples get their first row's content, which means nothing.
        """
        if self.is_full:
            row = max(len(self.values) - 1 - back, 0)
            return self.values[row], self.times[row]
        rows = np.maximum(self.counts - 1 - back, 0)
        columns = np.arange(len(self.counts))
        return self.values[rows, columns], self.times[rows, columns]


def collect(selection: Selection, after_ms: int, until_ms: int, evaluated_ms: int) -> Window:
    """Gather the samples of a selection with after < t <= until, without stale markers."""
    spans = [(piece, *piece.block.rows(after_ms, until_ms)) for piece in selection.pieces]
    rows = max((high - low for _, low, high in spans), default=0)
    # One row at least, so that "the first sample" can be read before it is masked away.
    values = np.zeros((max(rows, 1), len(selection.frame)))
    times = np.zeros(values.shape, np.int64)
    counts = np.zeros(len(selection.frame), np.int64)
    marked = False
    for (block, columns, out), low, high in spans:
        count = high - low
        values[:count, out] = block.values[low:high, columns]
        times[:count, out] = block.stamps[low:high, None]
        counts[out] = count
        marked = marked or (count > 0 and block.marked_ms > after_ms)
    window = Window(selection.frame, values, times, counts, after_ms, until_ms, evaluated_ms)
    return _without_markers(window) if marked else window


def stack(
    vectors: Sequence[Vector], instants: Sequence[int], start_ms: int, end_ms: int, at_ms: int
) -> Window:
    """Lay vectors evaluated at successive instants out as a window, as a subquery does."""
    frame = _common_frame(vectors)
    shape = (max(len(vectors), 1), len(frame))
    values, held = np.zeros(shape), np.zeros(shape, np.bool_)
    for row, vector in enumerate(vectors):
        if vector.frame is frame:
            values[row], held[row] = vector.values, vector.present
            continue
        columns = {labels: i for i, labels in enumerate(frame.labels)}
        for labels, value in vector.samples():
            values[row, columns[labels]], held[row, columns[labels]] = value, True
    stamps = np.array(instants or (0,), np.int64)
    times = np.broadcast_to(stamps[:, None], shape)
    counts = np.full(len(frame), len(vectors), np.int64)
    window = Window(frame, values, times, counts, start_ms, end_ms, at_ms)
    return window if held.all() else _packed(window, held)


def _common_frame(vectors: Sequence[Vector]) -> Frame:
    first = vectors[0].frame if vectors else Frame(())
    if all(vector.frame is first for vector in vectors) and not first.repeats:
        return first
    return Frame(tuple(dict.fromkeys(s.labels for v in vectors for s in v.samples())))


def _without_markers(window: Window) -> Window:
    held = window.mask() & ~is_marker(window.values)
    return window if (held.sum(axis=0) == window.counts).all() else _packed(window, held)


def _packed(window: Window, held: Bools) -> Window:
    """Move the cells that hold samples to the top of their columns, in order."""
    order = np.argsort(~held, axis=0, kind="stable")
    values = np.take_along_axis(window.values, order, axis=0)
    times = np.take_along_axis(window.times, order, axis=0)
    counts = held.sum(axis=0).astype(np.int64)
    return Window(
        window.frame, values, times, counts, window.start_ms, window.end_ms, window.evaluated_ms
    )
