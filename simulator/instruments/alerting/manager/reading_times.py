"""Reads time intervals: times of day, weekdays, days of the month, months, years, location."""

import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from simulator.instruments.alerting.located import Reader
from simulator.instruments.alerting.manager.times import Span, TimeInterval

INTERVAL_KEYS = ("times", "weekdays", "days_of_month", "months", "years", "location")
WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_CLOCK = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d))|(24):(00)")
_YEAR_MAX, _DAY_MAX = 9999, 31


def read_times(reader: Reader, node: yaml.Node | None) -> tuple[TimeInterval, ...]:
    """Read the alternatives of one named interval; mistakes go to the reader."""
    found = []
    for each in reader.sequence(node, "time_intervals"):
        keys = reader.mapping(each, "a time interval", INTERVAL_KEYS)
        found.append(
            TimeInterval(
                tuple(
                    _minutes(reader, part) for part in reader.sequence(keys.get("times"), "times")
                ),
                _spans(reader, keys, "weekdays", lambda text: _name(text, WEEKDAYS, 0)),
                _spans(reader, keys, "days_of_month", _day),
                _spans(reader, keys, "months", lambda text: _name(text, MONTHS, 1)),
                _spans(reader, keys, "years", _year),
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
        first, _, last = text.partition(":")
        try:
            span = (value_of(first), value_of(last or first))
        except ValueError:
            reader.wrong(
                node, "bad-range", f"{text!r} is not a range of {key}, such as {_LIKE[key]}"
            )
            continue
        if span[0] > span[1] and (span[0] > 0) == (span[1] > 0):
            reader.wrong(node, "bad-range", f"the range {text!r} ends before it starts")
            continue
        spans.append(span)
    return tuple(spans)


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
    if first == 0 or not first <= number < first + len(names):
        raise ValueError(text)
    return number


def _day(text: str) -> int:
    day = int(text)
    if day == 0 or abs(day) > _DAY_MAX:
        raise ValueError(text)
    return day


def _year(text: str) -> int:
    year = int(text)
    if not 0 <= year <= _YEAR_MAX:
        raise ValueError(text)
    return year


def _zone(reader: Reader, node: yaml.Node | None) -> tzinfo:
    name = "UTC" if node is None else reader.text(node, "location")
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        message = f"no time zone {name!r} is known here; write one such as Europe/Berlin, or UTC"
        reader.wrong(node or yaml.ScalarNode("", name), "unknown-time-zone", message)
        return UTC
