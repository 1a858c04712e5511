"""A block: the samples of one target's series, one row per scrape, one column per series."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simulator.errors import InvariantViolated
from simulator.instruments.series.labels import Labels, format_labels, labels_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Index = slice | npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

STALE_BITS = 0x7FF0000000000002
ABSENT_BITS = 0x7FF0000000000003
STALE: float = struct.unpack("<d", struct.pack("<Q", STALE_BITS))[0]
"""Prometheus's stale marker: the series ended here, on purpose."""
ABSENT: float = struct.unpack("<d", struct.pack("<Q", ABSENT_BITS))[0]
"""No sample in this row for this column; never leaves the store."""

_FIRST_ROWS = 64


def is_stale(values: Floats) -> Bools:
    """Say which values are stale markers; ordinary NaNs are not."""
    found: Bools = values.view(np.int64) == STALE_BITS
    return found


def is_marker(values: Floats) -> Bools:
    """Say which values are no samples: stale markers and absent cells."""
    bits = values.view(np.int64)
    found: Bools = (bits == STALE_BITS) | (bits == ABSENT_BITS)
    return found


class Block:
    """Series that are written together, growing by doubling.

    Times are whole milliseconds and only ascend. `marked_ms` is the last row holding a marker: a
    window that starts after it holds samples only, which readers use to skip looking for gaps.
    """

    __slots__ = ("_joined", "_stamps", "_values", "columns", "labels", "marked_ms", "times")

    def __init__(self, labels: Sequence[Labels], joined: Callable[["Block", int], None]) -> None:
        self.labels: list[Labels] = []
        self.columns: dict[Labels, int] = {}
        self.times: list[int] = []
        self.marked_ms = -(2**62)
        self._joined = joined
        self._stamps: Ints = np.zeros(_FIRST_ROWS, np.int64)
        self._values: Floats = np.full((_FIRST_ROWS, len(labels)), ABSENT)
        for each in labels:
            self._add(labels_of(each))

    def __len__(self) -> int:
        return len(self.times)

    @property
    def stamps(self) -> Ints:
        """Times in milliseconds, shape (rows,); a view."""
        return self._stamps[: len(self.times)]

    @property
    def values(self) -> Floats:
        """Samples and markers, shape (rows, columns); a view."""
        return self._values[: len(self.times), : len(self.labels)]

    def column(self, labels: Labels) -> int:
        """Find a series' column, adding it without samples when it is new."""
        labels = labels_of(labels)
        if labels not in self.columns:
            self._add(labels)
            if self.times:
                self.marked_ms = self.times[-1]
        return self.columns[labels]

    def append(self, t_ms: int, values: npt.ArrayLike) -> None:
        """Write one row: a value, STALE or ABSENT for each column."""
        row = self._new_row(t_ms)
        self._values[row, : len(self.labels)] = values
        written = self._values[row, : len(self.labels)]
        if np.isnan(written).any() and is_marker(written).any():
            self.marked_ms = t_ms

    def append_some(self, t_ms: int, columns: Sequence[int], values: npt.ArrayLike) -> None:
        """Write one row in which only some columns have a value."""
        row = np.full(len(self.labels), ABSENT)
        row[np.asarray(columns, np.intp)] = values
        self.append(t_ms, row)

    def mark_stale(self, t_ms: int) -> None:
        """End every series of the block here."""
        self.append(t_ms, np.full(len(self.labels), STALE))

    def newest(self, until_ms: int) -> int:
        """The last row with t <= until, or -1."""
        times = self.times
        if times and times[-1] <= until_ms:
            return len(times) - 1
        return bisect_right(times, until_ms) - 1

    def row(self, row: int, columns: Index) -> Floats:
        """One row of some columns; a view where possible."""
        return self._values[row, columns]

    def rows(self, after_ms: int, until_ms: int) -> tuple[int, int]:
        """Rows with after < t <= until, as a half-open range."""
        times = self.times
        high = self.newest(until_ms) + 1
        return bisect_right(times, after_ms, 0, high), high

    def table(self, low: int, high: int, columns: Index) -> Floats:
        """Rows low to high of some columns; a view where possible."""
        return self._values[low:high, columns]

    def _add(self, labels: Labels) -> None:
        if labels in self.columns:
            raise InvariantViolated(f"series {format_labels(labels)} is twice in one block")
        column = len(self.labels)
        self.columns[labels] = column
        self.labels.append(labels)
        if column >= self._values.shape[1]:
            wider = np.full((self._values.shape[0], max(4, 2 * column)), ABSENT)
            wider[:, :column] = self._values
            self._values = wider
        self._joined(self, column)

    def _new_row(self, t_ms: int) -> int:
        if self.times and t_ms <= self.times[-1]:
            raise InvariantViolated(f"a sample at {t_ms} ms follows one at {self.times[-1]} ms")
        row = len(self.times)
        if row == len(self._stamps):
            taller = np.full((2 * row, self._values.shape[1]), ABSENT)
            taller[:row] = self._values
            self._values = taller
            self._stamps = np.concatenate((self._stamps, np.zeros(row, np.int64)))
        self.times.append(t_ms)
        self._stamps[row] = t_ms
        return row
