"""Pieces of a selection: how the samples of one block, or of one lane's blocks, are looked at."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, Protocol, TypeVar, cast

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
from simulator.instruments.series.lane import PAST, Lane, Recent

_Made = TypeVar("_Made")


class Newest(NamedTuple):
    """The newest sample of each column: value, time in milliseconds, and whether it is one."""

    values: Floats
    times: Ints
    present: Bools


class Part(NamedTuple):
    """The samples of a range: columns filled from the top, with counts and their edge times.

    `marked` says that markers may be among them. `shared` remembers what was worked out from the
    counts and times alone: parts with the same ones have the same object.
    """

    values: Floats
    counts: Ints
    first_at: Ints
    last_at: Ints
    times: Callable[[], Ints]
    marked: bool
    shared: dict[Hashable, object]


class Spans(NamedTuple):
    """Where the samples of a range are in a lane: consecutive rows from `start`, or `rows`."""

    height: int
    start: int | None
    rows: Ints
    counts: Ints
    first_at: Ints
    last_at: Ints
    times: Callable[[], Ints]
    shared: dict[Hashable, object]


class Piece(Protocol):
    """Some columns of one storage."""

    def samples(self) -> int:
        """How much has been written; grows with every row."""

    def newest(self, after_ms: int, until_ms: int) -> Newest:
        """Each column's newest sample in the left-open range."""

    def part(self, after_ms: int, until_ms: int) -> Part:
        """All samples in the left-open range."""

    def cells(self, after_ms: int, until_ms: int) -> int:
        """At most how many samples that range holds."""


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

    def cells(self, after_ms: int, until_ms: int) -> int:
        low, high = self._block.rows(after_ms, until_ms)
        return (high - low) * self._size

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
        return Part(values, counts, first, last, lambda: np.broadcast_to(stamps, shape), marked, {})


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
        self._recent = lane.recent.setdefault(tuple(owners), Recent())

    def samples(self) -> int:
        return self._lane.samples

    def newest(self, after_ms: int, until_ms: int) -> Newest:
        lane = self._lane
        low, high = lane.rows(after_ms, until_ms)
        if self._is_marked(after_ms):
            stamps = lane.stamps[low:high, self._blocks]
            return self._newest_written(stamps, low, after_ms, until_ms)
        rows, at, present = self._recalled(("newest", after_ms, until_ms), self._last_rows)
        return Newest(lane.cells(rows, self._columns), at, present)

    def cells(self, after_ms: int, until_ms: int) -> int:
        low, high = self._lane.rows(after_ms, until_ms)
        return (high - low) * len(self._columns)

    def part(self, after_ms: int, until_ms: int) -> Part:
        spans = self._recalled(("part", after_ms, until_ms), self._spans)
        if spans.height == 0:
            values = np.zeros((0, len(self._owner)))
        elif spans.start is not None:
            values = self._lane.table(spans.start, spans.start + spans.height, self._columns)
        else:
            values = self._lane.cells(spans.rows, self._columns)
        return Part(
            values,
            spans.counts,
            spans.first_at,
            spans.last_at,
            spans.times,
            self._is_marked(after_ms),
            spans.shared,
        )

    def _recalled(self, key: tuple[str, int, int], make: Callable[[int, int], _Made]) -> _Made:
        """What depends on times only, shared by all pieces of the same blocks."""
        recent = self._recent
        if recent.samples != self._lane.samples:
            recent.samples = self._lane.samples
            recent.made.clear()
        if key not in recent.made:
            recent.made[key] = make(key[1], key[2])
        return cast("_Made", recent.made[key])

    def _last_rows(self, after_ms: int, until_ms: int) -> tuple[Ints, Ints, Bools]:
        """Each column's last row, its time, and whether it is in the range."""
        lane = self._lane
        low, high = lane.rows(after_ms, until_ms)
        stamps = lane.stamps[low:high, self._blocks]
        reached = (stamps <= until_ms).sum(axis=0)
        row = np.maximum(reached - 1, 0)
        at = stamps[row, self._each] if high > low else np.full(len(self._each), PAST)
        present = ((reached > 0) & (at > after_ms))[self._owner]
        rows = np.minimum(low + row, lane.last_place)[self._owner]
        return rows, at[self._owner], present

    def _spans(self, after_ms: int, until_ms: int) -> Spans:
        lane, owner, each = self._lane, self._owner, self._each
        low, high = lane.rows(after_ms, until_ms)
        stamps = lane.stamps[low:high, self._blocks]
        skipped = (stamps <= after_ms).sum(axis=0)
        counts = (stamps <= until_ms).sum(axis=0) - skipped
        height = int(counts.max(initial=0))
        if height == 0:
            nothing = np.zeros(len(owner), np.int64)
            empty = np.zeros((0, len(owner)), np.int64)
            return Spans(0, None, empty, nothing, nothing, nothing, lambda: empty, {})
        last_row = len(stamps) - 1
        first = stamps[np.minimum(skipped, last_row), each]
        last = stamps[np.maximum(skipped + counts - 1, 0), each]
        rows = np.minimum(skipped + np.arange(height)[:, None], last_row)
        is_even = (skipped == skipped[0]).all()
        return Spans(
            height,
            low + int(skipped[0]) if is_even else None,
            (low + rows)[:, owner],
            counts[owner],
            first[owner],
            last[owner],
            lambda: stamps[rows, each][:, owner],
            {},
        )

    def _is_marked(self, after_ms: int) -> bool:
        return bool((self._lane.marked[self._blocks] > after_ms).any())

    def _newest_written(self, stamps: Ints, low: int, after_ms: int, until_ms: int) -> Newest:
        times = stamps[:, self._owner]
        table = self._lane.table(low, low + len(stamps), self._columns)
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
