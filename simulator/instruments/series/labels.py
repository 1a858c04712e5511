"""Label sets: sorted pairs of strings, among them the metric's name under `__name__`."""

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

Labels = tuple[tuple[str, str], ...]
"""One series' identity: (name, value) pairs sorted by name; empty values are absent labels."""

NAME = "__name__"
METADATA = (NAME, "__type__", "__unit__")
"""What describes a metric, and no longer does when its values have been changed."""
NUMERIC = ("le", "quantile")

_METRIC = re.compile(r"[a-zA-Z_:][\w:]*", re.ASCII)
_PLAIN = re.compile(r"[a-zA-Z_]\w*", re.ASCII)
# Go writes the shortest form with an exponent below -4 and from 6 on.
_EXPONENT_MIN = -4
_EXPONENT_MAX = 5


def labels_of(pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
    """Sort pairs into a label set and leave out empty values, which mean the same as none."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return tuple(sorted([pair for pair in items if pair[1]]))


def normalised(labels: Labels) -> Labels:
    """Write `le` and `quantile` as a 3.x scrape stores them: `120` becomes `120.0`."""
    names = [name for name, _ in labels]
    if not any(numeric in names for numeric in NUMERIC):
        return labels_of(labels)
    return labels_of([(n, _bound(value) if n in NUMERIC else value) for n, value in labels])


def without_name(labels: Labels) -> Labels:
    """Drop the metric's name, and its type and unit where they are labels."""
    return tuple(pair for pair in labels if pair[0] not in METADATA)


def value_of(labels: Labels, name: str) -> str:
    """Look one label up; absent labels are empty."""
    return next((value for label, value in labels if label == name), "")


def format_labels(labels: Labels) -> str:
    """Write a label set as `name{a="b"}`; names that are no plain words are quoted."""
    name = value_of(labels, NAME)
    inner = [f'{_name(n)}="{_escaped(v)}"' for n, v in labels if n != NAME]
    if name and not _METRIC.fullmatch(name):
        inner, name = [f'"{_escaped(name)}"', *inner], ""
    return f"{name}{{{', '.join(inner)}}}" if inner or not name else name


def braced(labels: Labels) -> str:
    """Write a label set with the name among the others, as Prometheus's errors do."""
    inner = ", ".join(f'{_name(name)}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inner}}}"


def go_float(value: float) -> str:
    """Write a float as Go's shortest `%g` does: 1e+06, 123456.5, 1e-05, NaN, +Inf."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0:
        return sign + "0"
    _, digits, last = Decimal(repr(abs(value))).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(digits) + int(last)
    exponent = point - 1
    if not _EXPONENT_MIN <= exponent <= _EXPONENT_MAX:
        mantissa = text[0] + ("." + text[1:] if text[1:] else "")
        return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{text}"
    if point >= len(text):
        return sign + text.ljust(point, "0")
    return f"{sign}{text[:point]}.{text[point:]}"


@lru_cache(maxsize=1024)  # few bounds are written on many series
def _bound(text: str) -> str:
    try:
        written = go_float(float(text))
    except ValueError:
        return text
    return written if any(c in written for c in "e.nI") else written + ".0"


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f'"{_escaped(name)}"'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
