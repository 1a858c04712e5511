"""A journal done again, with its story told as it happens."""

from simulator.interfaces.booking import Booking
from simulator.interfaces.feed import Feed
from simulator.interfaces.screen import Screen
from simulator.record.journal import Head, Journal, Line
from simulator.units import format_clock


def replay(
    booking: Booking,
    head: Head,
    lines: tuple[Line, ...],
    screen: Screen,
    *,
    until: int | None,
    has_ended: bool,
) -> str:
    """Do a journal again; return the digest of the whole, or nothing where it stops before.

    A drill that has not ended is done up to its last line and no further: what comes is not known
    yet to whoever sits there.
    """
    said = f"{booking.scenario.title} · seed {booking.seed} · {head.responder}"
    screen.say(said, "bold")
    flight = booking.take_off()
    session = flight.session
    session.journal = Journal(head)
    feed = Feed(session, screen.say, shows_acts=True)
    session.on_advance = lambda _now: feed.tell()
    stop = session.horizon if until is None else min(until, session.horizon)
    if not has_ended:
        stop = min(stop, lines[-1].at if lines else 0)
    session.replay([line for line in lines if line.at <= stop])
    session.advance(stop)
    if until is None and has_ended:
        return flight.land().digest
    screen.say()
    screen.say(f"{format_clock(session.now)} is as far as this goes; the system then:")
    if not session.is_over:
        for text in session.do("status").lines:
            screen.say(f"  {text}")
    return ""


def differs_from(old: str, new: str) -> str:
    """Say whether a replay gave the record that was written then."""
    if old == new:
        return "equal: the replay gave the same record, to the byte"
    return f"different: the record written then has digest {old}"
