"""Windows: the samples of each series in a left-open range, as columns of one table."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simulator.instruments.promql.values import Vector
from simulator.instruments.series.block import Bools, Floats, Ints, is_marker
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.pieces import Part
from simulator.instruments.series.store import Selection

Span = tuple[int, int, int]
"""Start, end and the instant asked about, in milliseconds."""

_Cell = TypeVar("_Cell", bound=np.generic)


class Window:
    """Samples in (start, end], oldest first.

    `values` has shape (rows, series); a series fills its first `counts` rows and the rest means
    nothing. `first_at` and `last_at` are its first and last times in milliseconds. `evaluated_ms`
    is the instant asked about, which an offset moves away from `end_ms`.
    """

    __slots__ = (
        "_derived", "_times", "counts", "end_ms", "evaluated_ms", "first_at", "frame", "is_full",
        "last_at", "shared", "start_ms", "values",
    )  # fmt: skip

    def __init__(
        self, frame: Frame, values: Floats, times: Callable[[], Ints], counts: Ints, span: Span
    ) -> None:
        self.frame, self.values, self.counts = frame, values, counts
        self.start_ms, self.end_ms, self.evaluated_ms = span
        self.is_full = bool((counts == len(values)).all())
        self.first_at: Ints = np.zeros(0, np.int64)
        self.last_at: Ints = np.zeros(0, np.int64)
        self._times: Ints | Callable[[], Ints] = times
        # Worked out from counts and edge times alone; windows that agree on these have the same.
        self.shared: dict[Hashable, object] = {}
        self._derived: dict[Hashable, Vector] = {}

    @property
    def times(self) -> Ints:
        """Every sample's time in milliseconds, shape (rows, series); made when asked for."""
        if callable(self._times):
            self._times = self._times()
        return self._times

    def mask(self) -> Bools:
        """Which cells hold samples, shape (rows, series)."""
        held: Bools = np.arange(len(self.values))[:, None] < self.counts
        return held

    def derive(self, key: Hashable, make: Callable[[], Vector]) -> Vector:
        """Work a vector out from the window, once; the key must name it fully."""
        if key not in self._derived:
            self._derived[key] = make()
        return self._derived[key]

    def last(self, back: int = 0) -> Floats:
        """Each series' last value, or the one `back` before it.

        Series without so many samples get their first row's content, which means nothing.
        """
        return self._row_from_end(self.values, back)

    def last_time(self, back: int = 0) -> Ints:
        """When that value was sampled."""
        return self._row_from_end(self.times, back)

    def _row_from_end(self, table: npt.NDArray[_Cell], back: int) -> npt.NDArray[_Cell]:
        row: npt.NDArray[_Cell] = table[max(len(table) - 1 - back, 0)]
        if not self.is_full:
            row = table[np.maximum(self.counts - 1 - back, 0), np.arange(len(self.counts))]
        return row


def collect(selection: Selection, after_ms: int, until_ms: int, evaluated_ms: int) -> Window:
    """Gather the samples of a selection with after < t <= until, without stale markers."""
    parts = [(piece.part(after_ms, until_ms), out) for piece, out in selection.pieces]
    span = (after_ms, until_ms, evaluated_ms)
    if len(parts) == 1 and len(parts[0][0].values):
        part = parts[0][0]
    else:
        part = _merged(parts, len(selection.frame))
    window = Window(selection.frame, part.values, part.times, part.counts, span)
    window.first_at, window.last_at, window.shared = part.first_at, part.last_at, part.shared
    return _without_markers(window) if part.marked else window


def _merged(parts: Sequence[tuple[Part, slice]], size: int) -> Part:
    """Put the parts of several storages side by side."""
    # One row at least, so that "the first sample" can be read before it is masked away.
    height = max([len(part.values) for part, _ in parts], default=1) or 1
    values = np.zeros((height, size))
    counts, first, last = np.zeros((3, size), np.int64)
    for part, out in parts:
        values[: len(part.values), out] = part.values
        counts[out], first[out], last[out] = part.counts, part.first_at, part.last_at

    def times() -> Ints:
        stamps = np.zeros(values.shape, np.int64)
        for part, out in parts:
            stamps[: len(part.values), out] = part.times()
        return stamps

    return Part(values, counts, first, last, times, any(part.marked for part, _ in parts), {})


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
    times: Ints = np.broadcast_to(stamps[:, None], shape)
    return _packed(frame, values, times, held, (start_ms, end_ms, at_ms))


def _common_frame(vectors: Sequence[Vector]) -> Frame:
    first = vectors[0].frame if vectors else Frame(())
    if all(vector.frame is first for vector in vectors) and not first.repeats:
        return first
    return Frame(tuple(dict.fromkeys(s.labels for v in vectors for s in v.samples())))


def _without_markers(window: Window) -> Window:
    held = window.mask() & ~is_marker(window.values)
    if (held.sum(axis=0) == window.counts).all():
        return window
    span = (window.start_ms, window.end_ms, window.evaluated_ms)
    return _packed(window.frame, window.values, window.times, held, span)


def _packed(frame: Frame, values: Floats, times: Ints, held: Bools, span: Span) -> Window:
    """Move the cells that hold samples to the top of their columns, in order."""
    if not held.all():
        order = np.argsort(~held, axis=0, kind="stable")
        values = np.take_along_axis(values, order, axis=0)
        times = np.take_along_axis(times, order, axis=0)
    counts = held.sum(axis=0).astype(np.int64)
    window = Window(frame, values, lambda: times, counts, span)
    window.first_at, window.last_at = times[0], window.last_time()
    return window
