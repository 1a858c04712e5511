"""Reads what follows an operand (ranges, offsets, `@`), and an operator's modifiers."""

import math
from dataclasses import replace

from simulator.instruments.promql.syntax.cursor import Cursor
from simulator.instruments.promql.syntax.labels import grouping_labels
from simulator.instruments.promql.syntax.numbers import NumberProblem, duration_ms, number
from simulator.instruments.promql.syntax.tokens import Kind, Token, can_begin
from simulator.instruments.promql.syntax.tree import (
    MatrixSelector,
    Modifiers,
    Node,
    Selecting,
    Subquery,
    VectorSelector,
)

_SUBQUERY = "subquery selector"
_TIME = "number or duration"
_DURATIONS = (Kind.NUMBER, Kind.DURATION)
_INT64 = 2.0**63
_NO_TIME_MS = -(2**63) // 1_000_000
"""What NaN is as a length of time there: the least, where no samples are."""
_MUST_FOLLOW = "an instant vector selector or range vector selector or a subquery"


def binary_modifiers(cursor: Cursor) -> Modifiers:
    """Read `bool`, `on (...)` or `ignoring (...)`, and `group_left (...)` or `group_right`."""
    is_bool = cursor.took("bool")
    if not cursor.at("on", "ignoring"):
        return Modifiers(is_bool)
    is_on = cursor.take().value.lower() == "on"
    labels = grouping_labels(cursor)
    if not cursor.at("group_left", "group_right"):
        return Modifiers(is_bool, labels, is_on)
    group = cursor.take().value.lower().removeprefix("group_")
    is_listed = cursor.at("(") or not can_begin(cursor.token)
    include = grouping_labels(cursor) if is_listed else ()
    return Modifiers(is_bool, labels, is_on, group, include)


def bracketed(cursor: Cursor, node: Node) -> Node:
    """Read `[5m]` or `[1h:1m]`."""
    opening = cursor.take().start
    with cursor.context(_SUBQUERY, _TIME):
        range_ms = _length(cursor)
    if cursor.took("]"):
        return _range(cursor, node, opening, range_ms)
    if cursor.token.kind is not Kind.SIGN or not (cursor.at(":") or cursor.token.value.isalpha()):
        cursor.unexpected("subquery or range", '":" or "]"')
    cursor.take()
    step_ms = None
    if not cursor.took("]"):
        with cursor.context(_SUBQUERY, _TIME + ' or "]"'):
            step_ms = _length(cursor)
        if not cursor.took("]"):
            cursor.unexpected(_SUBQUERY, '"]"')
    return Subquery(
        start=node.start, end=cursor.closed, expr=node, range_ms=range_ms, step_ms=step_ms
    )


def _range(cursor: Cursor, node: Node, opening: int, range_ms: int) -> Node:
    if not isinstance(node, VectorSelector):
        cursor.refuse(opening, "ranges only allowed for vector selectors")
    if node.offset_ms:
        cursor.refuse(opening, "no offset modifiers allowed before range")
    if node.is_pinned:
        cursor.refuse(opening, "no @ modifiers allowed before range")
    return MatrixSelector(start=node.start, end=cursor.closed, selector=node, range_ms=range_ms)


def offset(cursor: Cursor, node: Node) -> Node:
    """Read `offset 5m`; the time may be negative."""
    cursor.take()
    with cursor.context("offset", _TIME):
        moved_ms = _duration(cursor)
    inner = _selecting(node)
    if inner is None:
        cursor.refuse(node.start, f"offset modifier must be preceded by {_MUST_FOLLOW}")
    if inner.offset_ms:
        cursor.refuse(node.start, "offset may not be set multiple times")
    return _with(node, replace(inner, offset_ms=moved_ms, end=cursor.closed))


def pinned(cursor: Cursor, node: Node) -> Node:
    """Read `@ 1609746000`, `@ start()` or `@ end()`."""
    cursor.take()
    edge, at_ms = "", None
    with cursor.context("@", "timestamp"):
        if cursor.token.kind is Kind.EDGE:
            edge = cursor.take().value.lower()
            cursor.expect("(")
            cursor.expect(")")
        else:
            is_negative = cursor.at("-")
            cursor.took("+", "-")
            seconds = _seconds(cursor, _amount(cursor)) * (-1 if is_negative else 1)
            if not math.isfinite(seconds) or abs(seconds) >= _INT64:
                shown = f"{seconds:.6f}" if math.isfinite(seconds) else _infinite(seconds)
                cursor.refuse(node.start, f"timestamp out of bounds for @ modifier: {shown}")
            at_ms = math.floor(abs(seconds) * 1000 + 0.5) * (-1 if is_negative else 1)
    inner = _selecting(node)
    if inner is None:
        cursor.refuse(node.start, f"@ modifier must be preceded by {_MUST_FOLLOW}")
    if inner.is_pinned:
        cursor.refuse(node.start, "@ <timestamp> may not be set multiple times")
    return _with(node, replace(inner, at_ms=at_ms, at_edge=edge, end=cursor.closed))


def _infinite(seconds: float) -> str:
    return "NaN" if math.isnan(seconds) else "+Inf" if seconds > 0 else "-Inf"


def _selecting(node: Node) -> Selecting | None:
    if isinstance(node, MatrixSelector):
        return node.selector
    return node if isinstance(node, Selecting) else None


def _with(node: Node, inner: Selecting) -> Node:
    if isinstance(node, MatrixSelector) and isinstance(inner, VectorSelector):
        return replace(node, selector=replace(inner, end=node.selector.end), end=inner.end)
    return inner


def _length(cursor: Cursor) -> int:
    """A duration that must be positive, in milliseconds."""
    start = cursor.token.start
    milliseconds = _duration(cursor)
    if cursor.took("+", "-", "*", "/", "%", "^"):
        _duration(cursor)
        cursor.refuse(start, _EXPERIMENTAL)
    if milliseconds <= 0:
        cursor.refuse(start, "duration must be greater than 0")
    return milliseconds


_EXPERIMENTAL = "experimental duration expression is not enabled"


def _duration(cursor: Cursor) -> int:
    """A duration with its signs, in milliseconds; one in parentheses is refused."""
    sign = 1
    while cursor.at("+", "-"):
        sign *= -1 if cursor.take().value == "-" else 1
    start = cursor.token.start
    if not cursor.took("("):
        return sign * _milliseconds(cursor, _amount(cursor))
    _duration(cursor)
    while cursor.took("+", "-", "*", "/", "%", "^"):
        _duration(cursor)
    cursor.expect(")")
    return cursor.refuse(start, _EXPERIMENTAL)


def _amount(cursor: Cursor) -> Token:
    if cursor.token.kind not in _DURATIONS:
        cursor.unexpected()
    return cursor.take()


def _seconds(cursor: Cursor, token: Token) -> float:
    try:
        if token.kind is Kind.NUMBER:
            return number(token.value)
        return duration_ms(token.value) / 1000
    except NumberProblem as problem:
        cursor.refuse(token.start, str(problem))


def _milliseconds(cursor: Cursor, token: Token) -> int:
    seconds = _seconds(cursor, token)
    if math.isnan(seconds):
        return _NO_TIME_MS
    if not math.isfinite(seconds) or seconds * 1e9 >= _INT64:
        cursor.refuse(token.start, "duration out of range")
    return math.floor(seconds * 1000 + 0.5)
