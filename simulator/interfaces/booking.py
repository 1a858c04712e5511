"""Which drill is meant: everything a run is a function of, taken from words or from a folder."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from simulator import __version__
from simulator.drill.blind import BLIND, drawn_twin
from simulator.drill.drill import Twin
from simulator.drill.run import Flight, take_off
from simulator.errors import InvalidInput, NotFound
from simulator.record.folder import Run
from simulator.record.journal import Head, Journal, Line
from simulator.scenario.library import available
from simulator.scenario.model import Scenario
from simulator.scenario.reader import build, load
from simulator.scenario.source import Source

SOURCE = "scenario.json"
"""The texts of the scenario, in the folder of a drill that has ended."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A scenario, a seed and a twin, and who is to sit there."""

    scenario: Scenario
    seed: int = 0
    twin: str = "fault"
    trace: str = ""
    responder: str = "person"
    runbook_file: str = ""

    @property
    def true_twin(self) -> Twin:
        """The twin that is run, known or not."""
        if self.twin == BLIND:
            return drawn_twin(self.scenario.name, self.seed)
        twins: dict[str, Twin] = {"fault": "fault", "healthy": "healthy", "noisy": "noisy"}
        return twins[self.twin]

    def words(self) -> str:
        """Say it as options of a command line."""
        parts = [f"--seed {self.seed}"]
        if self.twin == BLIND:
            parts.append("--blind")
        elif self.twin != "fault":
            parts.append(f"--twin {self.twin}")
        if self.trace:
            parts.append(f"--trace {self.trace}")
        parts += [f"--set '{override}'" for override in self.scenario.source.overrides]
        return " ".join(parts)

    @property
    def name(self) -> str:
        """The scenario as a command line names it."""
        source = self.scenario.source
        listed = available().get(source.name)
        is_listed = listed is not None and listed.resolve() == Path(source.file).resolve()
        return source.name if is_listed or not source.file else source.file

    def take_off(self, journal: Path | None = None) -> Flight:
        """Begin it, with nobody having said anything yet."""
        return take_off(
            self.scenario,
            seed=self.seed,
            twin=self.true_twin,
            responder=self.responder,
            trace=self.trace,
            journal=journal,
            shown_twin=self.twin,
            runbook_file=self.runbook_file,
        )

    def again(self, lines: tuple[Line, ...], *, is_practice: bool) -> Flight:
        """Do again what a journal says, without writing it anywhere."""
        flight = self.take_off()
        head = flight.session.journal.head
        flight.session.journal = Journal(replace(head, is_practice=is_practice))
        flight.session.replay(lines)
        return flight


def keep(flight: Flight, path: Path) -> None:
    """Write a flight's journal to a file from now on, with what it holds so far."""
    journal = flight.session.journal
    flight.session.journal = Journal(journal.head, path, journal.lines)


def write_source(run: Run, source: Source) -> None:
    """Keep a scenario's texts beside its record; only when the drill has ended."""
    text = json.dumps(asdict(source), indent=1, sort_keys=True, ensure_ascii=False)
    (run.path / SOURCE).write_text(f"{text}\n", encoding="utf-8")


def booked(run: Run, head: Head) -> tuple[Booking, tuple[str, ...]]:
    """Find what a journal belongs to, and say in what it differs from then.

    A drill that has ended has its scenario with it; else it is looked up again, by name and by
    path. Raises NotFound where there is no such scenario any more.
    """
    scenario = _scenario(run, head)
    differs = []
    if head.version != __version__:
        differs.append(f"the run was made by brownout {head.version}, this is {__version__}")
    if scenario.digest != head.scenario_digest:
        differs.append(f"the files of {head.scenario} have changed since the run was made")
    booking = Booking(scenario, head.seed, head.twin, head.trace, head.responder, head.runbook)
    return booking, tuple(differs)


def _scenario(run: Run, head: Head) -> Scenario:
    kept = run.path / SOURCE
    if kept.exists():
        fields = json.loads(kept.read_text(encoding="utf-8"))
        fields["overrides"] = tuple(fields["overrides"])
        return build(Source(**fields))
    found: list[Scenario] = []
    for place in dict.fromkeys((head.scenario, head.file)):
        try:
            found += [load(place, head.overrides)] if place else []
        except (NotFound, InvalidInput):
            continue
    same = [each for each in found if each.digest == head.scenario_digest]
    if not found:
        return load(head.file or head.scenario, head.overrides)
    return (same or found)[0]
