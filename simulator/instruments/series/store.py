"""The series store: blocks of samples, and selections of them by label matchers."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar, cast

import numpy as np

from simulator.errors import InvariantViolated
from simulator.instruments.series.block import Block, Index
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import NAME, Labels, format_labels, normalised, value_of
from simulator.instruments.series.matchers import Matcher, match_all

_Made = TypeVar("_Made")


class Piece(NamedTuple):
    """The columns of one block that a selection takes, and where they go in its order."""

    block: Block
    columns: Index
    out: slice


class Selection:
    """The series that match, in the store's order: by block, then by column."""

    __slots__ = ("_recent", "frame", "pieces")

    def __init__(self, frame: Frame, pieces: tuple[Piece, ...]) -> None:
        self.frame = frame
        self.pieces = pieces
        self._recent: dict[Hashable, tuple[tuple[int, ...], object]] = {}

    def recall(self, slot: Hashable, at: tuple[int, ...], make: Callable[[], _Made]) -> _Made:
        """What was made last for a slot, when it was for the same instants and the same rows.

        Rules of one tick look at the same samples again and again; this makes them share.
        """
        known = (sum([len(piece.block.times) for piece in self.pieces]), *at)
        recent = self._recent.get(slot)
        if recent is None or recent[0] != known:
            recent = (known, make())
            self._recent[slot] = recent
        return cast("_Made", recent[1])


@dataclass(slots=True)
class _Cached:
    seen: int
    selection: Selection


class SeriesStore:
    """Every sample observed, by series. `version` counts series, so that readers can cache.

    Order is part of the promise: blocks come in the order they were made, columns in the order
    they were added, and sums over a selection follow that order.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.version = 0
        self._places: dict[Labels, tuple[int, int]] = {}
        self._by_name: dict[str, list[Labels]] = {}
        self._cache: dict[tuple[Matcher, ...], _Cached] = {}

    def block(self, labels: Sequence[Labels] = ()) -> Block:
        """Open a block for series that are written together; more columns may join later.

        Raises InvariantViolated when a series is stored already.
        """
        number = len(self.blocks)

        def joined(block: Block, column: int) -> None:
            self._join(number, block.labels[column], column)

        block = Block(labels, joined)
        self.blocks.append(block)
        return block

    def append(self, labels: Labels, t_ms: int, value: float) -> None:
        """Write one sample of one series that has a block of its own."""
        labels = normalised(labels)
        place = self._places.get(labels)
        block = self.block([labels]) if place is None else self.blocks[place[0]]
        if len(block.labels) != 1:
            raise InvariantViolated(f"series {format_labels(labels)} belongs to a block")
        block.append(t_ms, value)

    def has(self, labels: Labels) -> bool:
        """Say whether a series is stored."""
        return normalised(labels) in self._places

    def series(self) -> tuple[Labels, ...]:
        """Every series' labels, in the store's order."""
        return tuple(labels for block in self.blocks for labels in block.labels)

    def place(self, labels: Labels) -> tuple[Block, int] | None:
        """The block and column of a series, or nothing."""
        found = self._places.get(normalised(labels))
        return None if found is None else (self.blocks[found[0]], found[1])

    def names(self) -> tuple[str, ...]:
        """Every metric name, sorted."""
        return tuple(sorted(self._by_name))

    def select(self, matchers: tuple[Matcher, ...]) -> Selection:
        """Find the series that match; the same object as before while no candidate was added."""
        name = next((m.value for m in matchers if m.name == NAME and m.op == "="), None)
        seen = self.version if name is None else len(self._by_name.get(name, ()))
        cached = self._cache.get(matchers)
        if cached is not None and cached.seen == seen:
            return cached.selection
        candidates = self.series() if name is None else self._by_name.get(name, [])
        found = [labels for labels in candidates if match_all(matchers, labels)]
        if cached is None or len(found) != len(cached.selection.frame):
            cached = _Cached(seen, self._selection(found))
            self._cache[matchers] = cached
        cached.seen = seen
        return cached.selection

    def _join(self, number: int, labels: Labels, column: int) -> None:
        if labels in self._places:
            raise InvariantViolated(f"series {format_labels(labels)} is stored already")
        self._places[labels] = (number, column)
        self._by_name.setdefault(value_of(labels, NAME), []).append(labels)
        self.version += 1

    def _selection(self, found: Iterable[Labels]) -> Selection:
        places = sorted(self._places[labels] for labels in found)
        labels = tuple(self.blocks[number].labels[column] for number, column in places)
        pieces: list[Piece] = []
        start = 0
        while start < len(places):
            number, end = places[start][0], start
            while end < len(places) and places[end][0] == number:
                end += 1
            columns = _index([column for _, column in places[start:end]])
            pieces.append(Piece(self.blocks[number], columns, slice(start, end)))
            start = end
        return Selection(Frame(labels), tuple(pieces))


def _index(columns: list[int]) -> Index:
    """Prefer a slice, which copies nothing."""
    if columns[-1] - columns[0] + 1 == len(columns):
        return slice(columns[0], columns[-1] + 1)
    return np.array(columns, np.intp)
