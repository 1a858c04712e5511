"""Parses PromQL by precedence climbing, with the messages of Prometheus's own grammar."""

from collections.abc import Sequence

from simulator.instruments.promql.syntax.cursor import Cursor
from simulator.instruments.promql.syntax.labels import grouping_labels, label_matchers
from simulator.instruments.promql.syntax.modifiers import (
    binary_modifiers,
    bracketed,
    offset,
    pinned,
)
from simulator.instruments.promql.syntax.numbers import NumberProblem, duration_ms, number
from simulator.instruments.promql.syntax.signatures import (
    EXPERIMENTAL,
    EXPERIMENTAL_AGGREGATIONS,
    SIGNATURES,
    WITH_PARAMETER,
)
from simulator.instruments.promql.syntax.strings import unquoted
from simulator.instruments.promql.syntax.tokens import Kind, Token, can_begin, is_name
from simulator.instruments.promql.syntax.tree import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Node,
    NumberLiteral,
    Paren,
    Selecting,
    StringLiteral,
    Unary,
    VectorSelector,
)
from simulator.instruments.promql.syntax.types import check

_PRECEDENCE = {
    "or": 1,
    "and": 2, "unless": 2,
    "==": 3, "!=": 3, ">=": 3, "<=": 3, ">": 3, "<": 3,
    "+": 4, "-": 4,
    "*": 5, "/": 5, "%": 5, "atan2": 5,
    "^": 6,
}  # fmt: skip
_SIGN_PRECEDENCE = 5
_NESTED_MAX = 200


def parse(text: str) -> Node:
    """Parse and type-check an expression; ParseError says what is wrong and where."""
    parser = _Parser(Cursor(text))
    tree = parser.whole()
    check(text, tree)
    return tree


