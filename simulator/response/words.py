"""Lines of text as words: quoting, `caller -> callee` as one word, figures as a person writes them.

What is written here can be read back to the same value, so that a journal is plain text.
"""

import json
import re
import shlex
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints

from simulator.errors import UsageError
from simulator.units import format_duration, share

_SAFE = re.compile(r"^[\w@%+=:,./*|-]+$", re.ASCII)
_ARROW = re.compile(r"\s*->\s*")
_NAME = r"[A-Za-z0-9_][\w./-]*"
_EDGE = re.compile(rf"^{_NAME} -> {_NAME}$", re.ASCII)


def split_words(text: str) -> list[str]:
    """Split as a shell does, keeping `caller -> callee` as one word; UsageError on a lost quote."""
    try:
        pieces = shlex.split(text)
    except ValueError as error:
        msg = f"a quote is missing in: {text.strip()}"
        raise UsageError(msg) from error
    words: list[str] = []
    joins = False
    for piece in pieces:
        if joins or (words and piece.startswith("->")):
            words[-1] = f"{words[-1]} {piece}"
        else:
            words.append(piece)
        joins = piece.endswith("->")
    return [_ARROW.sub(" -> ", word) if "->" in word else word for word in words]


def join_words(words: Iterable[str]) -> str:
    """Write words so that `split_words` gives them back."""
    return " ".join(word if _is_plain(word) else shlex.quote(word) for word in words)


def _is_plain(word: str) -> bool:
    return bool(_SAFE.match(word) or _EDGE.match(word))


def quoted(text: str) -> str:
    """Write free text on one line, in quotes."""
    return json.dumps(text, ensure_ascii=False)


def unquoted(raw: str) -> str:
    """Read free text: what `quoted` wrote, or the line as it stands."""
    raw = raw.strip()
    if raw.startswith('"'):
        try:
            text = json.loads(raw)
        except json.JSONDecodeError:
            return raw
        return text if isinstance(text, str) else raw
    return raw


def one_line(text: object) -> object:
    """Put an expression written over several lines on one."""
    return re.sub(r"\s*[\r\n]+\s*", " ", text).strip() if isinstance(text, str) else text


def percent(value: float) -> str:
    """Write a share exactly, as a percentage."""
    digits = format(Decimal(repr(value)) * 100, "f")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + "%"


def number(value: float) -> str:
    """Write a figure exactly, without a fraction where there is none."""
    return repr(value).removesuffix(".0")


def span(value: int) -> str:
    """Write a duration exactly."""
    return format_duration(value)


def _arrow(value: object) -> object:
    return _ARROW.sub(" -> ", value.strip()) if isinstance(value, str) else value


def _edge(value: object) -> object:
    text = _arrow(value)
    if not isinstance(text, str) or not _EDGE.match(text):
        raise ValueError(f"{value!r} is not an edge; write CALLER -> CALLEE")
    return text


def _odds(value: object) -> object:
    if isinstance(value, str) and not value.strip().endswith("%"):
        return value
    return share(value)


def _off(value: object) -> object:
    return 0 if isinstance(value, str) and value.strip() in {"off", "none"} else value


Name = Annotated[
    str,
    BeforeValidator(_arrow),
    StringConstraints(pattern=rf"^(?:{_NAME}|{_NAME} -> {_NAME})$"),
]
"""The name of a component, pod, node, class, pool, autoscaler or edge."""

EdgeName = Annotated[str, BeforeValidator(_edge)]
"""The name of an edge, `caller -> callee`."""

Confidence = Annotated[float, BeforeValidator(_odds, json_schema_input_type=float | str)]
"""A probability, written `0.8` or `80%`."""

Expression = Annotated[str, BeforeValidator(one_line), StringConstraints(min_length=1)]
"""A PromQL expression on one line."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""Free text."""

Limit = Annotated[
    float, BeforeValidator(_off, json_schema_input_type=float | Literal["off", "none"])
]
"""A limit; `off` is 0, which means none."""

WholeLimit = Annotated[
    int, BeforeValidator(_off, json_schema_input_type=int | Literal["off", "none"])
]
"""A limit in whole things; `off` is 0, which means none."""

Line = Annotated[str, BeforeValidator(one_line)]
"""Free text on one line, which may be empty."""
