"""What templates compute with, and how Go writes it."""

import re
from collections.abc import Mapping, Sequence

from simulator.instruments.promql.syntax.strings import go_quoted
from simulator.instruments.series.labels import go_float

Value = str | float | int | bool | None | Mapping[str, "Value"] | Sequence["Value"]
"""What a template computes with; a struct is a Record, a map of labels another mapping."""

_VERB = re.compile(r"%([-+ 0#]*)(\d+)?(?:\.(\d*))?([a-zA-Z%])?")


class TemplateError(Exception):
    """A template cannot be read or filled in."""


class Record(dict[str, Value]):
    """A struct: asking it for a field that it lacks is a mistake, not an empty text."""


def shown(value: Value) -> str:
    """A value as `{{ }}` prints it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, Record):
        return "{" + " ".join(shown(each) for each in value.values()) + "}"
    if isinstance(value, Mapping):
        inner = " ".join(f"{name}:{shown(value[name])}" for name in sorted(value))
        return f"map[{inner}]"
    if isinstance(value, str | int):
        return str(value)
    return "[" + " ".join(shown(item) for item in value) + "]"


def kind_of(value: Value) -> str:
    """Go's name for a value's type."""
    if value is None:
        return "<nil>"
    for kind, name in ((bool, "bool"), (str, "string"), (int, "int"), (float, "float64")):
        if isinstance(value, kind):
            return name
    return "map[string]string" if isinstance(value, Mapping) else "[]interface {}"


def number(value: Value) -> float:
    """A value as a number; TemplateError when it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TemplateError(f"can't convert {kind_of(value)} to float")
    try:
        return float(value)
    except ValueError as error:
        message = f"strconv.ParseFloat: parsing {go_quoted(str(value))}: invalid syntax"
        raise TemplateError(message) from error


def is_true(value: Value) -> bool:
    """Go's truth: zero and whatever is empty are false; a struct is true."""
    return isinstance(value, Record) or bool(value)


def printf(form: Value, *values: Value) -> str:
    """Go's Sprintf for the verbs rules use."""
    rest = list(values)

    def written(verb: re.Match[str]) -> str:
        if verb[4] == "%":
            return "%"
        if verb[4] is None:
            return "%!(NOVERB)"
        return _verb(verb, rest.pop(0)) if rest else f"%!{verb[4]}(MISSING)"

    text = _VERB.sub(written, shown(form))
    if rest:
        extra = ", ".join(f"{kind_of(each)}={shown(each)}" for each in rest)
        text += f"%!(EXTRA {extra})"
    return text


def _verb(verb: re.Match[str], value: Value) -> str:
    flags, width, precision, letter = verb.groups()
    is_float, is_whole = isinstance(value, float), kind_of(value) == "int"
    if letter == "v" or (letter == "t" and isinstance(value, bool)):
        text = "<nil>" if value is None else shown(value)
        if isinstance(value, float) and precision:
            return _float_verb(flags, width, precision, "g", value)
        flags = flags.replace("+", "").replace("#", "") if not (is_float or is_whole) else flags
        return _padded(flags, width, text)
    if letter in "fFeEgG" and isinstance(value, float):
        return _float_verb(flags, width, precision, letter, value)
    if letter in "dxXobc" and isinstance(value, int) and is_whole:
        if letter == "c":
            return _padded(flags, width, chr(value))
        return _padded(flags, width, format(value, ("+" if "+" in flags else "") + letter))
    if letter in "sqxX" and isinstance(value, str):
        cut = value[: int(precision or 0)] if precision is not None else value
        texts = {"s": cut, "q": go_quoted(cut), "x": cut.encode().hex()}
        return _padded(flags, width, texts.get(letter) or cut.encode().hex().upper())
    if letter == "s" and not (is_float or is_whole or isinstance(value, bool)):
        return _padded(flags, width, shown(value))
    return f"%!{letter}({kind_of(value)}={shown(value)})"


def _padded(flags: str, width: str | None, text: str) -> str:
    size = int(width or 0)
    if "-" in flags:
        return text.ljust(size)
    return text.zfill(size) if "0" in flags else text.rjust(size)


def _float_verb(
    flags: str, width: str | None, precision: str | None, letter: str, value: float
) -> str:
    if value - value != 0 or (letter in "gG" and precision is None):  # infinite, NaN or shortest
        written = go_float(value).replace("e", "E" if letter == "G" else "e")
        return f"%{flags.replace('0', '')}{width or ''}s" % written
    point = f".{precision or 0}" if precision is not None else ""
    return f"%{flags}{width or ''}{point}{letter}" % value
