"""Keeps two clocks as one: the plant runs up to each control instant, then SimPy takes a step."""

from collections.abc import Callable

from simulator.clock import Clock, Phase
from simulator.plant.api import Pause, PlantPort

Hook = Callable[[], None]
LAST = "\x7f"
"""Sorts after every name, so that whoever waits by it sees an instant's work done."""


class Driver:
    """Advances plant and control plane together, in the promised order at every instant."""

    def __init__(self, clock: Clock, plant: PlantPort, on_signals: Hook) -> None:
        self.clock, self.plant = clock, plant
        self.between: list[Hook] = []
        self._on_signals = on_signals

    def run_to(self, time: int) -> None:
        """Do everything up to and including `time`, in every phase, and leave the clock there."""
        marker = self.clock.at(time, Phase.ACT, LAST)
        while not marker.processed:
            self.step(time)

    def step(self, limit: int) -> Phase | None:
        """Do the next control event at or before `limit`; return its phase, or None at the end.

        SimPy's own bookkeeping counts as phase FAULT: it belongs to whatever caused it.
        """
        upcoming = self.clock.next_event()
        if upcoming is None or upcoming[0] > limit:
            if self._advance(limit, inclusive=True):
                return self.step(limit)
            return None
        time, phase = upcoming
        if phase >= Phase.FAULT and self._advance(time, inclusive=phase > Phase.FAULT):
            return self.step(limit)
        self.clock.step()
        return Phase(max(phase, Phase.FAULT))

    def _advance(self, until: int, *, inclusive: bool) -> bool:
        """Run the plant; True when it spoke up early and something now waits on the clock."""
        while self.plant.now < until or inclusive:
            pause = self.plant.advance(until, inclusive=inclusive)
            if pause is Pause.DONE:
                return False
            for hook in self.between:
                hook()
            if pause is Pause.SIGNAL:
                waiting = self.clock.at(self.plant.now, Phase.SIGNAL, "signals")
                waiting.callbacks.append(lambda _event: self._on_signals())
                return True
        return False
