"""A drill at the prompt as a whole: the greeting, the conversation, and how it ends."""

from simulator.drill.blind import BLIND
from simulator.interfaces.ending import (
    again,
    close,
    judged,
    say_next,
    say_score,
    say_truth,
    write_reports,
)
from simulator.interfaces.prompt.loop import Prompt
from simulator.interfaces.prompt.seat import Seat
from simulator.interfaces.screen import Screen
from simulator.units import MINUTE, format_clock


def talk(seat: Seat, screen: Screen, *, jobs: int = 1) -> None:
    """Let a person play from where the seat stands, to the end or until they leave."""
    if Prompt(seat, screen).run():
        end(seat, screen, jobs=jobs)
        return
    seat.keep_place()
    screen.aside(f"saved; go on with: brownout resume {seat.run.path}")


def greet(seat: Seat, screen: Screen) -> None:
    """Say what a responder is told at the start; the seed is always said."""
    scenario, booking = seat.booking.scenario, seat.booking
    title, *brief = seat.session.brief
    lasts = f"{scenario.lasts // MINUTE} min"
    said = f"{title} · seed {booking.seed} · {lasts}, clock {scenario.clock[11:16]} UTC"
    if booking.twin == BLIND:
        said += " · blind"
    elif booking.twin != "fault":
        said += f" · the {booking.twin} twin"
    screen.say(said, "bold")
    for line in brief:
        screen.say(line)
    goals = [_goal(o.share, o.of, o.below) for o in scenario.objectives]
    if goals:
        screen.say(f"Objectives: {' · '.join(goals)}.")
    screen.say("help lists what you can do; Ctrl-D leaves, and it is saved.", "dim")
    screen.say()


def welcome_back(seat: Seat, screen: Screen) -> None:
    """Say where a drill goes on."""
    said = len(seat.session.journal.lines)
    title, *_ = seat.session.brief
    clock = format_clock(seat.session.now)
    screen.say(
        f"{title} · seed {seat.booking.seed} · goes on at {clock}, {said} commands in", "bold"
    )


def end(seat: Seat, screen: Screen, *, jobs: int = 1) -> None:
    """Close the drill and show what came of it."""
    booking, run = seat.booking, seat.run
    seat.session.on_advance = lambda _now: None
    record = close(seat.flight, run, f"brownout replay {run.path}")
    screen.say()
    found = judged(record, booking.scenario, screen, trace=booking.trace, jobs=jobs)
    if found is not None:
        say_score(found, screen)
    say_truth(record, screen)
    report = write_reports(run, found) if found is not None else None
    say_next(run, report, screen, again(booking, "play"))
    screen.say(f"digest {record.digest}")


def _goal(share: float, of: str, below: int | None) -> str:
    percent = f"{share * 100:.3g} %"
    if below is None:
        return f"{percent} of answers good"
    what = "first tokens" if of == "ttft" else "answers"
    return f"{percent} of {what} under {below / 1e9:g} s"