class _Parser:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._depth = 0

    def whole(self) -> Node:
        cursor = self._cursor
        if cursor.is_at_end:
            cursor.refuse(0, "no expression found in input")
        tree = self.expression(1)
        if not cursor.is_at_end:
            cursor.unexpected()
        return tree

    def expression(self, lowest: int) -> Node:
        """Read operands and the operators that bind at least so tightly."""
        cursor = self._cursor
        self._depth += 1
        if self._depth > _NESTED_MAX:
            cursor.refuse(cursor.token.start, f"more than {_NESTED_MAX} expressions in one another")
        left = self._operand()
        while (token := cursor.token).kind is Kind.OPERATOR:
            op = token.value.lower()
            binds = _PRECEDENCE[op]
            if binds < lowest:
                break
            cursor.take()
            modifiers = binary_modifiers(cursor)
            # Powers associate to the right, all others to the left.
            right = self.expression(binds if op == "^" else binds + 1)
            left = Binary(
                start=left.start, end=right.end, op=op, left=left, right=right, modifiers=modifiers
            )
        self._depth -= 1
        return left

    def _operand(self) -> Node:
        cursor, token = self._cursor, self._cursor.token
        if token.kind is Kind.OPERATOR and token.value in ("+", "-"):
            cursor.take()
            return _signed(token, self.expression(_SIGN_PRECEDENCE + 1))
        node = self._primary(token)
        while True:
            if cursor.at("["):
                node = bracketed(cursor, node)
            elif cursor.at("offset"):
                node = offset(cursor, node)
            elif cursor.at("@"):
                node = pinned(cursor, node)
            else:
                return node

    def _primary(self, token: Token) -> Node:
        cursor = self._cursor
        if token.kind in (Kind.NUMBER, Kind.DURATION):
            cursor.take()
            return self._number(token)
        if token.kind is Kind.STRING:
            cursor.take()
            return StringLiteral(start=token.start, end=token.end, value=unquoted(token.value))
        if token.value == "(" and token.kind is Kind.SIGN:
            cursor.take()
            inner = self.expression(1)
            cursor.expect(")")
            return Paren(start=token.start, end=cursor.closed, expr=inner)
        if token.value == "{" and token.kind is Kind.SIGN:
            return self._selector(token.start, "")
        if not is_name(token):
            cursor.unexpected()
        cursor.take()
        if token.kind is Kind.AGGREGATOR and cursor.at("(", "by", "without"):
            return self._aggregate(token)
        if token.kind is Kind.IDENTIFIER and cursor.at("("):
            return self._call(token)
        return self._selector(token.start, token.value)

    def _number(self, token: Token) -> Node:
        try:
            if token.kind is Kind.NUMBER:
                value = number(token.value)
            else:
                value = duration_ms(token.value) / 1000
        except NumberProblem as problem:
            self._cursor.refuse(token.start, str(problem))
        return NumberLiteral(start=token.start, end=token.end, value=value)

    def _selector(self, start: int, name: str) -> Node:
        cursor = self._cursor
        name_end = cursor.closed
        if not cursor.at("{"):
            found = label_matchers(name, ())
            return VectorSelector(start=start, end=name_end, name=name, matchers=found)
        cursor.take()
        matchers = label_matchers(name, cursor)
        return VectorSelector(start=start, end=cursor.closed, name=name, matchers=matchers)

    def _call(self, token: Token) -> Node:
        cursor = self._cursor
        args = self._arguments()
        name = token.value
        if name in EXPERIMENTAL:
            cursor.refuse(token.start, f'function "{name}" is not enabled')
        if name not in SIGNATURES:
            cursor.refuse(token.start, f'unknown function with name "{name}"')
        returns = SIGNATURES[name].returns
        end = _closed(cursor, args)
        return Call(start=token.start, end=end, name=name, args=args, returns=returns)

    def _arguments(self) -> tuple[Node, ...]:
        cursor = self._cursor
        cursor.expect("(")
        found: list[Node] = []
        if cursor.took(")"):
            return ()
        while True:
            found.append(self.expression(1))
            if cursor.took(")"):
                return tuple(found)
            comma = cursor.token.start
            cursor.expect(",")
            if not can_begin(cursor.token):
                message = "trailing commas not allowed in function call args"
                cursor.refuse(comma, message)

    def _aggregate(self, token: Token) -> Node:
        cursor = self._cursor
        labels: tuple[str, ...] = ()
        is_without = False
        with cursor.context("aggregation"):
            is_first = cursor.at("by", "without")
            if is_first:
                is_without = cursor.take().value.lower() == "without"
                labels = grouping_labels(cursor)
            args = self._arguments()
            if not is_first and cursor.at("by", "without"):
                is_without = cursor.take().value.lower() == "without"
                labels = grouping_labels(cursor)
        op = token.value.lower()
        if not args:
            cursor.refuse(token.start, "no arguments for aggregate expression provided")
        if op in EXPERIMENTAL_AGGREGATIONS:
            cursor.refuse(token.start, _EXPERIMENTAL.format(op))
        wanted = 2 if op in WITH_PARAMETER else 1
        if len(args) != wanted:
            message = "wrong number of arguments for aggregate expression provided"
            cursor.refuse(token.start, f"{message}, expected {wanted}, got {len(args)}")
        return Aggregate(
            start=token.start,
            end=_closed(cursor, args),
            op=op,
            expr=args[-1],
            param=args[0] if wanted > 1 else None,
            labels=labels,
            is_without=is_without,
        )


def _closed(cursor: Cursor, args: Sequence[Node]) -> int:
    """Where a call ends for messages: behind `@ end()` when that was last, as in the original."""
    last = args[-1] if args else None
    inner = last.selector if isinstance(last, MatrixSelector) else last
    if last is not None and isinstance(inner, Selecting) and inner.at_edge:
        is_last = cursor.text[last.end : cursor.closed].strip() == ")"
        if is_last and cursor.text[last.end - 1] == ")":
            return last.end
    return cursor.closed


_EXPERIMENTAL = (
    "{}() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
)


def _signed(sign: Token, expr: Node) -> Node:
    """A sign is part of a number; before anything else it is an operation."""
    if isinstance(expr, NumberLiteral):
        value = -expr.value if sign.value == "-" else expr.value
        return NumberLiteral(start=sign.start, end=expr.end, value=value)
    return Unary(start=sign.start, end=expr.end, op=sign.value, expr=expr)
