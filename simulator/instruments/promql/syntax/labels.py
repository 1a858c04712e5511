"""Reads what stands in braces, and the label lists of `by`, `on` and their relatives."""

from simulator.errors import QueryError
from simulator.instruments.promql.syntax.cursor import Cursor
from simulator.instruments.promql.syntax.strings import unquoted
from simulator.instruments.promql.syntax.tokens import Kind
from simulator.instruments.series.labels import NAME
from simulator.instruments.series.matchers import Matcher, pattern

_OPERATORS = ("=", "!=", "=~", "!~")
_MATCHING = "label matching"
_OPTIONS = "grouping opts"


def label_matchers(name: str, cursor: Cursor | tuple[()]) -> tuple[Matcher, ...]:
    """Read matchers up to the closing brace; the metric's name before the brace comes last."""
    found = [] if isinstance(cursor, tuple) else _braced(cursor)
    return (*found, Matcher(NAME, "=", name)) if name else tuple(found)


def _braced(cursor: Cursor) -> list[Matcher]:
    found: list[Matcher] = []
    while not cursor.took("}"):
        found.append(_matcher(cursor))
        if not cursor.at(",", "}"):
            cursor.unexpected(_MATCHING, '"," or "}"')
        cursor.took(",")
    return found


def _matcher(cursor: Cursor) -> Matcher:
    token = cursor.token
    if token.kind not in (Kind.IDENTIFIER, Kind.STRING):
        cursor.unexpected(_MATCHING, 'identifier or "}"')
    cursor.take()
    name = token.value if token.kind is Kind.IDENTIFIER else unquoted(token.value)
    if not cursor.at(*_OPERATORS):
        if token.kind is Kind.STRING:
            return Matcher(NAME, "=", name)
        cursor.unexpected(_MATCHING, "label matching operator")
    op = cursor.take().value
    if cursor.token.kind is not Kind.STRING:
        cursor.unexpected(_MATCHING, "string")
    matcher = Matcher(name, op, unquoted(cursor.take().value))
    if "~" in op:
        try:
            pattern(matcher.value)
        except QueryError as error:
            cursor.refuse(token.start, str(error))
    return matcher


def grouping_labels(cursor: Cursor) -> tuple[str, ...]:
    """Read `(a, b)`."""
    if not cursor.at("("):
        cursor.unexpected(_OPTIONS, '"("')
    cursor.take()
    found: list[str] = []
    while not cursor.took(")"):
        found.append(_label(cursor))
        if not cursor.at(",", ")"):
            cursor.unexpected(_OPTIONS, '"," or ")"')
        cursor.took(",")
    return tuple(found)


def _label(cursor: Cursor) -> str:
    token = cursor.token
    if token.kind is Kind.STRING:
        name = unquoted(cursor.take().value)
        if not name:
            cursor.refuse(token.start, 'invalid label name for grouping: ""')
        return name
    is_word = token.kind in (Kind.IDENTIFIER, Kind.METRIC, Kind.AGGREGATOR, Kind.EDGE)
    is_keyword = token.kind in (Kind.KEYWORD, Kind.OPERATOR) and token.value[0].isalpha()
    if not (is_word or is_keyword) or token.value.lower() == "without":
        cursor.unexpected(_OPTIONS, "label")
    return cursor.take().value
