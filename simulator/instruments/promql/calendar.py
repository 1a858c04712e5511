"""Parts of a date in UTC, from seconds since 1970."""

import calendar
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _part(read: Callable[[datetime], int]) -> Callable[[float], float]:
    def part(seconds: float) -> float:
        return float(read(_EPOCH + timedelta(seconds=int(seconds))))

    return part


CALENDAR: dict[str, Callable[[float], float]] = {
    "minute": _part(lambda t: t.minute),
    "hour": _part(lambda t: t.hour),
    "day_of_week": _part(lambda t: t.isoweekday() % 7),
    "day_of_month": _part(lambda t: t.day),
    "day_of_year": _part(lambda t: t.timetuple().tm_yday),
    "days_in_month": _part(lambda t: calendar.monthrange(t.year, t.month)[1]),
    "month": _part(lambda t: t.month),
    "year": _part(lambda t: t.year),
}
"""The calendar functions by name, Sunday being day 0 of the week."""
