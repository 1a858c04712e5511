"""Lanes: the blocks of all targets side by side in one table, so that a look costs one copy.

Row after row is filled as scrapes come in. A block's sample goes into the newest row, or opens the
next one when it is there already, so a row holds about one round of scrapes whatever the targets'
offsets. Each block's times stand in a column of `stamps`: before its first sample `PAST`, after
its last `FUTURE`, and in a row it missed the time of the row before, with absent cells.

Rows have numbers for good. Old ones are packed (`packed`); `values` begins with row `base`.
"""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simulator.errors import InvariantViolated
from simulator.instruments.series.block import ABSENT, STALE, Floats, Index, Ints, is_marker
from simulator.instruments.series.labels import Labels, labels_of
from simulator.instruments.series.packed import CHUNK_ROWS, KEPT_ROWS, Packed

PAST, FUTURE = -(2**62), 2**62

_FIRST = 64
_Cell = TypeVar("_Cell", bound=np.generic)


class Recent:
    """What was worked out from times alone since the last sample."""

    __slots__ = ("made", "samples")

    def __init__(self) -> None:
        self.samples = -1
        self.made: dict[Hashable, object] = {}


class Lane:
    """The table that blocks share. `greatest` and `least` bound each row's times.

    They are kept ascending, so that a bisection finds rows enough for any range.
    """

    def __init__(self) -> None:
        self.values: Floats = np.full((_FIRST, _FIRST), ABSENT)
        self.base = 0
        self.stamps: Ints = np.full((_FIRST, _FIRST), FUTURE, np.int64)
        self.marked: Ints = np.full(_FIRST, PAST, np.int64)
        self.greatest: list[int] = []
        self.least: list[int] = []
        self.labels: list[Labels] = []
        self.owners: list[int] = []
        self.blocks = 0
        self.samples = 0
        self.recent: dict[tuple[int, ...], Recent] = {}  # by the blocks of the columns looked at
        self._packed = Packed()
        self._starts: list[int] = []  # of each block, its first column

    def open(self, labels: Sequence[Labels]) -> "LaneBlock":
        """Give a new block its columns."""
        block = LaneBlock(self, self.blocks, len(self.labels), [labels_of(x) for x in labels])
        if len(set(block.labels)) < len(block.labels):
            raise InvariantViolated("a series is twice in one block")
        self._starts.append(len(self.labels))
        self.labels += block.labels
        self.owners += [self.blocks] * len(labels)
        self.blocks += 1
        self._fit(len(self.greatest), len(self.labels), self.blocks)
        return block

    def row_for(self, last: int) -> int:
        """The row a block writes next: the newest, or one more when it is there already."""
        newest = len(self.greatest) - 1
        if last < newest:
            return newest
        if newest + 1 - self.base == KEPT_ROWS + CHUNK_ROWS:
            self._pack()
        self._fit(newest + 2, len(self.labels), self.blocks)
        self.greatest.append(self.greatest[-1] if self.greatest else PAST)
        self.least.append(FUTURE)
        return newest + 1

    @property
    def last_place(self) -> int:
        """The last row there is room for."""
        return self.base + len(self.values) - 1

    def bound(self, t_ms: int) -> None:
        """Keep the newest row's bounds, and the order of bounds when samples come out of order."""
        self.greatest[-1] = max(self.greatest[-1], t_ms)
        row = len(self.least) - 1
        while row >= 0 and self.least[row] > t_ms:
            self.least[row] = t_ms
            row -= 1

    def rows(self, after_ms: int, until_ms: int) -> tuple[int, int]:
        """Rows enough to hold every sample with after < t <= until."""
        low = bisect_right(self.greatest, after_ms)
        return low, max(low, bisect_right(self.least, until_ms))

    def table(self, low: int, high: int, columns: Index) -> Floats:
        """Rows low to high of some columns; a view where possible."""
        if low >= self.base:
            return self.values[low - self.base : high - self.base, columns]
        wanted = np.arange(len(self.labels))[columns]
        found = np.full((high - low, len(wanted)), ABSENT)
        owners = np.array(self.owners, np.intp)[wanted]
        for chunk in range(low // CHUNK_ROWS, min(-(-high // CHUNK_ROWS), self.base // CHUNK_ROWS)):
            first = chunk * CHUNK_ROWS
            start, stop = max(low, first), min(high, first + CHUNK_ROWS)
            for number in np.unique(owners).tolist():
                rows = self._packed.get(chunk, number)
                if rows is not None:
                    here = np.flatnonzero(owners == number)
                    own = wanted[here] - self._starts[number]
                    found[start - low : stop - low, here] = rows[start - first : stop - first, own]
        if high > self.base:
            found[self.base - low :] = self.values[: high - self.base, columns]
        return found

    def cells(self, rows: Ints, columns: Ints) -> Floats:
        """The cells at some rows of each column; the last axis of `rows` is that of `columns`."""
        if self.base == 0:
            return self.values[rows, columns]
        if not rows.size or rows.min() >= self.base:
            return self.values[rows - self.base, columns]
        low = int(rows.min())
        table = self.table(low, int(rows.max()) + 1, columns)
        found: Floats = table[rows - low, np.arange(len(columns))]
        return found

    def _pack(self) -> None:
        """Pack the oldest rows that are not packed yet."""
        chunk, ends = self.base // CHUNK_ROWS, [*self._starts[1:], len(self.labels)]
        for number, (start, end) in enumerate(zip(self._starts, ends, strict=True)):
            self._packed.put(chunk, number, self.values[:CHUNK_ROWS, start:end])
        self.values[:-CHUNK_ROWS] = self.values[CHUNK_ROWS:].copy()
        self.values[-CHUNK_ROWS:] = ABSENT
        self.base += CHUNK_ROWS

    def _fit(self, rows: int, columns: int, blocks: int) -> None:
        self.values = _grown(self.values, (rows - self.base, columns), ABSENT)
        self.stamps = _grown(self.stamps, (rows, blocks), FUTURE)
        self.marked = _grown(self.marked, (blocks,), PAST)


class LaneBlock:
    """The samples of one target's series in a lane: one row per scrape, fixed columns."""

    __slots__ = ("_filled", "_lane", "_number", "labels", "start", "times")

    def __init__(self, lane: Lane, number: int, start: int, labels: list[Labels]) -> None:
        self.labels = labels
        self.start = start
        self.times: list[int] = []
        self._lane, self._number = lane, number
        self._filled: list[int] = []

    def __len__(self) -> int:
        return len(self.times)

    @property
    def marked_ms(self) -> int:
        """The last row that holds a marker or follows a missed one."""
        return int(self._lane.marked[self._number])

    @property
    def stamps(self) -> Ints:
        """Times in milliseconds, shape (rows,); a copy."""
        return np.array(self.times, np.int64)

    @property
    def values(self) -> Floats:
        """Samples and markers, shape (rows, columns); a copy."""
        columns = slice(self.start, self.start + len(self.labels))
        filled = np.array(self._filled, np.intp)
        found: Floats = self._lane.table(0, int(filled.max(initial=-1)) + 1, columns)[filled]
        return found

    def append(self, t_ms: int, values: npt.ArrayLike) -> None:
        """Write one scrape: a value or STALE for each column."""
        lane, number = self._lane, self._number
        if self.times and t_ms <= self.times[-1]:
            raise InvariantViolated(f"a sample at {t_ms} ms follows one at {self.times[-1]} ms")
        last = self._filled[-1] if self._filled else -1
        row = lane.row_for(last)
        if row > last + 1:
            lane.stamps[last + 1 : row, number] = self.times[-1] if self.times else PAST
            lane.marked[number] = t_ms if self.times else PAST
        columns = slice(self.start, self.start + len(self.labels))
        place = row - lane.base
        lane.values[place, columns] = values
        lane.stamps[row, number] = t_ms
        lane.bound(t_ms)
        lane.samples += 1
        written = lane.values[place, columns]
        greatest = np.maximum.reduce(written, initial=-np.inf)
        # Markers are NaNs, and the maximum of anything with a NaN is one.
        if greatest != greatest and is_marker(written).any():  # noqa: PLR0124 - only NaN differs
            lane.marked[number] = t_ms
        self.times.append(t_ms)
        self._filled.append(row)

    def mark_stale(self, t_ms: int) -> None:
        """End every series of the block here."""
        self.append(t_ms, np.full(len(self.labels), STALE))


def _grown(table: npt.NDArray[_Cell], wanted: tuple[int, ...], filler: float) -> npt.NDArray[_Cell]:
    """The table itself, or a copy with room, doubled where it was too small."""
    pairs = zip(wanted, table.shape, strict=True)
    shape = tuple(has if need <= has else max(need, 2 * has) for need, has in pairs)
    if shape == table.shape:
        return table
    bigger = np.full(shape, filler, table.dtype)
    bigger[tuple(slice(0, has) for has in table.shape)] = table
    return bigger
