"""Reads time intervals: times of day, weekdays, days of the month, months, years, location."""

import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from simulator.instruments.alerting.located import Reader, is_null
from simulator.instruments.alerting.manager.times import Span, TimeInterval

INTERVAL_KEYS = ("times", "weekdays", "days_of_month", "months", "years", "location")
WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_CLOCK = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d))|(24):(00)")
_DAY_MAX, _DAYS_SURE = 31, 28


def read_times(reader: Reader, node: yaml.Node | None) -> tuple[TimeInterval, ...]:
    """Read the alternatives of one named interval; mistakes go to the reader."""
    found = []
    for each in reader.sequence(node, "time_intervals"):
        is_open = is_null(each)
        keys = {} if is_open else reader.mapping(each, "a time interval", INTERVAL_KEYS)
        found.append(
            TimeInterval(
                tuple(
                    _minutes(reader, part) for part in reader.sequence(keys.get("times"), "times")
                ),
                _spans(reader, keys, "weekdays", lambda text: _name(text, WEEKDAYS, 0)),
                _spans(reader, keys, "days_of_month", _day),
                _spans(reader, keys, "months", lambda text: _name(text, MONTHS, 1)),
                _spans(reader, keys, "years", int),
                _zone(reader, keys.get("location")),
            )
        )
    return tuple(found)


def _minutes(reader: Reader, node: yaml.Node) -> Span:
    keys = reader.mapping(node, "a time range", ("start_time", "end_time"))
    ends: list[int] = []
    for key in ("start_time", "end_time"):
        text = reader.text(keys[key], key) if key in keys else ""
        match = _CLOCK.fullmatch(text)
        if match is None:
            at = keys.get(key, node)
            reader.wrong(at, "bad-time", f"{key} must be a time such as 17:00, not {text!r}")
            return (0, 0)
        hour, minute = (int(part) for part in match.groups() if part is not None)
        ends.append(hour * 60 + minute)
    if ends[0] >= ends[1]:
        reader.wrong(node, "bad-time", "start_time must be before end_time; split over midnight")
    return (ends[0], ends[1])


def _spans(
    reader: Reader, keys: dict[str, yaml.Node], key: str, value_of: Callable[[str], int]
) -> tuple[Span, ...]:
    spans = []
    for node in reader.sequence(keys.get(key), key):
        text = reader.text(node, key).lower()
        first, colon, last = text.partition(":")
        try:
            span = (value_of(first), value_of(last if colon else first))
        except ValueError:
            reader.wrong(
                node, "bad-range", f"{text!r} is not a range of {key}, such as {_LIKE[key]}"
            )
            continue
        if _is_empty(*span):
            reader.wrong(node, "bad-range", f"the range {text!r} ends before it starts")
            continue
        spans.append(span)
    return tuple(spans)


def _is_empty(first: int, last: int) -> bool:
    """Whether a range ends before it starts; days may count from the end of at least 28."""
    if first >= 0 > last:
        return first > _DAYS_SURE + last
    return first > last or first < 0 < last


_LIKE = {
    "weekdays": "monday:friday",
    "days_of_month": "1:5 or -3:-1",
    "months": "may:august or 5:8",
    "years": "2026:2027",
}


def _name(text: str, names: tuple[str, ...], first: int) -> int:
    if text in names:
        return names.index(text) + first
    number = int(text)
    if first == 0:
        raise ValueError(text)
    return number


def _day(text: str) -> int:
    day = int(text)
    if day == 0 or abs(day) > _DAY_MAX:
        raise ValueError(text)
    return day


def _zone(reader: Reader, node: yaml.Node | None) -> tzinfo:
    name = "" if node is None else reader.text(node, "location")
    # A drill has no machine whose zone could be meant.
    if name in ("", "UTC", "Local"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        message = f"no time zone {name!r} is known here; write one such as Europe/Berlin, or UTC"
        reader.wrong(node or yaml.ScalarNode("", name), "unknown-time-zone", message)
        return UTC
