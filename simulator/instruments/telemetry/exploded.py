"""An exporter that puts a label with very many values on its request counter.

Each request that is counted falls on one value, drawn by its number, and shows from then on as a
series of its own. As in a real client library a series begins with its first count, which `rate`
never sees.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.instruments.series.block import ABSENT, STALE, Block
from simulator.instruments.series.labels import Labels, labels_of
from simulator.plant.chance import mix, uniform

LABEL = "user_id"


class Exploded:
    """The series of one target's request counter, split by value."""

    def __init__(self, block: Block, split: Mapping[int, Labels], key: int) -> None:
        self._block, self._split, self._key = block, split, key
        self._counted: dict[int, int] = dict.fromkeys(split, 0)
        self._counts: dict[int, float] = {}
        self._stops = False

    @property
    def columns(self) -> Sequence[int]:
        """Columns of the target's row that are split."""
        return list(self._split)

    @property
    def shown(self) -> int:
        """How many series there are now."""
        return len(self._counts)

    def take(self, row: NDArray[np.float64], values: int) -> int:
        """Let what was counted since the last scrape fall on values; return the new series."""
        if any(row[column] < counted for column, counted in self._counted.items()):
            self._counts, self._counted = {}, dict.fromkeys(self._split, 0)  # a new process
        before = len(self._counts)
        for column, labels in self._split.items():
            upto = int(row[column])
            for number in range(self._counted[column], upto):
                value = int(uniform(mix(mix(self._key, column), number)) * values)
                own = labels_of({**dict(labels), LABEL: f"u{value:06d}"})
                place = self._block.column(own)
                self._counts[place] = self._counts.get(place, 0.0) + 1.0
            self._counted[column] = upto
        return len(self._counts) - before

    def stop(self) -> None:
        """Show nothing any more; the next write ends every series."""
        self._stops = True

    def write(self, t_ms: int) -> None:
        """Write every series that is shown."""
        if self._stops:
            self.end(t_ms)
            self._counts, self._counted = {}, dict.fromkeys(self._split, 0)
            self._stops = False
        elif self._counts:
            row = np.full(len(self._block.labels), ABSENT)
            row[list(self._counts)] = list(self._counts.values())
            self._block.append(t_ms, row)

    def end(self, t_ms: int) -> None:
        """End every series that is shown."""
        if self._counts and self._block.times and self._block.times[-1] < t_ms:
            row = np.full(len(self._block.labels), ABSENT)
            row[list(self._counts)] = STALE
            self._block.append(t_ms, row)
