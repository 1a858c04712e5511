"""Ties the drill's time 0 to the calendar, for stamps that people and Prometheus read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.units import MS, US


@dataclass(frozen=True, slots=True)
class Calendar:
    """`start_ms` is the epoch millisecond at which time 0, the start of warm-up, stands."""

    start_ms: int

    @classmethod
    def starting(cls, text: str, *, warm_up_ns: int) -> "Calendar":
        """Put the end of warm-up at an ISO 8601 instant such as 2026-03-03T09:00:00Z.

        Raises ValueError for text that is no instant.
        """
        seat = datetime.fromisoformat(text)
        if seat.tzinfo is None:
            seat = seat.replace(tzinfo=UTC)
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return cls((seat - epoch) // timedelta(milliseconds=1) - warm_up_ns // MS)

    def ms(self, at: int) -> int:
        """Epoch milliseconds of a drill instant in nanoseconds, cutting below the millisecond."""
        return self.start_ms + at // MS

    def ns(self, ms: int) -> int:
        """Drill nanoseconds of an epoch millisecond."""
        return (ms - self.start_ms) * MS

    def epoch_ns(self, at: int) -> int:
        """Epoch nanoseconds of a drill instant."""
        return self.start_ms * MS + at

    def stamp(self, at: int) -> str:
        """ISO 8601 with milliseconds, in UTC."""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            milliseconds=self.start_ms, microseconds=at // US
        )
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
