"""A drill with a program in the seat, from the first second to the last word."""

from dataclasses import dataclass

from simulator.drill.pump import pump
from simulator.drill.run import Flight
from simulator.errors import UsageError
from simulator.interfaces.booking import Booking
from simulator.interfaces.ending import (
    again,
    close,
    judged,
    say_next,
    say_score,
    say_truth,
    write_reports,
)
from simulator.interfaces.feed import Feed
from simulator.interfaces.runbooks import load
from simulator.interfaces.screen import Screen
from simulator.record.folder import Run
from simulator.record.journal import Line
from simulator.record.model import Record
from simulator.response.responders._base import Responder
from simulator.response.responders.none import NoResponder
from simulator.response.responders.runbook import RunbookResponder


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wanted beside the run itself."""

    grades: bool = True
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `is_passed` is None where it was not graded or has no pass marks."""

    record: Record
    is_passed: bool | None


def responder_of(booking: Booking) -> Responder:
    """Put the program that a booking names into the seat; UsageError where there is none."""
    if booking.runbook_file:
        return RunbookResponder(load(booking.runbook_file))
    if booking.responder == "reference":
        if booking.scenario.runbook is None:
            raise UsageError(f"{booking.scenario.name} has no reference response")
        return RunbookResponder(booking.scenario.runbook)  # type: ignore[arg-type]  # the reader reads a Runbook
    return NoResponder()


def options_of(booking: Booking) -> str:
    """Say which program it was, as an option."""
    if booking.runbook_file:
        return f"--runbook {booking.runbook_file}"
    return f"--responder {booking.responder}"


def fly(booking: Booking, run: Run, screen: Screen, wishes: Wishes) -> Outcome:
    """Run a drill in its folder and tell the story, ending with the digest."""
    responder = responder_of(booking)
    greet(booking, screen)
    flight = booking.take_off(run.journal)
    feed = Feed(flight.session, screen.say, shows_acts=True)
    feed.shows_pulse = True
    flight.session.on_advance = lambda _now: feed.tell()
    pump(flight.session, responder)
    return finish(flight, booking, run, screen, wishes)


def fly_again(
    booking: Booking, run: Run, lines: tuple[Line, ...], screen: Screen, wishes: Wishes
) -> Outcome:
    """Start a killed run over in its folder, and say whether it did the same as before."""
    compared = f"{len(lines)} journal entries of the killed one are compared"
    if not lines:
        compared = "the killed one had done nothing to compare it with"
    screen.aside(f"a program's run starts over from scenario and seed; {compared}")
    outcome = fly(booking, run, screen, wishes)
    if not lines:
        return outcome
    done = tuple(Line(int(str(e["at"])), str(e["text"])) for e in outcome.record.journal)
    if done[: len(lines)] == lines:
        screen.aside(f"its first {len(lines)} entries are those of the killed run")
    else:
        screen.aside("it did not do the same as the killed run: was the runbook changed?")
    return outcome


def greet(booking: Booking, screen: Screen) -> None:
    """Say which drill this is; the seed is always said."""
    said = f"{booking.scenario.title} · seed {booking.seed}"
    if booking.twin not in {"fault", "blind"}:
        said += f" · the {booking.twin} twin"
    screen.say(f"{said} · {options_of(booking).removeprefix('--')}", "bold")


def finish(flight: Flight, booking: Booking, run: Run, screen: Screen, wishes: Wishes) -> Outcome:
    """Close a program's drill: score, report, next commands, digest."""
    options = options_of(booking)
    command = f"brownout run {booking.name} {options} {booking.words()}"
    record = close(flight, run, command)
    screen.say()
    found = None
    if wishes.grades:
        found = judged(record, booking.scenario, screen, trace=booking.trace, jobs=wishes.jobs)
    if found is not None:
        say_score(found, screen)
    say_truth(record, screen)
    report = write_reports(run, found) if found is not None else None
    say_next(run, report, screen, again(booking, "run", options))
    screen.say(f"digest {record.digest}")
    return Outcome(record, None if found is None else found.grade.is_passed)
