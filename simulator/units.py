"""Durations, rates, shares, sizes and Kubernetes quantities: parsed once, at the edge.

Time is a whole number of nanoseconds everywhere inside. The `Annotated` types at the end are for
pydantic models; each accepts what a person writes and holds what the simulator computes with.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

NS = 1
US = 1_000
MS = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_UNITS = {"ns": NS, "us": US, "ms": MS, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_PER = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)")
_DURATION = r"^(0|(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+)$"
_CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,3}):(\d{2})$")
_RATE = re.compile(r"^(\d+(?:\.\d+)?)(k|M)?\s*/\s*(s|m|h|d)$")
_SHARE = re.compile(r"^(\d+(?:\.\d+)?)\s*%$")
_QUANTITY = re.compile(
    r"^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$"
)
_SUFFIX = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "k": Decimal(10**3),
    "M": Decimal(10**6), "G": Decimal(10**9), "T": Decimal(10**12), "P": Decimal(10**15),
    "E": Decimal(10**18), "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30),
    "Ti": Decimal(2**40), "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip


def duration(text: object) -> int:
    """Read `90s`, `1.5m`, `1h30m` or `250us` as nanoseconds; ValueError says what to write."""
    if isinstance(text, str):
        compact = text.strip()
        if compact == "0":
            return 0
        if compact and _PART.sub("", compact) == "":
            return sum(int(Decimal(n) * _UNITS[unit]) for n, unit in _PART.findall(compact))
    if text == 0 and isinstance(text, int) and not isinstance(text, bool):
        return 0
    if isinstance(text, int | float) and not isinstance(text, bool):
        msg = f"'{text:g}' needs a unit here: write {text:g}s, {text:g}m or {text:g}h"
        raise ValueError(msg)
    msg = f"{text!r} is not a duration; write a number and a unit, such as 90s"
    raise ValueError(msg)


def instant(text: str) -> int:
    """Read `00:30` (hours:minutes of drill time), `00:30:15` or a duration as nanoseconds."""
    match = _CLOCK.match(text.strip())
    if match is None:
        return duration(text)
    first, middle, last = match.groups()
    if first is None:
        return int(middle) * HOUR + int(last) * MINUTE
    return int(first) * HOUR + int(middle) * MINUTE + int(last) * SECOND


def rate(text: object) -> float:
    """Read `40/s`, `600/m` or `400k/m` as a number per second."""
    match = _RATE.match(text.strip()) if isinstance(text, str) else None
    if match is None:
        msg = f"{text!r} is not a rate; write a number per s, m, h or d, such as 40/s"
        raise ValueError(msg)
    number, thousand, per = match.groups()
    return float(number) * {"k": 1e3, "M": 1e6, None: 1.0}[thousand] / _PER[per]


def share(text: object) -> float:
    """Read `30%` as 0.3; a bare number from 0 to 1 is taken as it is."""
    if isinstance(text, str) and (match := _SHARE.match(text.strip())):
        value = float(Decimal(match[1]) / 100)
    elif isinstance(text, int | float) and not isinstance(text, bool):
        value = float(text)
    else:
        msg = f"{text!r} is not a share; write a percentage, such as 30%"
        raise ValueError(msg)
    if not 0.0 <= value <= 1.0:
        msg = f"{text!r} is not between 0% and 100%"
        raise ValueError(msg)
    return value


def quantity(text: object) -> Decimal:
    """Read a Kubernetes quantity (`250m`, `4`, `1.5Gi`, `1e3`) exactly."""
    match = _QUANTITY.match(str(text).strip()) if not isinstance(text, bool) else None
    if match is None:
        msg = f"{text!r} is not a quantity; write a number with an optional suffix, such as 500m"
        raise ValueError(msg)
    number, exponent, suffix = match.groups()
    try:
        return Decimal(number + (exponent or "")) * _SUFFIX.get(suffix or "", Decimal(1))
    except InvalidOperation as error:
        msg = f"{text!r} is not a quantity"
        raise ValueError(msg) from error


def milli(text: object) -> int:
    """Read a Kubernetes quantity in thousandths, rounded up, as the API machinery's MilliValue."""
    value = quantity(text) * 1000
    whole = int(value)
    return whole + 1 if value > whole else whole


def format_duration(ns: int) -> str:
    """Write nanoseconds as the shortest exact `1h2m3s`; below a second as `250ms`, `4us`, `7ns`."""
    if ns == 0:
        return "0s"
    if ns < 0:
        return "-" + format_duration(-ns)
    parts = []
    for name, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND)):
        whole, ns = divmod(ns, size)
        if whole:
            parts.append(f"{whole}{name}")
    for name, size in (("ms", MS), ("us", US), ("ns", NS)):
        whole, ns = divmod(ns, size)
        if whole:
            parts.append(f"{whole}{name}")
    return "".join(parts)


def format_clock(ns: int) -> str:
    """Write an instant of the drill as `HH:MM:SS`, cutting below the second."""
    sign, seconds = ("-" if ns < 0 else ""), abs(ns) // SECOND
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def seconds(ns: int) -> float:
    """Nanoseconds as seconds."""
    return ns / SECOND


def round_ns(value: Decimal) -> int:
    """Round to whole nanoseconds, half to even."""
    return int(value.to_integral_value(rounding=ROUND_HALF_EVEN))


Duration = Annotated[
    int,
    BeforeValidator(
        duration,
        json_schema_input_type=Annotated[str, StringConstraints(pattern=_DURATION)],
    ),
]
"""A span in nanoseconds, written `90s`."""

Rate = Annotated[
    float,
    BeforeValidator(
        rate,
        json_schema_input_type=Annotated[str, StringConstraints(pattern=_RATE.pattern)],
    ),
]
"""A number per second, written `40/s`."""

Share = Annotated[
    float,
    BeforeValidator(
        share,
        json_schema_input_type=float | Annotated[str, StringConstraints(pattern=_SHARE.pattern)],
    ),
]
"""A share from 0 to 1, written `30%`."""

Milli = Annotated[
    int,
    BeforeValidator(
        milli,
        json_schema_input_type=int
        | float
        | Annotated[str, StringConstraints(pattern=_QUANTITY.pattern)],
    ),
]
"""A Kubernetes quantity in thousandths."""


def _bytes(value: object) -> int:
    return int(quantity(value))


Bytes = Annotated[
    int,
    BeforeValidator(
        _bytes,
        json_schema_input_type=int | Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?\w*$")],
    ),
]
"""A size in bytes, written `16Gi`."""
