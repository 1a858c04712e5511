"""Who arrives when: a simulated minute at a time, thinned or multiplied without moving anyone."""

import hashlib
from collections.abc import Mapping

import numpy as np

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.api import Arrivals, ArrivalSource
from simulator.plant.jit import compiled
from simulator.plant.layout import Ints

MINUTE = 60_000_000_000


@compiled
def _fill_keys(key: int, share: float, keys: Ints, kept: Ints) -> None:
    """Give request i its key, and say whether a share of thinned requests would keep it."""
    for i in range(keys.shape[0]):
        keys[i] = chance.mix(key, i)
        kept[i] = chance.uniform(chance.mix(keys[i], chance.THIN)) < share


def name_key(name: str) -> int:
    """Make a number of a name that depends on nothing else."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")


class Feed:
    """Asks the sources for each minute and lays all streams out in one sorted table."""

    def __init__(
        self, names: tuple[str, ...], seed: int, sources: Mapping[str, ArrivalSource]
    ) -> None:
        self.names = names
        self.sources = sources
        self.multipliers = [1.0] * len(names)
        self.stops_at = 1 << 62
        self.minute = -1
        self._keys = [chance.mix(seed % (1 << 63), name_key(name)) for name in names]
        self._asked: dict[tuple[int, int], Arrivals] = {}

    def load(self, minute: int) -> Ints:
        """Lay out a minute's arrivals: rows of (time, class, key, prompt, output), by time."""
        if minute != self.minute:
            self._asked.clear()
        self.minute = minute
        parts = [
            part
            for row, name in enumerate(self.names)
            if name in self.sources
            for part in self._class_parts(row)
        ]
        if not parts:
            return np.zeros((0, at.ARRIVAL_COLUMNS), dtype=np.int64)
        table = np.concatenate(parts)
        table = table[table[:, 0] < self.stops_at]
        # Stable: at one instant classes come in their order, then streams.
        return np.ascontiguousarray(table[np.argsort(table[:, 0], kind="stable")])

    def _class_parts(self, row: int) -> list[Ints]:
        left = self.multipliers[row]
        parts = [self._stream(row, 0, min(left, 1.0))]
        stream = 1
        while left - stream > 1e-12:  # noqa: PLR2004  rounding of the multiplier
            parts.append(self._stream(row, stream, min(left - stream, 1.0)))
            stream += 1
        return parts

    def _stream(self, row: int, stream: int, share: float) -> Ints:
        if (row, stream) not in self._asked:
            source = self.sources[self.names[row]]
            self._asked[row, stream] = source.minute(self.names[row], stream, self.minute)
        asked = self._asked[row, stream]
        table = np.full((len(asked.times), at.ARRIVAL_COLUMNS), -1, dtype=np.int64)
        table[:, 0] = asked.times
        table[:, 1] = row
        key = chance.mix(chance.mix(self._keys[row], stream), self.minute)
        keys, kept = table[:, 2].copy(), table[:, 2].copy()
        _fill_keys(key, share, keys, kept)
        table[:, 2] = keys
        if asked.prompt_tokens is not None:
            table[:, 3] = asked.prompt_tokens
        if asked.output_tokens is not None:
            table[:, 4] = asked.output_tokens
        if asked.prefixes is not None:
            table[:, 5] = asked.prefixes
        return table[kept != 0] if share < 1.0 else table
