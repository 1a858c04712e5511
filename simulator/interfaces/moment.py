"""A run done again from its journal, up to any moment of it."""

from pathlib import Path

from simulator.drill.drill import Drill
from simulator.interfaces.booking import booked
from simulator.interfaces.screen import Screen
from simulator.interfaces.warming import warn_of_compiling
from simulator.record.folder import find_run
from simulator.record.journal import Journal, read_journal


def as_it_stood(run: str, root: Path, at: int | None) -> Drill:
    """Do a run again up to a moment of the responder's clock; without one, as far as it went."""
    found, screen = find_run(root, run), Screen()
    head, lines = read_journal(found.journal)
    booking, differs = booked(found, head)
    for each in differs:
        screen.aside(f"note: {each}")
    warn_of_compiling(screen)
    session = (flight := booking.take_off()).session
    session.journal = Journal(head)
    stop = session.horizon if found.has_ended else (lines[-1].at if lines else 0)
    stop = stop if at is None else min(stop, at)
    session.replay([line for line in lines if line.at <= stop])
    session.advance(stop)
    return flight.drill
