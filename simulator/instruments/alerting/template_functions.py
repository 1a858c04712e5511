"""The functions of alert templates, writing numbers as Prometheus's own templates do."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from simulator.instruments.series.labels import go_float

Value = str | float | int | bool | None | Mapping[str, "Value"] | Sequence["Value"]
"""What a template computes with; a query's row is a mapping with `Labels` and `Value`."""

_VERB = re.compile(r"%([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")
_LARGE = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL = ("m", "u", "n", "p", "f", "a", "z", "y")
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


class TemplateError(Exception):
    """A template cannot be read or filled in."""


def shown(value: Value) -> str:
    """A value as `{{ }}` prints it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, Mapping):
        inner = " ".join(f"{name}:{shown(value[name])}" for name in sorted(value))
        return f"map[{inner}]"
    if isinstance(value, str | int):
        return str(value)
    return "[" + " ".join(shown(item) for item in value) + "]"


def number(value: Value) -> float:
    """A value as a number; TemplateError when it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TemplateError(f"can't convert {shown(value)} to float")
    try:
        return float(value)
    except ValueError as error:
        raise TemplateError(f"can't convert {value!r} to float") from error


def is_true(value: Value) -> bool:
    """Go's truth: zero and whatever is empty are false."""
    return bool(value)


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
    at = _EPOCH + timedelta(seconds=number(value))
    return at.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")


def printf(form: Value, *values: Value) -> str:
    """Go's Sprintf for the verbs rules use."""
    rest = list(values)

    def written(verb: re.Match[str]) -> str:
        if verb[4] == "%":
            return "%"
        return _verb(verb, rest.pop(0)) if rest else f"%!{verb[4]}(MISSING)"

    return _VERB.sub(written, shown(form))


def first(rows: Value) -> Value:
    """A query's first row."""
    if isinstance(rows, Sequence) and not isinstance(rows, str) and rows:
        return rows[0]
    raise TemplateError("first() called on vector with no elements")


def value_of_row(row: Value) -> Value:
    """A row's number."""
    return row["Value"] if isinstance(row, Mapping) and "Value" in row else None


def label_of_row(name: Value, row: Value) -> Value:
    """One of a row's labels."""
    labels = row.get("Labels") if isinstance(row, Mapping) else None
    return labels.get(shown(name), "") if isinstance(labels, Mapping) else ""


def _equal(left: Value, right: Value) -> bool:
    return left == right


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "humanize": humanize,
    "humanize1024": humanize_1024,
    "humanizePercentage": humanize_percentage,
    "humanizeDuration": humanize_duration,
    "humanizeTimestamp": humanize_timestamp,
    "printf": printf,
    "print": lambda *values: "".join(shown(value) for value in values),
    "first": first,
    "value": value_of_row,
    "label": label_of_row,
    "title": lambda text: shown(text).title(),
    "toUpper": lambda text: shown(text).upper(),
    "toLower": lambda text: shown(text).lower(),
    "len": len,
    "eq": _equal,
    "ne": lambda left, right: left != right,
    "lt": lambda left, right: number(left) < number(right),
    "le": lambda left, right: number(left) <= number(right),
    "gt": lambda left, right: number(left) > number(right),
    "ge": lambda left, right: number(left) >= number(right),
    "not": lambda value: not is_true(value),
    "and": lambda *values: next((v for v in values if not is_true(v)), values[-1]),
    "or": lambda *values: next((v for v in values if is_true(v)), values[-1]),
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


def _verb(verb: re.Match[str], value: Value) -> str:
    flags, width, precision, letter = verb.groups()
    if letter in "fFeEgG":
        if isinstance(value, bool) or not isinstance(value, float | int):
            return f"%!{letter}({type(value).__name__}={shown(value)})"
        return _float_verb(flags, width, precision, letter, float(value))
    if letter == "d":
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        text = f"%!d(float64={shown(value)})" if not is_whole else shown(value)
    elif letter == "q":
        text = '"' + shown(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        text = shown(value)[: int(precision)] if precision and letter == "s" else shown(value)
    return f"%{flags}{width or ''}s" % text


def _float_verb(
    flags: str, width: str | None, precision: str | None, letter: str, value: float
) -> str:
    if not math.isfinite(value) or (letter in "gG" and precision is None):
        return f"%{flags.replace('0', '')}{width or ''}s" % go_float(value)
    point = f".{precision}" if precision is not None else ""
    return f"%{flags}{width or ''}{point}{letter}" % value
