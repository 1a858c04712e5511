"""A run's dashboards as lines of text, at any moment of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from simulator.drill.drill import Drill
from simulator.errors import UsageError
from simulator.instruments.dashboards.grafana import read_dashboard
from simulator.instruments.dashboards.library import dashboard
from simulator.instruments.dashboards.panels import Dashboard
from simulator.instruments.dashboards.terminal import drawn
from simulator.interfaces.booking import booked
from simulator.interfaces.screen import Screen
from simulator.interfaces.warming import warn_of_compiling
from simulator.record.folder import find_run
from simulator.record.journal import Journal, read_journal
from simulator.units import MS, duration


@dataclass(frozen=True, slots=True)
class Picture:
    """What is wanted: a component or `users`, or a Grafana file; when, and how wide."""

    name: str
    at: int | None
    since: str
    grafana: str = ""
    variables: tuple[str, ...] = ()
    width: int | None = None


def picture(run: str, root: Path, wanted: Picture) -> list[str]:
    """Do a run again up to a moment and draw what was scraped by then."""
    try:
        back = duration(wanted.since)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from error
    given = _variables(wanted.variables)  # before any work is done
    found, screen = find_run(root, run), Screen()
    head, lines = read_journal(found.journal)
    booking, differs = booked(found, head)
    for each in differs:
        screen.aside(f"note: {each}")
    warn_of_compiling(screen)
    session = (flight := booking.take_off()).session
    session.journal = Journal(head)
    stop = session.horizon if found.has_ended else (lines[-1].at if lines else 0)
    stop = stop if wanted.at is None else min(stop, wanted.at)
    session.replay([line for line in lines if line.at <= stop])
    session.advance(stop)
    drill = flight.drill
    board = _board(wanted, given, drill)
    width = wanted.width or min(shutil.get_terminal_size((96, 24)).columns, 140)
    start_ms = max(drill.now_ms - back // MS, drill.calendar.ms(0))
    return drawn(board, drill.store, start_ms, drill.now_ms, width)


def _board(wanted: Picture, given: dict[str, str], drill: Drill) -> Dashboard:
    if not wanted.grafana:
        return dashboard(wanted.name, drill.kinds)
    text = Path(wanted.grafana).read_text(encoding="utf-8")
    return read_dashboard(text, wanted.grafana, given)


def _variables(words: tuple[str, ...]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise UsageError(f"--var {name!r}: write NAME=VALUE, such as instance=llm-0")
    return {name: value for name, _, value in pairs}
