"""When a PromQL condition holds: true, false, or unknown.

A comparison filters: what remains is where it holds. Nothing left may mean that it does not hold,
or that there is no data; the two are told apart by asking for the operands alone.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator

from simulator.response.words import Expression

Samples = Sequence[tuple[Mapping[str, str], float]]
"""What an expression gives: labels and value of each series; empty when there is nothing."""

_COMPARISON = re.compile(r"==|!=|>=|<=|>|<")
_LOGIC = re.compile(r"\b(and|or|unless)\b", re.IGNORECASE)
_MODIFIERS = re.compile(
    r"^\s*(?:(?:bool\b|(?:on|ignoring|group_left|group_right)\b\s*(?:\([^)]*\))?)\s*)*",
    re.IGNORECASE,
)
_BOOL = re.compile(r"^\s*bool\b", re.IGNORECASE)


def is_true(samples: Samples) -> bool:
    """Whether a filtering condition holds anywhere; a value that is not a number does not count."""
    return any(not math.isnan(value) for _, value in samples)


def operands(expr: str) -> tuple[str, ...]:
    """The data a condition compares, without plain numbers and without what `unless` takes away."""
    found: list[str] = []
    drops = False
    for separator, piece in _pieces(expr):
        if separator in {"and", "or", "unless"}:
            drops = separator == "unless"
        bare = _unwrapped(_MODIFIERS.sub("", piece, count=1))
        if drops or not bare or _is_number(bare):
            continue
        inner = list(_pieces(bare))
        found += operands(bare) if len(inner) > 1 else [bare]
    return tuple(found)


def filters(expr: str) -> str:
    """Refuse a comparison with `bool`, which gives 0 or 1 instead of filtering."""
    compared = [s for s in _pieces(expr) if s[0] and _BOOL.match(s[1])]
    if compared:
        raise ValueError("a condition holds where something is left; write it without bool")
    return expr


Condition = Annotated[Expression, AfterValidator(filters)]
"""A PromQL expression that holds wherever it leaves a value."""


def _pieces(expr: str) -> Iterator[tuple[str, str]]:
    """Cut at top-level comparisons and set operators: pairs of what cuts and what follows."""
    separator, start, at = "", 0, 0
    while at < len(expr):
        skipped = _skip(expr, at)
        cut = None if skipped > at else _COMPARISON.match(expr, at) or _word(expr, at)
        if cut is not None:
            yield separator, expr[start:at]
            separator, start = cut[0].lower(), cut.end()
        at = max(skipped, cut.end() if cut else at + 1)
    yield separator, expr[start:]


def _word(expr: str, at: int) -> re.Match[str] | None:
    is_start = at == 0 or not (expr[at - 1].isalnum() or expr[at - 1] in "_:")
    return _LOGIC.match(expr, at) if is_start else None


def _skip(expr: str, at: int) -> int:
    """Go past a bracket or a quoted text that begins here, else stay."""
    opening = expr[at]
    if opening in "\"'`":
        return _past_quote(expr, at)
    if opening not in "([{":
        return at
    depth = 0
    while at < len(expr):
        if expr[at] in "\"'`":
            at = _past_quote(expr, at)
            continue
        depth += (expr[at] in "([{") - (expr[at] in ")]}")
        at += 1
        if depth == 0:
            break
    return at


def _past_quote(expr: str, at: int) -> int:
    quote = expr[at]
    at += 1
    while at < len(expr) and expr[at] != quote:
        at += 2 if expr[at] == "\\" and quote != "`" else 1
    return at + 1


def _unwrapped(text: str) -> str:
    text = text.strip()
    while text.startswith("(") and _skip(text, 0) == len(text):
        text = text[1:-1].strip()
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
