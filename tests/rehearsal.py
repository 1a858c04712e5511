"""A drill told as a story: wait, act, let time pass, and ask whether users are well again."""

from dataclasses import dataclass
from functools import cache

from simulator.debrief.grading import harm
from simulator.debrief.grading.recovery import recovery
from simulator.drill.deeds import Answer
from simulator.drill.drill import Twin
from simulator.drill.pump import pump
from simulator.drill.run import Flight, take_off
from simulator.record.model import Entry, EntryKind, Record
from simulator.response.navigation import Until
from simulator.response.responders.runbook import RunbookResponder
from simulator.response.runbook import Runbook
from simulator.scenario.model import Scenario
from simulator.scenario.reader import load
from simulator.units import MINUTE, duration

SHORTER: dict[str, tuple[str, ...]] = {
    "tuesday-slow-answers": ("warm_up=3m", "lasts=14m", "faults[0].at=3m"),
    "coffee-break": ("warm_up=2m", "lasts=11m", "faults[0].at=2m"),
    "quiet-thursday": ("warm_up=3m", "lasts=20m", "faults[0].at=2m"),
}
"""The shipped drills with less waiting; steady state takes two minutes before the strike to see."""


@dataclass(slots=True)
class Rehearsal:
    """One drill under way."""

    scenario: Scenario
    flight: Flight

    def until_paged(self) -> None:
        self.flight.session.wait_for_page(Until(what="alert"))

    def run_for(self, span: str) -> None:
        session = self.flight.session
        session.advance(session.now + duration(span))

    def act(self, *commands: str) -> list[Answer]:
        return [self.flight.session.do(command) for command in commands]

    def follow_the_reference(self) -> None:
        assert isinstance(self.scenario.runbook, Runbook)
        pump(self.flight.session, RunbookResponder(self.scenario.runbook))

    def end(self) -> "Outcome":
        """Let time pass to the end; every arrival must be accounted for."""
        self.flight.session.idle_to_end()
        record = self.flight.land()
        self.flight.drill.plant.check_conservation()
        return Outcome(record)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a drill went for its users."""

    record: Record

    def entries(self, kind: EntryKind) -> list[Entry]:
        return [entry for entry in self.record.entries if entry.kind == kind]

    @property
    def pages(self) -> list[str]:
        return [e.subject for e in self.entries("paged") if e.detail["channel"] == "pager"]

    @property
    def bad_share_at_the_end(self) -> float:
        """Weighted share of bad intents over the last three minutes of arrivals."""
        return self._bad_share(self.record.header.horizon_ns - 3 * MINUTE)

    def _bad_share(self, since: int) -> float:
        header = self.record.header
        span = slice(since // header.bin_ns, header.horizon_ns // header.bin_ns)
        bad = harm.bad(self.record)[span].sum(axis=0)
        total = harm.total(self.record)[span].sum(axis=0)
        pairs = list(zip(header.weights, bad, total, strict=True))
        return float(sum(w * b for w, b, _ in pairs) / sum(w * t for w, _, t in pairs))

    def is_recovered(self, reference: "Outcome | None" = None) -> bool:
        """Whether users are back in the steady band, widened by what the reference refuses."""
        return recovery(self.record, reference.record if reference else None).is_recovered


SHORTEST = ("lasts=7m", "pass={}", "innocent_changes=[]", "twins={}")
"""Enough to see that a response does not help at all."""


def rehearse(
    name: str, *, seed: int = 7, twin: Twin = "fault", more: tuple[str, ...] = ()
) -> Rehearsal:
    """Take the seat of a shipped drill, shortened."""
    scenario = load(name, set_=(*SHORTER[name], *more))
    return Rehearsal(scenario, take_off(scenario, seed=seed, twin=twin))


@cache
def left_alone(name: str, *, seed: int = 7, twin: Twin = "fault") -> Outcome:
    """Perform a drill in which nobody does anything."""
    return rehearse(name, seed=seed, twin=twin).end()


@cache
def rescued(name: str, *, seed: int = 7) -> Outcome:
    """Perform a drill with its reference response."""
    drill = rehearse(name, seed=seed)
    drill.follow_the_reference()
    return drill.end()


@cache
def responded(name: str, *commands: str, more: tuple[str, ...] = ()) -> Outcome:
    """Perform a drill whose responder gives these commands as soon as a page has come."""
    drill = rehearse(name, more=more)
    drill.until_paged()
    drill.act(*commands)
    return drill.end()
