"""The series store: blocks of samples, and selections of them by label matchers."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar, cast

from simulator.errors import InvariantViolated
from simulator.instruments.series.block import Block, Floats
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import NAME, Labels, format_labels, labels_of, value_of
from simulator.instruments.series.lane import Lane, LaneBlock
from simulator.instruments.series.matchers import Matcher, match_all
from simulator.instruments.series.past import PastPiece
from simulator.instruments.series.pieces import BlockPiece, LanePiece, Piece

_Made = TypeVar("_Made")


class Selection:
    """The series that match, in the store's order; each piece has a slice of that order."""

    __slots__ = ("_recent", "frame", "pieces")

    def __init__(self, frame: Frame, pieces: tuple[tuple[Piece, slice], ...]) -> None:
        self.frame = frame
        self.pieces = pieces
        self._recent: dict[Hashable, tuple[tuple[int, ...], object]] = {}

    def recall(self, slot: Hashable, at: tuple[int, ...], make: Callable[[], _Made]) -> _Made:
        """What was made last for a slot, when it was for the same instants and the same rows.

        Rules of one tick look at the same samples again and again; this makes them share.
        """
        known = (sum([piece.samples() for piece, _ in self.pieces]), *at)
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

    Order is part of the promise: storages (the lane of all scraped blocks, then blocks of their
    own) come in the order they were made, columns in the order they were added, and sums over a
    selection follow that order.
    """

    def __init__(self) -> None:
        self.blocks: list[Block | LaneBlock] = []
        self.version = 0
        self.past: Block | None = None
        self._lane = Lane()
        self._storages: list[Lane | Block] = [self._lane]
        self._places: dict[Labels, tuple[int, int]] = {}
        self._by_name: dict[str, list[Labels]] = {}
        self._cache: dict[tuple[Matcher, ...], _Cached] = {}

    def block(self, labels: Sequence[Labels]) -> LaneBlock:
        """Open a block for series that are scraped together; its columns are fixed.

        Raises InvariantViolated when a series is stored already.
        """
        for each in labels:
            self._check_new(labels_of(each))
        block = self._lane.open(labels)
        for offset, each in enumerate(block.labels):
            self._join(0, each, block.start + offset)
        self.blocks.append(block)
        return block

    def table(self, labels: Sequence[Labels] = ()) -> Block:
        """Open a block of its own, whose columns may grow: for what comes and goes."""
        number = len(self._storages)

        def joined(block: Block, column: int) -> None:
            self._check_new(block.labels[column])
            self._join(number, block.labels[column], column)

        block = Block(labels, joined)
        self._storages.append(block)
        self.blocks.append(block)
        return block

    def append(self, labels: Labels, t_ms: int, value: float) -> None:
        """Write one sample of one series that has a block of its own."""
        labels = labels_of(labels)
        place = self._places.get(labels)
        block = self.table([labels]) if place is None else self._storages[place[0]]
        if isinstance(block, Lane) or len(block.labels) != 1:
            raise InvariantViolated(f"series {format_labels(labels)} belongs to a block")
        block.append(t_ms, value)

    def remember(self, labels: Sequence[Labels], times_ms: Sequence[int], values: Floats) -> None:
        """Put samples in front of stored series: shape (times, series), before any of theirs.

        Raises InvariantViolated for a series that is not stored, or when done a second time.
        """
        past = Block(labels, lambda _block, _column: None)
        if self.past is not None or any(each not in self._places for each in past.labels):
            raise InvariantViolated("a past is given once, to series that are stored")
        for t_ms, row in zip(times_ms, values, strict=True):
            past.append(t_ms, row)
        self.past = past
        self._cache.clear()

    def has(self, labels: Labels) -> bool:
        """Say whether a series is stored."""
        return labels_of(labels) in self._places

    def series(self) -> tuple[Labels, ...]:
        """Every series' labels, in the store's order."""
        return tuple(labels for block in self.blocks for labels in block.labels)

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

    def _check_new(self, labels: Labels) -> None:
        if labels in self._places:
            raise InvariantViolated(f"series {format_labels(labels)} is stored already")

    def _join(self, number: int, labels: Labels, column: int) -> None:
        self._places[labels] = (number, column)
        self._by_name.setdefault(value_of(labels, NAME), []).append(labels)
        self.version += 1

    def _selection(self, found: Iterable[Labels]) -> Selection:
        pasts = {} if self.past is None else self.past.columns
        places = sorted((*self._places[labels], pasts.get(labels, -1)) for labels in found)
        labels = tuple(self._storages[number].labels[column] for number, column, _ in places)
        pieces: list[tuple[Piece, slice]] = []
        for (number, is_old), group in groupby(places, key=lambda at: (at[0], at[2] >= 0)):
            members = list(group)
            piece = _piece(self._storages[number], [column for _, column, _ in members])
            if is_old and self.past is not None:
                piece = PastPiece(self.past, [past for _, _, past in members], piece)
            start = pieces[-1][1].stop if pieces else 0
            pieces.append((piece, slice(start, start + len(members))))
        return Selection(Frame(labels), tuple(pieces))


def _piece(storage: Lane | Block, columns: Sequence[int]) -> Piece:
    if isinstance(storage, Lane):
        return LanePiece(storage, columns)
    return BlockPiece(storage, columns)
