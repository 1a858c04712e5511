"""The Python surface: `from simulator import load, run, grade, compare`."""

from collections.abc import Iterable
from pathlib import Path

from simulator.debrief.judged import Judged, judge
from simulator.drill.drill import Twin
from simulator.drill.run import run as flown
from simulator.errors import UsageError
from simulator.evaluation import compare
from simulator.interfaces.runbooks import load as read_runbook
from simulator.record.model import Record
from simulator.scenario.model import Scenario
from simulator.scenario.reader import load as read_scenario

__all__ = ["compare", "grade", "load", "run"]


def load(path_or_name: str | Path, changes: Iterable[str] = ()) -> Scenario:
    """Read a scenario by name or path, with `path=value` changes.

    Raises NotFound for an unknown name and InvalidInput with every mistake.
    """
    return read_scenario(path_or_name, changes)


def run(
    scenario: Scenario | str | Path,
    *,
    seed: int = 0,
    twin: Twin = "fault",
    runbook: str | None = None,
    responder: str = "none",
    trace: str = "",
) -> Record:
    """Run a whole drill: with a runbook, or `none` or the `reference` as responder.

    Raises UsageError for a responder that does not exist.
    """
    held = scenario if isinstance(scenario, Scenario) else load(scenario)
    read = read_runbook(runbook) if runbook is not None else None
    return flown(held, seed=seed, twin=twin, responder=responder, runbook=read, trace=trace)


def grade(
    record: Record, scenario: Scenario | str | Path, *, trace: str = "", jobs: int = 1
) -> Judged:
    """Grade a record of that scenario; `.grade.score` is the number, `.grade.lines` the reasons.

    Makes the runs it is compared with. Raises UsageError for a record of another scenario.
    """
    held = scenario if isinstance(scenario, Scenario) else load(scenario)
    if held.digest != record.header.scenario_digest:
        raise UsageError(f"the record is of {record.header.scenario}, not of {held.name} as it is")
    return judge(record, held.source, trace=trace, jobs=jobs)
