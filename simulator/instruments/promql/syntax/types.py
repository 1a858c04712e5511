"""Checks the types of a parsed expression, in Prometheus's order and words."""

from typing import NoReturn

from simulator.instruments.promql.syntax.errors import ParseError
from simulator.instruments.promql.syntax.signatures import SIGNATURES
from simulator.instruments.promql.syntax.tree import (
    DOCUMENTED,
    SCALAR,
    STRING,
    VECTOR,
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Node,
    Paren,
    Subquery,
    Unary,
    VectorSelector,
)
from simulator.instruments.series.labels import NAME

_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_SETS = ("and", "or", "unless")
_NUMBERS = (SCALAR, VECTOR)


def check(text: str, tree: Node) -> None:
    """Raise ParseError at the first thing whose type does not fit."""
    _Checker(text).visit(tree)


class _Checker:
    def __init__(self, text: str) -> None:
        self._text = text

    def visit(self, node: Node) -> None:  # noqa: C901  one kind of node after another
        match node:
            case Aggregate():
                self._wanted(node.expr, VECTOR, "aggregation expression")
                if node.param is not None:
                    kind = STRING if node.op == "count_values" else SCALAR
                    self._wanted(node.param, kind, "aggregation parameter")
            case Binary():
                self._binary(node)
            case Call():
                self._call(node)
            case Paren():
                self.visit(node.expr)
            case Unary():
                self.visit(node.expr)
                if node.type not in _NUMBERS:
                    got = DOCUMENTED[node.type]
                    self._refuse(node.start, f'{_UNARY}, got "{got}"')
            case Subquery():
                self.visit(node.expr)
                if node.expr.type != VECTOR:
                    self._refuse(node.start, f"{_SUBQUERY}, got {node.expr.type} instead")
            case MatrixSelector():
                self.visit(node.selector)
            case VectorSelector():
                self._selector(node)

    def _wanted(self, node: Node, wanted: str, context: str) -> None:
        self.visit(node)
        if node.type != wanted:
            got = DOCUMENTED[node.type]
            message = f"expected type {DOCUMENTED[wanted]} in {context}, got {got}"
            self._refuse(node.start, message)

    def _binary(self, node: Binary) -> None:  # noqa: C901  the order of checks is the original's
        self.visit(node.left)
        self.visit(node.right)
        left, right, rules = node.left.type, node.right.type, node.modifiers
        at = self._operator(node)
        is_comparison, is_set = node.op in _COMPARISONS, node.op in _SETS
        if rules.is_bool and not is_comparison:
            self._refuse(at, "bool modifier can only be used on comparison operators")
        if is_comparison and not rules.is_bool and left == right == SCALAR:
            self._refuse(at, "comparisons between scalars must use BOOL modifier")
        both = [name for name in rules.labels if name in rules.include and rules.is_on]
        if both:
            message = f'label "{both[0]}" must not occur in ON and GROUP clause at once'
            self._refuse(at, message)
        for side in (node.left, node.right):
            if side.type not in _NUMBERS:
                self._refuse(side.start, _OPERANDS)
        if VECTOR == left == right:
            if is_set and rules.group:
                self._refuse(node.start, f'no grouping allowed for "{node.op}" operation')
            return
        if rules.labels:
            self._refuse(node.start, "vector matching only allowed between instant vectors")
        if is_set:
            message = f'set operator "{node.op}" not allowed in binary scalar expression'
            self._refuse(node.start, message)

    def _operator(self, node: Binary) -> int:
        at = node.left.end
        while self._text[at] in " \t\n\r":
            at += 1
        return at

    def _call(self, node: Call) -> None:
        signature, given = SIGNATURES[node.name], len(node.args)
        least = len(signature.args) - (1 if signature.extra else 0)
        most = len(signature.args) - 1 + signature.extra if signature.extra else least
        if signature.extra >= 0 and not signature.extra and given != least:
            self._count(node, str(least))
        elif given < least:
            self._count(node, f"at least {least}")
        elif signature.extra > 0 and given > most:
            self._count(node, f"at most {most}")
        for place, arg in enumerate(node.args):
            wanted = signature.args[min(place, len(signature.args) - 1)]
            self._wanted(arg, wanted, f'call to function "{node.name}"')

    def _count(self, node: Call, wanted: str) -> NoReturn:
        message = f'expected {wanted} argument(s) in call to "{node.name}", got {len(node.args)}'
        self._refuse(node.start, message)

    def _selector(self, node: VectorSelector) -> None:
        if node.name:
            for matcher in node.matchers[:-1]:
                if matcher.name == NAME:
                    names = f'"{node.name}" or "{matcher.value}"'
                    self._refuse(node.start, f"metric name must not be set twice: {names}")
        elif all(matcher.matches(()) for matcher in node.matchers):
            self._refuse(node.start, "vector selector must contain at least one non-empty matcher")

    def _refuse(self, at: int, message: str) -> NoReturn:
        raise ParseError(self._text, at, message)


_UNARY = "unary expression only allowed on expressions of type scalar or instant vector"
_SUBQUERY = "subquery is only allowed on instant vector"
_OPERANDS = "binary expression must contain only scalar and instant vector types"
