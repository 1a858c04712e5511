"""The functions of alert templates, writing numbers as Prometheus's own templates do."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from simulator.instruments.alerting.template_builtins import BUILTINS
from simulator.instruments.alerting.template_texts import TEXTS
from simulator.instruments.alerting.template_values import TemplateError, Value, number, shown
from simulator.instruments.promql.syntax.numbers import NumberProblem, duration_ms
from simulator.instruments.promql.syntax.strings import go_quoted
from simulator.instruments.series.labels import go_float

_LARGE = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL = ("m", "u", "n", "p", "f", "a", "z", "y")
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def humanize(value: Value) -> str:
    """Four digits and a metric prefix: 1234567 is `1.235M`."""
    return "".join(_scaled(number(value)))


def humanize_1024(value: Value) -> str:
    """Four digits and a binary prefix."""
    scaled, prefix = number(value), ""
    if math.isfinite(scaled):
        for each in _BINARY if abs(scaled) > 1 else ():
            if abs(scaled) < 1024:  # noqa: PLR2004 - the base
                break
            scaled, prefix = scaled / 1024, each
    return _four(scaled) + prefix


def humanize_percentage(value: Value) -> str:
    """A share as a percentage: 0.1234 is `12.34%`."""
    return _four(number(value) * 100) + "%"


def humanize_duration(value: Value) -> str:
    """Seconds as `1d 2h 3m 4s`, `4.5s` or `120ms`."""
    seconds = number(value)
    if not math.isfinite(seconds):
        return _four(seconds)
    if abs(seconds) < 1:
        return "".join(_scaled(seconds)) + "s"
    sign, whole = ("-" if seconds < 0 else ""), int(abs(seconds))
    days, hours = whole // _DAY, whole // _HOUR % 24
    minutes = whole // _MINUTE % 60
    rest = f"{whole % 60}s"
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {rest}"
    if hours:
        return f"{sign}{hours}h {minutes}m {rest}"
    return f"{sign}{minutes}m {rest}" if minutes else f"{sign}{_four(abs(seconds))}s"


def humanize_timestamp(value: Value) -> str:
    """Seconds since 1970 as a date in UTC."""
    seconds = number(value)
    if not math.isfinite(seconds):
        return _four(seconds)
    milliseconds = math.floor(seconds * 1e9) // 10**6
    at = _EPOCH + timedelta(seconds=milliseconds // 1000)
    part = f".{milliseconds % 1000:03d}".rstrip("0").rstrip(".")
    return f"{at:%Y-%m-%d %H:%M:%S}{part} +0000 UTC"


def parse_duration(written: Value) -> float:
    """A duration such as `1h30m` in seconds."""
    try:
        return duration_ms(shown(written)) / 1000
    except NumberProblem as error:
        raise TemplateError(f"not a valid duration string: {go_quoted(shown(written))}") from error


def sort_by_label(name: Value, rows: Value) -> Value:
    """A query's rows, sorted by one of their labels."""
    listed = rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()
    return sorted(listed, key=lambda row: shown(label_of_row(name, row)))


def first(rows: Value) -> Value:
    """A query's first row."""
    if isinstance(rows, Sequence) and not isinstance(rows, str) and rows:
        return rows[0]
    raise TemplateError("first() called on vector with no elements")


def value_of_row(row: Value) -> Value:
    """A row's number."""
    if isinstance(row, Mapping) and "Value" in row:
        return row["Value"]
    raise TemplateError("value() needs an element of a query's result")


def label_of_row(name: Value, row: Value) -> Value:
    """One of a row's labels."""
    labels = row.get("Labels") if isinstance(row, Mapping) else None
    return labels.get(shown(name), "") if isinstance(labels, Mapping) else ""


FUNCTIONS: dict[str, Callable[..., Value]] = {
    **BUILTINS,
    **TEXTS,
    "humanize": humanize,
    "humanize1024": humanize_1024,
    "humanizePercentage": humanize_percentage,
    "humanizeDuration": humanize_duration,
    "humanizeTimestamp": humanize_timestamp,
    "toTime": humanize_timestamp,
    "parseDuration": parse_duration,
    "first": first,
    "value": value_of_row,
    "label": label_of_row,
    "strvalue": lambda row: label_of_row("__value__", row),
    "sortByLabel": sort_by_label,
}
"""Functions by name; `query` is added where there is a store to ask."""


def _four(value: float) -> str:
    if not math.isfinite(value):
        return go_float(value)
    return f"{value:.4g}"


def _scaled(value: float) -> tuple[str, str]:
    prefix = ""
    if value and math.isfinite(value):
        if abs(value) >= 1:
            for each in _LARGE:
                if abs(value) < 1000:  # noqa: PLR2004 - the base
                    break
                value, prefix = value / 1000, each
        else:
            for each in _SMALL:
                if abs(value) >= 1:
                    break
                value, prefix = value * 1000, each
    return _four(value), prefix
