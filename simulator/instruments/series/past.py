"""Samples from before a series was first scraped, put in front of what was."""

from collections.abc import Sequence

import numpy as np

from simulator.instruments.series.block import Block, Ints
from simulator.instruments.series.pieces import BlockPiece, Newest, Part, Piece


class PastPiece:
    """Some columns of a past, then those of a living storage; every past sample is older."""

    def __init__(self, past: Block, columns: Sequence[int], living: Piece) -> None:
        self._past, self._living = BlockPiece(past, columns), living
        self._until_ms = past.times[-1]

    def samples(self) -> int:
        """How much has been written since."""
        return self._living.samples()

    def newest(self, after_ms: int, until_ms: int) -> Newest:
        """Each column's newest sample in the left-open range."""
        found = self._living.newest(after_ms, until_ms)
        if after_ms >= self._until_ms:
            return found
        past = self._past.newest(after_ms, until_ms)
        return Newest(
            np.where(found.present, found.values, past.values),
            np.where(found.present, found.times, past.times),
            found.present | past.present,
        )

    def cells(self, after_ms: int, until_ms: int) -> int:
        """At most how many samples that range holds."""
        return self._past.cells(after_ms, until_ms) + self._living.cells(after_ms, until_ms)

    def part(self, after_ms: int, until_ms: int) -> Part:
        """All samples in the left-open range."""
        living = self._living.part(after_ms, until_ms)
        if after_ms >= self._until_ms:
            return living
        past = self._past.part(after_ms, until_ms)
        if not len(past.values):
            return living

        def times() -> Ints:
            return np.concatenate([past.times(), living.times()])

        return Part(
            np.concatenate([past.values, living.values]),
            past.counts + living.counts,
            past.first_at,
            np.where(living.counts > 0, living.last_at, past.last_at),
            times,
            living.marked,
            {},
        )
