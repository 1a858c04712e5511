"""Turns a parsed expression into planned nodes, once per query."""

from collections.abc import Callable

import promql_parser as ast

from simulator.errors import QueryError
from simulator.instruments.promql.aggregation import (
    REDUCERS,
    Aggregation,
    By,
    CountValues,
    QuantileAggregation,
    Ranking,
)
from simulator.instruments.promql.binary import (
    Negation,
    ScalarNegation,
    ScalarOperation,
    VectorScalarOperation,
)
from simulator.instruments.promql.calls import planned_call
from simulator.instruments.promql.functions import Number
from simulator.instruments.promql.matching import (
    Matching,
    Output,
    SetOperation,
    VectorOperation,
)
from simulator.instruments.promql.nodes import (
    Expr,
    Memo,
    ScalarExpr,
    StringExpr,
    VectorExpr,
)
from simulator.instruments.promql.operators import COMPARISONS, SETS
from simulator.instruments.promql.reading import Node, matchers_of
from simulator.instruments.promql.selectors import (
    InstantSelector,
    RangeSelector,
    Subquery,
    When,
)


def planned(node: Node) -> Expr:
    """Plan one node and all below it."""
    if isinstance(node, ast.ParenExpr):
        return planned(node.expr)
    if isinstance(node, ast.Call):
        return planned_call(node.func.name, node.args, planned)
    return _PLANNERS[type(node)](node)


def _vector(node: Node) -> VectorExpr:
    expr = planned(node)
    if not isinstance(expr, VectorExpr):
        raise QueryError("an instant vector is wanted here")
    return expr


def _scalar(node: Node) -> ScalarExpr:
    expr = planned(node)
    if not isinstance(expr, ScalarExpr):
        raise QueryError("a number is wanted here")
    return expr


def _selector(node: Node) -> Expr:
    return InstantSelector(matchers_of(node), _when(node))


def _range(node: Node) -> Expr:
    selector = node.vector_selector
    return RangeSelector(matchers_of(selector), _ms(node.range), _when(selector))


def _subquery(node: Node) -> Expr:
    step = None if node.step is None else _ms(node.step)
    return Subquery(_vector(node.expr), _ms(node.range), step, _when(node))


def _unary(node: Node) -> Expr:
    expr = planned(node.expr)
    if isinstance(expr, ScalarExpr):
        return ScalarNegation(expr)
    return Negation(_vector(node.expr))


def _aggregate(node: Node) -> Expr:
    by, name = _by(node.modifier), str(node.op)
    expr = _vector(node.expr)
    if name in REDUCERS:
        return Aggregation(REDUCERS[name], expr, by)
    if name == "count_values":
        return CountValues(StringExpr(node.param.val), expr, by)
    if name == "quantile":
        return QuantileAggregation(_scalar(node.param), expr, by)
    return Ranking(_scalar(node.param), expr, by, is_top=name == "topk")


def _by(modifier: Node) -> By:
    if modifier is None:
        return By(())
    return By(tuple(modifier.labels), is_without=str(modifier.type).endswith("Without"))


def _binary(node: Node) -> Expr:
    left, right, operator = planned(node.lhs), planned(node.rhs), str(node.op)
    is_bool = bool(node.modifier and node.modifier.return_bool)
    if isinstance(left, ScalarExpr) and isinstance(right, ScalarExpr):
        return ScalarOperation(operator, left, right)
    if isinstance(left, ScalarExpr):
        return VectorScalarOperation(
            operator, _vector(node.rhs), left, is_scalar_left=True, is_bool=is_bool
        )
    if isinstance(right, ScalarExpr):
        return VectorScalarOperation(
            operator, _vector(node.lhs), right, is_scalar_left=False, is_bool=is_bool
        )
    matching = _matching(node.modifier)
    sides = (_vector(node.lhs), _vector(node.rhs))
    if operator in SETS:
        return SetOperation(operator, *sides, matching, Memo(), Memo())
    drops_name = is_bool or operator not in COMPARISONS
    output = Output(matching, drops_name=drops_name)
    return VectorOperation(operator, *sides, matching, is_bool, Memo(), output)


def _matching(modifier: Node) -> Matching:
    if modifier is None:
        return Matching()
    labels = modifier.matching
    card = str(modifier.card)
    many = {"ManyToOne": "left", "OneToMany": "right"}.get(card.rpartition(".")[2], "")
    return Matching(
        () if labels is None else tuple(labels.labels),
        labels is not None and str(labels.type).endswith("Include"),
        many,
        tuple(modifier.group_labels or ()),
    )


def _when(node: Node) -> When:
    offset = 0 if node.offset is None else _ms(node.offset)
    if node.at is None:
        return When(offset)
    # The typed field overflows far from 1970; the text carries exact milliseconds.
    written = str(node.at).removeprefix("@ ")
    if written.endswith("()"):
        return When(offset, at_edge=written.removesuffix("()"))
    return When(offset, at_ms=round(float(written) * 1000))


def _ms(span: Node) -> int:
    milliseconds: int = round(span.total_seconds() * 1000)
    return milliseconds


_PLANNERS: dict[type, Callable[[Node], Expr]] = {
    ast.VectorSelector: _selector,
    ast.MatrixSelector: _range,
    ast.SubqueryExpr: _subquery,
    ast.UnaryExpr: _unary,
    ast.AggregateExpr: _aggregate,
    ast.BinaryExpr: _binary,
    ast.NumberLiteral: lambda node: Number(node.val),
    ast.StringLiteral: lambda node: StringExpr(node.val),
}
