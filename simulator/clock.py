"""The drill's clock: a SimPy environment in which one instant has an order that is promised.

At one instant things happen by phase, then by the name of whoever does them, then in the order
they were asked for. Nothing waits with `env.timeout`, which knows no phases: use `at`.
"""

from collections.abc import Generator
from enum import IntEnum
from heapq import heappop, heappush
from itertools import count
from typing import Any

import simpy
from simpy.core import EmptySchedule, SimTime
from simpy.events import NORMAL, Event, EventPriority, Process

from simulator.errors import InvariantViolated


class Phase(IntEnum):
    """The order at one instant; 0 and 1 stay SimPy's own."""

    FAULT = 2
    WORK = 3
    SIGNAL = 4
    SCRAPE = 5
    RULES = 6
    NOTIFY = 7
    DECIDE = 8
    ACT = 9


Waiting = Generator[Event, Any, None]
"""What a process of the control plane is: a generator of the events it waits for."""


class Clock(simpy.Environment):
    """Time in whole nanoseconds, events ordered by (time, phase, name, asking order)."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        self._asked = count()
        self._heap: list[tuple[int, int, str, int, Event]] = []
        self._name = ""

    @property
    def now(self) -> int:
        return int(super().now)

    def at(self, time: int, phase: Phase, name: str) -> Event:
        """Wait until `time`, as `name`, in `phase`; a time that has passed means now."""
        event = Event(self)
        event._ok, event._value = True, None  # noqa: SLF001 - as SimPy's own Timeout does
        heappush(self._heap, (max(time, self.now), phase, name, next(self._asked), event))
        return event

    def spawn(self, process: Waiting) -> Process:
        """Start a process of the control plane at once."""
        return self.process(process)

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: SimTime = 0) -> None:
        """Take SimPy's own bookkeeping events, which never wait; use `at` for time to pass."""
        if delay:
            raise InvariantViolated("something waited without a phase; use Clock.at")
        heappush(self._heap, (self.now, int(priority), "", next(self._asked), event))

    def next_event(self) -> tuple[int, int] | None:
        """Time and phase of what happens next, or None when nothing is left to do."""
        return (self._heap[0][0], self._heap[0][1]) if self._heap else None

    def peek(self) -> SimTime:
        return self._heap[0][0] if self._heap else float("inf")

    def step(self) -> None:
        """Do the next thing; errors of processes reach the caller."""
        if not self._heap:
            raise EmptySchedule
        time, _, _, _, event = heappop(self._heap)
        self._now = time
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # SimPy marks done events so
        for callback in callbacks:
            callback(event)
        if not event._ok and not hasattr(event, "_defused"):  # noqa: SLF001 - SimPy's own protocol
            raise event._value  # noqa: SLF001
