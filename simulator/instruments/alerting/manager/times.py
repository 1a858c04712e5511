"""Time intervals of the calendar, as `time_intervals` describe them: minutes, days, months, years.

Every field narrows; one left out allows everything. Times are UTC unless a location is given.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

Span = tuple[int, int]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """One alternative of a named interval.

    `minutes` are [first, end) of the day; the other spans include both ends. Weekdays count from
    Sunday, 0; negative days count from the end of the month, -1 being its last day.
    """

    minutes: tuple[Span, ...] = ()
    weekdays: tuple[Span, ...] = ()
    days: tuple[Span, ...] = ()
    months: tuple[Span, ...] = ()
    years: tuple[Span, ...] = ()
    zone: tzinfo = UTC

    def contains(self, t_ms: int) -> bool:
        """Say whether an epoch millisecond lies inside."""
        at = (_EPOCH + timedelta(milliseconds=t_ms)).astimezone(self.zone)
        minute = at.hour * 60 + at.minute
        return (
            (not self.minutes or any(first <= minute < end for first, end in self.minutes))
            and _within(self.weekdays, at.isoweekday() % 7)
            and _within(self.months, at.month)
            and _within(self.years, at.year)
            and self._has_day(at)
        )

    def _has_day(self, at: datetime) -> bool:
        last = monthrange(at.year, at.month)[1]
        spans = [(_counted(first, last), _counted(end, last)) for first, end in self.days]
        return _within(tuple(spans), at.day)


def _counted(day: int, last: int) -> int:
    """Count a negative day from the end; both kinds stay inside the month."""
    return max(1, last + 1 + day) if day < 0 else min(day, last)


def _within(spans: tuple[Span, ...], value: int) -> bool:
    return not spans or any(first <= value <= end for first, end in spans)


def is_inside(intervals: tuple[TimeInterval, ...], t_ms: int) -> bool:
    """Say whether any of some alternatives contains an instant."""
    return any(interval.contains(t_ms) for interval in intervals)
