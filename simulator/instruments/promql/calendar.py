"""Parts of a date in UTC, from seconds since 1970, over all the years that Go's clock knows."""

import math
from collections.abc import Callable
from typing import NamedTuple

_DAY_S = 86_400
_DAYS_400Y, _DAYS_100Y, _DAYS_4Y, _DAYS_Y = 146_097, 36_524, 1461, 365
# The first of March of the year 0 begins the count in which leap days end a year.
_EPOCH_DAYS = 719_468
_WRAPPED = 2**63
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


class Date(NamedTuple):
    """A day and the second in it."""

    year: int
    month: int
    day: int
    second: int
    weekday: int


def date_of(seconds: float) -> Date:
    """The date at an instant; like in Go, what is no whole number of 64 bits wraps to 2**63."""
    is_held = math.isfinite(seconds) and abs(seconds) < _WRAPPED
    days, second = divmod(int(seconds) if is_held else _WRAPPED, _DAY_S)
    weekday = (days + 4) % 7
    era, day = divmod(days + _EPOCH_DAYS, _DAYS_400Y)
    year = (day - day // (_DAYS_4Y - 1) + day // _DAYS_100Y - day // (_DAYS_400Y - 1)) // _DAYS_Y
    day -= _DAYS_Y * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    month = (month + 2) % 12 + 1
    return Date(year + era * 400 + (month <= _FEBRUARY), month, day + 1, second, weekday)


def _month_days(date: Date) -> int:
    return _MONTH_DAYS[date.month - 1] + (date.month == _FEBRUARY and _is_leap(date.year))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _year_day(date: Date) -> int:
    before = sum(_MONTH_DAYS[: date.month - 1])
    return before + date.day + (date.month > _FEBRUARY and _is_leap(date.year))


def _part(read: Callable[[Date], int]) -> Callable[[float], float]:
    return lambda seconds: float(read(date_of(seconds)))


CALENDAR: dict[str, Callable[[float], float]] = {
    "minute": _part(lambda date: date.second // 60 % 60),
    "hour": _part(lambda date: date.second // 3600),
    "day_of_week": _part(lambda date: date.weekday),
    "day_of_month": _part(lambda date: date.day),
    "day_of_year": _part(_year_day),
    "days_in_month": _part(_month_days),
    "month": _part(lambda date: date.month),
    "year": _part(lambda date: date.year),
}
"""The calendar functions by name, Sunday being day 0 of the week."""
