"""Watching processes: kube-state scrapes, rule groups, notifications."""

from collections.abc import Callable, Sequence
from typing import Protocol

from simulator.calendar import Calendar
from simulator.clock import Clock, Phase, Waiting
from simulator.instruments.alerting.group import EvaluationFailure, RunningGroup
from simulator.instruments.alerting.manager.dispatch import Dispatcher
from simulator.instruments.alerting.manager.page import Page
from simulator.instruments.alerting.model import AlertTransition

OnTransition = Callable[[AlertTransition], None]
OnPage = Callable[[Page], None]
OnFailure = Callable[[EvaluationFailure], None]


def every(
    clock: Clock, period_ns: int, offset_ns: int, phase: Phase, name: str, do: Callable[[], None]
) -> Waiting:
    """Do something on the grid offset + k x period, from the start of the drill on."""
    tick = 0
    while True:
        yield clock.at(offset_ns + tick * period_ns, phase, name)
        do()
        tick += 1


class Load(Protocol):
    """Whether Prometheus gets to a rule group at one of its instants."""

    def admits(self, group: RunningGroup, now: int) -> bool: ...


class Watch:
    """Evaluates rule groups and sends what they say to whoever is on call."""

    def __init__(
        self,
        clock: Clock,
        calendar: Calendar,
        dispatcher: Dispatcher,
        collect: Callable[[], None],
        load: "Load | None" = None,
    ) -> None:
        self._clock, self._calendar = clock, calendar
        self._load = load
        self._dispatcher, self._collect = dispatcher, collect
        self._waiting_for: int | None = None
        self.on_transition: OnTransition = lambda _t: None
        self.on_page: OnPage = lambda _p: None
        self.on_failure: OnFailure = lambda _f: None

    def start(self, groups: Sequence[RunningGroup]) -> None:
        """Evaluate every group on its own grid from now on."""
        for group in groups:
            self._clock.spawn(self._evaluating(group))

    def _evaluating(self, group: RunningGroup) -> Waiting:
        name = f"rules/{group.group.file}/{group.group.name}"
        while True:
            due_ms = group.next_ms(self._calendar.ms(self._clock.now))
            yield self._clock.at(self._calendar.ns(due_ms), Phase.RULES, name)
            if self._load is None or self._load.admits(group, self._clock.now):
                self._evaluate(group)

    def _evaluate(self, group: RunningGroup) -> None:
        self._collect()
        now_ms = self._calendar.ms(self._clock.now)
        transitions = group.evaluate(now_ms)
        for failure in group.failures:
            self.on_failure(failure)
        for transition in transitions:
            self.on_transition(transition)
        self._dispatcher.offer(transitions, now_ms)
        self._wait()

    def _wait(self) -> None:
        due = self._dispatcher.next_due()
        if due is not None and (self._waiting_for is None or due < self._waiting_for):
            self._waiting_for = due
            self._clock.spawn(self._notify(due))

    def _notify(self, due_ms: int) -> Waiting:
        yield self._clock.at(self._calendar.ns(due_ms), Phase.NOTIFY, "alertmanager")
        self._waiting_for = None
        for page in self._dispatcher.flush(self._calendar.ms(self._clock.now)):
            self.on_page(page)
        self._wait()
