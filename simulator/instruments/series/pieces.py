"""Pieces of a selection: how the samples of one block, or of one lane's blocks, are looked at."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from simulator.instruments.series.block import (
    ABSENT_BITS,
    Block,
    Bools,
    Floats,
    Index,
    Ints,
    is_marker,
)
from simulator.instruments.series.lane import PAST, Lane


class Newest(NamedTuple):
    """The newest sample of each column: value, time in milliseconds, and whether it is one."""

    values: Floats
    times: Ints
    present: Bools


class Part(NamedTuple):
    """The samples of a range: columns filled from the top, with counts and their edge times.

    `marked` says that markers may be among them.
    """

    values: Floats
    counts: Ints
    first_at: Ints
    last_at: Ints
    times: Callable[[], Ints]
    marked: bool


class Piece(Protocol):
    """Some columns of one storage."""

    def samples(self) -> int:
        """How much has been written; grows with every row."""

    def newest(self, after_ms: int, until_ms: int) -> Newest:
        """Each column's newest sample in the left-open range."""

    def part(self, after_ms: int, until_ms: int) -> Part:
        """All samples in the left-open range."""


class BlockPiece:
    """Some columns of a block of its own."""

    def __init__(self, block: Block, columns: Sequence[int]) -> None:
        self._block, self._columns, self._size = block, index(columns), len(columns)

    def samples(self) -> int:
        return len(self._block.times)

    def newest(self, after_ms: int, until_ms: int) -> Newest:
        block = self._block
        low, high = block.rows(after_ms, until_ms)
        if low == high:
            nothing = np.zeros(self._size, np.int64)
            return Newest(nothing.astype(np.float64), nothing, nothing.astype(np.bool_))
        if block.marked_ms <= after_ms:
            times = np.full(self._size, block.times[high - 1], np.int64)
            return Newest(block.row(high - 1, self._columns), times, np.ones(self._size, np.bool_))
        times = np.broadcast_to(block.stamps[low:high, None], (high - low, self._size))
        return _last_written(block.table(low, high, self._columns), times)

    def part(self, after_ms: int, until_ms: int) -> Part:
        block = self._block
        low, high = block.rows(after_ms, until_ms)
        shape = (high - low, self._size)
        counts = np.full(self._size, high - low, np.int64)
        first = np.full(self._size, block.times[low] if high > low else 0, np.int64)
        last = np.full(self._size, block.times[high - 1] if high > low else 0, np.int64)
        stamps = block.stamps[low:high, None]
        values = block.table(low, high, self._columns)
        marked = high > low and block.marked_ms > after_ms
        return Part(values, counts, first, last, lambda: np.broadcast_to(stamps, shape), marked)


class LanePiece:
    """Some columns of a lane."""

    def __init__(self, lane: Lane, columns: Sequence[int]) -> None:
        self._lane, self._columns = lane, np.array(columns, np.intp)
        owners = [lane.owners[column] for column in columns]
        blocks = sorted(set(owners))
        place = {block: i for i, block in enumerate(blocks)}
        self._blocks = index(blocks)
        self._owner = np.array([place[owner] for owner in owners], np.intp)
        self._each = np.arange(len(blocks))

    def samples(self) -> int:
        return self._lane.samples

    def newest(self, after_ms: int, until_ms: int) -> Newest:
        lane = self._lane
        low, high = lane.rows(after_ms, until_ms)
        stamps = lane.stamps[low:high, self._blocks]
        if self._is_marked(after_ms):
            return self._newest_written(stamps, low, after_ms, until_ms)
        reached = (stamps <= until_ms).sum(axis=0)
        row = np.maximum(reached - 1, 0)
        at = stamps[row, self._each] if high > low else np.full(len(self._each), PAST)
        present = ((reached > 0) & (at > after_ms))[self._owner]
        rows = np.minimum(low + row, len(lane.values) - 1)[self._owner]
        return Newest(lane.values[rows, self._columns], at[self._owner], present)

    def part(self, after_ms: int, until_ms: int) -> Part:
        lane, owner = self._lane, self._owner
        low, high = lane.rows(after_ms, until_ms)
        stamps = lane.stamps[low:high, self._blocks]
        skipped = (stamps <= after_ms).sum(axis=0)
        counts = (stamps <= until_ms).sum(axis=0) - skipped
        height = int(counts.max(initial=0))
        if height == 0:
            nothing = np.zeros(len(owner), np.int64)
            empty = np.zeros((0, len(owner)))
            return Part(
                empty, nothing, nothing, nothing, lambda: empty.astype(np.int64), marked=False
            )
        last_row = len(stamps) - 1
        first = stamps[np.minimum(skipped, last_row), self._each]
        last = stamps[np.maximum(skipped + counts - 1, 0), self._each]
        rows = np.minimum(skipped + np.arange(height)[:, None], last_row)
        if (skipped == skipped[0]).all():
            start = low + int(skipped[0])
            values = lane.values[start : start + height, self._columns]
        else:
            values = lane.values[(low + rows)[:, owner], self._columns]
        each = self._each
        return Part(
            values,
            counts[owner],
            first[owner],
            last[owner],
            lambda: stamps[rows, each][:, owner],
            self._is_marked(after_ms),
        )

    def _is_marked(self, after_ms: int) -> bool:
        return bool((self._lane.marked[self._blocks] > after_ms).any())

    def _newest_written(self, stamps: Ints, low: int, after_ms: int, until_ms: int) -> Newest:
        times = stamps[:, self._owner]
        table = self._lane.values[low : low + len(stamps), self._columns]
        held = (times > after_ms) & (times <= until_ms)
        if not held.any():
            nothing = np.zeros(len(self._owner), np.int64)
            return Newest(nothing.astype(np.float64), nothing, nothing.astype(np.bool_))
        return _last_written(table, times, held)


def index(numbers: Sequence[int]) -> Index:
    """Prefer a slice, which copies nothing."""
    if numbers[-1] - numbers[0] + 1 == len(numbers):
        return slice(numbers[0], numbers[-1] + 1)
    return np.array(numbers, np.intp)


def _last_written(table: Floats, times: Ints, held: Bools | None = None) -> Newest:
    table = np.ascontiguousarray(table)
    written = table.view(np.int64) != ABSENT_BITS
    if held is not None:
        written &= held
    last = len(table) - 1 - np.argmax(written[::-1], axis=0)
    columns = np.arange(table.shape[1])
    newest = table[last, columns]
    return Newest(newest, times[last, columns], written.any(axis=0) & ~is_marker(newest))
