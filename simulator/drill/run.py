"""A whole drill in one call: scenario, seed and responder in, record out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator import __version__
from simulator.drill.drill import Drill, Twin
from simulator.drill.outcome import Told, record_of
from simulator.drill.pump import pump
from simulator.drill.session import Session
from simulator.drill.wiring import wire
from simulator.errors import UsageError
from simulator.record.journal import Head, Journal, Line
from simulator.record.model import Cause, Record
from simulator.response.responders._base import Responder
from simulator.response.responders.none import NoResponder
from simulator.response.responders.runbook import RunbookResponder
from simulator.response.runbook import Runbook
from simulator.scenario.model import Scenario


@dataclass(slots=True)
class Flight:
    """A drill under way with someone in the seat; `land` turns it into a record."""

    drill: Drill
    causes: list[Cause]
    session: Session

    def land(self, command: str = "") -> Record:
        """Run to the end, let the last requests finish, and write the record."""
        self.drill.run_out()
        head = self.session.journal.head
        told = Told(head.responder, command, self.session.hints_used)
        return record_of(self.drill, self.causes, self.session.journal, told)


def take_off(
    scenario: Scenario,
    *,
    seed: int = 0,
    twin: Twin = "fault",
    responder: str = "person",
    trace: str = "",
    journal: Path | None = None,
    shown_twin: str = "",
    runbook_file: str = "",
    capacity: int = 4096,
) -> Flight:
    """Wire a drill, run its warm-up and put someone in the seat.

    `journal` is where the journal is kept as it grows; `shown_twin` what its head says where the
    responder must not know. Raises InvalidInput for a trace that cannot be read.
    """
    drill, causes = wire(scenario, seed, twin, trace=trace, capacity=capacity)
    head = Head(
        scenario.name,
        scenario.digest,
        seed,
        __version__,
        responder,
        shown_twin or twin,
        scenario.source.overrides,
        trace,
        file=scenario.source.file,
        runbook=runbook_file,
    )
    session = Session(drill, Journal(head, journal))
    drill.driver.run_to(drill.warm_up)
    return Flight(drill, causes, session)


def run(
    scenario: Scenario,
    *,
    seed: int = 0,
    twin: Twin = "fault",
    responder: str = "none",
    runbook: Runbook | None = None,
    lines: Sequence[Line] | None = None,
    trace: str = "",
    journal: Path | None = None,
    runbook_file: str = "",
    command: str = "",
    on_advance: Callable[[Session], None] | None = None,
    capacity: int = 4096,
) -> Record:
    """Perform a whole drill.

    The responder is `none`, `reference` (the scenario's own runbook), `runbook` with one given, or
    `journal` with its lines. `on_advance` is told whenever time has passed. Raises UsageError for
    a reference the scenario does not have.
    """
    flight = take_off(
        scenario,
        seed=seed,
        twin=twin,
        responder=responder if runbook is None else f"runbook: {runbook.title}",
        trace=trace,
        journal=journal,
        runbook_file=runbook_file,
        capacity=capacity,
    )
    if on_advance is not None:
        flight.session.on_advance = lambda _now: on_advance(flight.session)
    if lines is not None:
        flight.session.replay(lines)
    else:
        pump(flight.session, _responder(scenario, responder, runbook))
    flight.session.idle_to_end()
    return flight.land(command)


def _responder(scenario: Scenario, name: str, runbook: Runbook | None) -> Responder:
    if runbook is not None:
        return RunbookResponder(runbook)
    if name == "reference":
        if not isinstance(scenario.runbook, Runbook):
            raise UsageError(f"{scenario.name} has no reference response")
        return RunbookResponder(scenario.runbook)
    if name == "none":
        return NoResponder()
    raise UsageError(f"no responder {name!r}; there is: none, reference, or a runbook")
