"""A person's drill and its folder: begun, gone on with after a kill, and gone back in."""

from dataclasses import dataclass, field

from simulator.drill.run import Flight
from simulator.drill.session import Session
from simulator.errors import InvalidInput, Mistake, UsageError
from simulator.interfaces.booking import Booking, keep
from simulator.record.folder import Run
from simulator.record.journal import Line

PLACE = "clock"
"""File in a run folder: where the clock stands, since letting time pass leaves no journal entry."""


@dataclass(slots=True)
class Seat:
    """A flight with the folder it is kept in."""

    booking: Booking
    run: Run
    flight: Flight
    _kept_at: int = field(default=-1)

    @property
    def session(self) -> Session:
        return self.flight.session

    def keep_place(self) -> None:
        """Write down where the clock stands, if it has moved."""
        now = self.session.now
        if now != self._kept_at:
            partial = self.run.path / f"{PLACE}.part"
            partial.write_text(f"{now}\n", encoding="utf-8")
            partial.replace(self.run.path / PLACE)
            self._kept_at = now

    def undo(self, count: int) -> tuple[Line, ...]:
        """Go back before the last `count` lines; return what was undone.

        The run is practice from then on. Raises UsageError when so much has not been said.
        """
        lines = self.session.journal.lines
        if count > len(lines):
            said = f"only {len(lines)} were said" if lines else "nothing was said yet"
            raise UsageError(f"undo: {said}")
        kept, gone = lines[:-count], lines[-count:]
        flight = self.booking.again(kept, is_practice=True)
        flight.session.advance(gone[0].at)
        keep(flight, self.run.journal)
        self.flight = flight
        self.keep_place()
        return gone


def sit_down(booking: Booking, run: Run) -> Seat:
    """Take the seat at the start of a drill."""
    return Seat(booking, run, booking.take_off(run.journal))


def sit_down_again(
    booking: Booking, run: Run, lines: tuple[Line, ...], *, is_practice: bool
) -> Seat:
    """Take the seat where it was left, or where a kill emptied it."""
    flight = booking.again(lines, is_practice=is_practice)
    keep(flight, run.journal)
    flight.session.advance(_place(run))
    return Seat(booking, run, flight)


def _place(run: Run) -> int:
    path = run.path / PLACE
    if not path.exists():
        return 0
    text = path.read_text(encoding="utf-8").strip()
    if not text.isdigit():
        raise InvalidInput([Mistake(str(path), 1, 1, "clock", f"{text[:40]!r} is no time in ns")])
    return int(text)
