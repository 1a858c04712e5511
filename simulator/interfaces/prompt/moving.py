"""Letting time pass for a person: step, next, until and play, each of which Ctrl-C pauses."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from simulator.drill.session import PAUSED, THE_END, Session, Stop
from simulator.response.navigation import Navigation, Next, Play, Step, Until
from simulator.units import SECOND, format_clock

FRAMES_PER_SECOND = 4


@dataclass(frozen=True, slots=True)
class Pace:
    """How time passes: whether someone watches it pass, and what wishes it to stop."""

    wished: Event
    is_watched: bool
    tell: Callable[[], None]


def move(session: Session, wish: Navigation, pace: Pace) -> str:
    """Let time pass as wished; say why it stopped where the news do not say it.

    Raises UsageError or QueryError for a wish that cannot come true.
    """
    session.should_pause = pace.wished.is_set
    try:
        return _words(session, _moved(session, wish, pace))
    finally:
        session.should_pause = lambda: False


def _moved(session: Session, wish: Navigation, pace: Pace) -> Stop:
    match wish:
        case Step():
            return session.until(Until(what="span", ns=wish.lasts))
        case Next():
            return session.next()
        case Until():
            return session.until(wish)
        case Play():
            return _play(session, int(wish.pace.removeprefix("x")), pace)
    return Stop("", session.now)


def _play(session: Session, speed: int, pace: Pace) -> Stop:
    """Let time pass in frames, until it is paused; without anyone watching there is no waiting."""
    frame = max(1, speed) * SECOND // FRAMES_PER_SECOND
    while session.now < session.horizon:
        stop = session.until(Until(what="span", ns=frame))
        pace.tell()
        waits = 1 / FRAMES_PER_SECOND if pace.is_watched else 0.0
        if stop.why == PAUSED or pace.wished.wait(waits):
            return Stop(PAUSED, session.now)
    return Stop(THE_END, session.now)


def _words(session: Session, stop: Stop) -> str:
    if stop.why == PAUSED:
        return f"{format_clock(stop.at)} paused"
    if stop.why == THE_END or session.is_over:
        return f"{format_clock(stop.at)} the drill is over"
    return ""
