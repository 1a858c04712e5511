"""Quality signals come late: a score minutes after the answer, a thumb when it has been read.

Each item that the plant counted is held back for a time of its own, half of the mean for certain
and the rest exponential; what is shown has come in by the scrape.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from simulator.plant.chance import FIRST_FREE_PURPOSE, fill_exponential, mix
from simulator.plant.probes import ClassProbe

_EVALUATIONS, _THUMBS = FIRST_FREE_PURPOSE + 2, FIRST_FREE_PURPOSE + 3
_SCORED = (int(ClassProbe.EVALUATED),)
_SCORED_WRONG = (*_SCORED, int(ClassProbe.EVALUATED_WRONG))
_THUMB = (int(ClassProbe.THUMBS_DOWN),)


def held_back(mean_ns: int, key: int, numbers: range) -> list[int]:
    """How long each of some items is held back (ns)."""
    drawn = np.zeros(len(numbers))
    fill_exponential(key, numbers.start, drawn)
    delays: list[int] = np.rint(mean_ns * 0.5 * (1.0 + drawn)).astype(np.int64).tolist()
    return delays


@dataclass(slots=True)
class Belated:
    """One route's evaluations and thumbs, held back."""

    key: int
    evaluation_ns: int
    thumbs_ns: int
    _counted: dict[int, int] = field(default_factory=dict)
    _shown: dict[int, int] = field(default_factory=dict)
    _waiting: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=list)

    def values(self, at: int, counted: NDArray[np.int64]) -> NDArray[np.int64]:
        """A scrape's columns with what had come in by then."""
        scored = self._new(ClassProbe.EVALUATED, counted)
        wrong = self._new(ClassProbe.EVALUATED_WRONG, counted)
        right = len(scored) - len(wrong)
        self._hold(
            at,
            self.evaluation_ns,
            _EVALUATIONS,
            scored,
            [_SCORED_WRONG] * len(wrong) + [_SCORED] * right,
        )
        thumbs = self._new(ClassProbe.THUMBS_DOWN, counted)
        self._hold(at, self.thumbs_ns, _THUMBS, thumbs, [_THUMB] * len(thumbs))
        while self._waiting and self._waiting[0][0] <= at:
            for column in heappop(self._waiting)[2]:
                self._shown[column] = self._shown.get(column, 0) + 1
        shown = counted.copy()
        for column in (ClassProbe.EVALUATED, ClassProbe.EVALUATED_WRONG, ClassProbe.THUMBS_DOWN):
            shown[column] = self._shown.get(int(column), 0)
        return shown

    def _new(self, column: ClassProbe, counted: NDArray[np.int64]) -> range:
        before, now = self._counted.get(int(column), 0), int(counted[column])
        self._counted[int(column)] = now
        return range(before, now)

    def _hold(
        self,
        at: int,
        mean_ns: int,
        purpose: int,
        numbers: range,
        columns: Sequence[tuple[int, ...]],
    ) -> None:
        if numbers:
            delays = held_back(mean_ns, mix(self.key, purpose), numbers)
            for number, delay, own in zip(numbers, delays, columns, strict=True):
                heappush(self._waiting, (at + delay, number, own))
