"""Turns a parsed expression into planned nodes, once per query."""

from collections.abc import Callable
from typing import cast

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
from simulator.instruments.promql.late import (
    LateInstantSelector,
    LateRangeSelector,
    LateSubquery,
)
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
from simulator.instruments.promql.notes import where
from simulator.instruments.promql.operators import COMPARISONS, SETS
from simulator.instruments.promql.selectors import (
    InstantSelector,
    RangeSelector,
    Subquery,
    When,
)
from simulator.instruments.promql.syntax import tree


class Planner:
    """Plans the nodes of one query; its text is needed for the places in annotations."""

    def __init__(self, text: str, *, names_go_last: bool = False) -> None:
        self.text, self.names_go_last = text, names_go_last

    def plan(self, node: tree.Node) -> Expr:
        """Plan one node and all below it."""
        return _PLANNERS[type(node)](self, node)

    def vector(self, node: tree.Node) -> VectorExpr:
        """Plan what gives an instant vector."""
        expr = self.plan(node)
        if not isinstance(expr, VectorExpr):
            raise QueryError("an instant vector is wanted here")
        return expr

    def scalar(self, node: tree.Node) -> ScalarExpr:
        """Plan what gives a number."""
        expr = self.plan(node)
        if not isinstance(expr, ScalarExpr):
            raise QueryError("a number is wanted here")
        return expr

    def place(self, node: tree.Node) -> str:
        """Where a node stands, as annotations write it: inside of its parentheses."""
        while isinstance(node, tree.Paren):
            node = node.expr
        # The original evaluates a subquery in a selector's place, which has none.
        if isinstance(node, tree.Subquery):
            return where(self.text, 0)
        return where(self.text, node.start)


def _call(planner: Planner, node: tree.Call) -> Expr:
    return planned_call(node, planner.plan, planner.place)


def _selector(planner: Planner, node: tree.VectorSelector) -> Expr:
    kind = LateInstantSelector if planner.names_go_last else InstantSelector
    return kind(node.matchers, _when(node))


def _range(planner: Planner, node: tree.MatrixSelector) -> Expr:
    kind = LateRangeSelector if planner.names_go_last else RangeSelector
    return kind(node.selector.matchers, node.range_ms, _when(node.selector))


def _subquery(planner: Planner, node: tree.Subquery) -> Expr:
    kind = LateSubquery if planner.names_go_last else Subquery
    return kind(planner.vector(node.expr), node.range_ms, node.step_ms, _when(node))


def _unary(planner: Planner, node: tree.Unary) -> Expr:
    expr = planner.plan(node.expr)
    if node.op == "+":
        return expr
    if isinstance(expr, ScalarExpr):
        return ScalarNegation(expr)
    return Negation(planner.vector(node.expr))


def _aggregate(planner: Planner, node: tree.Aggregate) -> Expr:
    by = By(node.labels, node.is_without)
    expr = planner.vector(node.expr)
    if node.param is None:
        return Aggregation(REDUCERS[node.op], expr, by)
    if node.op == "count_values":
        label = planner.plan(node.param)
        return CountValues(cast("StringExpr", label), expr, by)
    parameter = planner.scalar(node.param)
    if node.op == "quantile":
        return QuantileAggregation(parameter, expr, by, planner.place(node.param))
    return Ranking(parameter, expr, by, is_top=node.op == "topk")


def _binary(planner: Planner, node: tree.Binary) -> Expr:
    left, right = planner.plan(node.left), planner.plan(node.right)
    is_bool = node.modifiers.is_bool
    if isinstance(left, ScalarExpr) and isinstance(right, ScalarExpr):
        return ScalarOperation(node.op, left, right)
    if isinstance(left, ScalarExpr):
        vector = cast("VectorExpr", right)
        return VectorScalarOperation(node.op, vector, left, is_scalar_left=True, is_bool=is_bool)
    if isinstance(right, ScalarExpr):
        vector = cast("VectorExpr", left)
        return VectorScalarOperation(node.op, vector, right, is_scalar_left=False, is_bool=is_bool)
    rules = node.modifiers
    matching = Matching(rules.labels, rules.is_on, rules.group, rules.include)
    sides = (cast("VectorExpr", left), cast("VectorExpr", right))
    if node.op in SETS:
        return SetOperation(node.op, *sides, matching, Memo(), Memo())
    drops_name = node.op not in COMPARISONS
    output = Output(matching, drops_name=drops_name, is_bool=is_bool)
    return VectorOperation(node.op, *sides, matching, is_bool, Memo(), output)


def _when(node: tree.Selecting) -> When:
    return When(node.offset_ms, node.at_ms, node.at_edge)


_PLANNERS: dict[type, Callable[..., Expr]] = {
    tree.Aggregate: _aggregate,
    tree.Binary: _binary,
    tree.Call: _call,
    tree.MatrixSelector: _range,
    tree.NumberLiteral: lambda _, node: Number(node.value),
    tree.Paren: lambda planner, node: planner.plan(node.expr),
    tree.StringLiteral: lambda _, node: StringExpr(node.value),
    tree.Subquery: _subquery,
    tree.Unary: _unary,
    tree.VectorSelector: _selector,
}
