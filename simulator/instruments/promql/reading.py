"""Reads PromQL and refuses what is not supported; light enough for a file's validation."""

import re
from collections.abc import Iterator
from typing import Any

import promql_parser as ast

from simulator.errors import QueryError
from simulator.instruments.series.matchers import Matcher, pattern

Node = Any
"""A node of promql-parser's tree; the library ships no types."""

WINDOW_FUNCTIONS = frozenset({
    "absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "idelta",
    "increase", "irate", "last_over_time", "max_over_time", "min_over_time", "predict_linear",
    "present_over_time", "quantile_over_time", "rate", "resets", "stddev_over_time",
    "stdvar_over_time", "sum_over_time",
})  # fmt: skip
ELEMENT_FUNCTIONS = frozenset({
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "clamp", "clamp_max",
    "clamp_min", "cos", "cosh", "deg", "exp", "floor", "ln", "log10", "log2", "rad", "round",
    "sgn", "sin", "sinh", "sqrt", "tan", "tanh",
})  # fmt: skip
CALENDAR_FUNCTIONS = frozenset({
    "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month",
    "year",
})  # fmt: skip
OTHER_FUNCTIONS = frozenset({
    "absent", "histogram_quantile", "label_join", "label_replace", "pi", "scalar", "sort",
    "sort_desc", "time", "timestamp", "vector",
})  # fmt: skip
FUNCTIONS = WINDOW_FUNCTIONS | ELEMENT_FUNCTIONS | CALENDAR_FUNCTIONS | OTHER_FUNCTIONS
AGGREGATIONS = frozenset({
    "avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev",
    "stdvar", "sum", "topk",
})  # fmt: skip
NATIVE_HISTOGRAMS = frozenset({
    "histogram_avg", "histogram_count", "histogram_fraction", "histogram_quantiles",
    "histogram_stddev", "histogram_stdvar", "histogram_sum",
})  # fmt: skip

_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`")
_NEGATIVE_AT = re.compile(r"@\s*-")


def read(text: str) -> Node:
    """Parse and check an expression; QueryError says what is wrong with it."""
    try:
        tree = ast.parse(text)
    except ValueError as error:
        raise QueryError(f"cannot read {text!r}: {error}") from error
    # The parser moves a time before 1970 to 1970 without a word.
    if _NEGATIVE_AT.search(_QUOTED.sub('""', text)):
        raise QueryError(f"cannot read {text!r}: a time after @ cannot be negative")
    for node in nodes(tree):
        _check(node)
    return tree


def nodes(tree: Node) -> Iterator[Node]:
    """Every node of a tree, parents first."""
    yield tree
    for child in children(tree):
        yield from nodes(child)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one node."""
    match node:
        case ast.Call():
            return tuple(node.args)
        case ast.AggregateExpr():
            return (node.expr,) if node.param is None else (node.param, node.expr)
        case ast.BinaryExpr():
            return (node.lhs, node.rhs)
        case ast.MatrixSelector():
            return (node.vector_selector,)
        case ast.SubqueryExpr() | ast.UnaryExpr() | ast.ParenExpr():
            return (node.expr,)
    return ()


def matchers_of(selector: Node) -> tuple[Matcher, ...]:
    """A selector's conditions, the metric's name among them."""
    name = () if not selector.name else (Matcher("__name__", "=", selector.name),)
    return name + tuple(
        Matcher(m.name, _OPERATORS[str(m.op)], m.value) for m in selector.matchers.matchers
    )


_OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


def _check(node: Node) -> None:
    match node:
        case ast.Call():
            _check_function(node.func.name)
        case ast.AggregateExpr():
            if str(node.op) not in AGGREGATIONS:
                raise QueryError(f"the aggregation {node.op} is not supported")
        case ast.BinaryExpr():
            _check_binary(node)
        case ast.VectorSelector():
            _check_selector(node)


def _check_binary(node: Node) -> None:
    fill = node.modifier.fill_values if node.modifier else None
    if fill and (fill.lhs is not None or fill.rhs is not None):
        raise QueryError("fill modifiers are not supported")


def _check_selector(node: Node) -> None:
    if node.matchers.or_matchers:
        raise QueryError("matchers cannot be joined by 'or'; write a regular expression")
    for matcher in matchers_of(node):
        if "~" in matcher.op:
            pattern(matcher.value)


def _check_function(name: str) -> None:
    if name in NATIVE_HISTOGRAMS:
        raise QueryError(f"{name}() needs native histograms, which are not supported")
    if name not in FUNCTIONS:
        raise QueryError(f"the function {name}() is not supported")
