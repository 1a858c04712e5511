"""The functions that Go's templates have themselves: comparisons, logic, `index`, `printf`."""

import html
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from urllib.parse import quote_plus

from simulator.instruments.alerting.template_values import (
    TemplateError,
    Value,
    is_true,
    kind_of,
    printf,
    shown,
)

_JS = str.maketrans(
    {
        "\\": r"\\", "'": r"\'", '"': r"\"", "<": r"\u003C", ">": r"\u003E", "&": r"\u0026",
        "=": r"\u003D",
    }
)  # fmt: skip
_BASIC = ("string", "int", "float64", "bool")


def joined(values: Sequence[Value]) -> str:
    """Go's Sprint: a space between two neighbours of which neither is a text."""
    texts = ["<nil>" if value is None else shown(value) for value in values]
    text = texts[0] if texts else ""
    for (left, right), written in zip(pairwise(values), texts[1:], strict=True):
        text += ("" if isinstance(left, str) or isinstance(right, str) else " ") + written
    return text


def _spaced(*values: Value) -> str:
    return " ".join(shown(value) for value in values) + "\n"


def _same_kind(left: Value, right: Value) -> None:
    kinds = kind_of(left), kind_of(right)
    if kinds[0] != kinds[1]:
        raise TemplateError("incompatible types for comparison")
    if kinds[0] not in _BASIC:
        raise TemplateError("non-comparable type")


def equal(left: Value, *others: Value) -> bool:
    """Whether a value equals any of some others; whole numbers are no floats."""
    if not others:
        raise TemplateError("missing argument for comparison")
    for other in others:
        _same_kind(left, other)
        if left == other:
            return True
    return False


def _less(left: Value, right: Value) -> bool:
    _same_kind(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left < right
    raise TemplateError("invalid type for comparison")


def _differs(left: Value, right: Value) -> bool:
    return not equal(left, right)


def index(holder: Value, *keys: Value) -> Value:
    """An element of a map, list or text; a map has an empty text where it lacks the key."""
    for key in keys:
        if isinstance(holder, Mapping):
            holder = holder.get(shown(key), "")
        elif isinstance(holder, Sequence) and isinstance(key, int):
            if not 0 <= key < len(holder):
                raise TemplateError(f"index out of range: {key}")
            at = holder[key]
            holder = ord(at) if isinstance(holder, str) and isinstance(at, str) else at
        else:
            raise TemplateError(f"can't index item of type {kind_of(holder)}")
    return holder


def _slice(holder: Value, *ends: int) -> Value:
    if not isinstance(holder, Sequence):
        raise TemplateError(f"can't slice item of type {kind_of(holder)}")
    first, last = (*ends, 0)[0], ends[1] if len(ends) > 1 else len(holder)
    if not 0 <= first <= last <= len(holder):
        raise TemplateError(f"index out of range: {last}")
    return holder[first:last]


def _length(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping | Sequence):
        return len(value)
    raise TemplateError(f"len of type {kind_of(value)}")


def _call(*_: Value) -> Value:
    raise TemplateError("call of what is no function")


BUILTINS: dict[str, Callable[..., Value]] = {
    "and": lambda *values: next((v for v in values if not is_true(v)), values[-1]),
    "or": lambda *values: next((v for v in values if is_true(v)), values[-1]),
    "not": lambda value: not is_true(value),
    "eq": equal,
    "ne": _differs,
    "lt": _less,
    "le": lambda left, right: _less(left, right) or equal(left, right),
    "gt": lambda left, right: not _less(left, right) and not equal(left, right),
    "ge": lambda left, right: not _less(left, right),
    "len": _length,
    "index": index,
    "slice": _slice,
    "call": _call,
    "html": lambda *values: (
        html.escape(joined(values)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    ),
    "js": lambda *values: joined(values).translate(_JS),
    "urlquery": lambda *values: quote_plus(joined(values), safe="~"),
    "print": lambda *values: joined(values),
    "printf": printf,
    "println": _spaced,
}
"""By name."""
