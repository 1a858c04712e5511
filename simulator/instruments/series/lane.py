"""Lanes: the blocks of all targets side by side in one table, so that a look costs one copy.

Row after row is filled as scrapes come in. A block's sample goes into the newest row, or opens the
next one when it is there already, so a row holds about one round of scrapes whatever the targets'
offsets. Each block's times stand in a column of `stamps`: before its first sample `PAST`, after
its last `FUTURE`, and in a row it missed the time of the row before, with absent cells.
"""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simulator.errors import InvariantViolated
from simulator.instruments.series.block import ABSENT, STALE, Floats, Ints, is_marker
from simulator.instruments.series.labels import Labels, labels_of

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
        self.stamps: Ints = np.full((_FIRST, _FIRST), FUTURE, np.int64)
        self.marked: Ints = np.full(_FIRST, PAST, np.int64)
        self.greatest: list[int] = []
        self.least: list[int] = []
        self.labels: list[Labels] = []
        self.owners: list[int] = []
        self.blocks = 0
        self.samples = 0
        self.recent: dict[tuple[int, ...], Recent] = {}  # by the blocks of the columns looked at

    def open(self, labels: Sequence[Labels]) -> "LaneBlock":
        """Give a new block its columns."""
        block = LaneBlock(self, self.blocks, len(self.labels), [labels_of(x) for x in labels])
        if len(set(block.labels)) < len(block.labels):
            raise InvariantViolated("a series is twice in one block")
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
        self._fit(newest + 2, len(self.labels), self.blocks)
        self.greatest.append(self.greatest[-1] if self.greatest else PAST)
        self.least.append(FUTURE)
        return newest + 1

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

    def _fit(self, rows: int, columns: int, blocks: int) -> None:
        self.values = _grown(self.values, (rows, columns), ABSENT)
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
        found: Floats = self._lane.values[self._filled, columns]
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
        lane.values[row, columns] = values
        lane.stamps[row, number] = t_ms
        lane.bound(t_ms)
        lane.samples += 1
        written = lane.values[row, columns]
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
