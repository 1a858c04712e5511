"""Nodes of a parsed expression; `start` and `end` are places in its text."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.instruments.series.matchers import Matcher

SCALAR, VECTOR, MATRIX, STRING = "scalar", "vector", "matrix", "string"
DOCUMENTED = {
    SCALAR: "scalar",
    VECTOR: "instant vector",
    MATRIX: "range vector",
    STRING: "string",
}
"""What the types are called in messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(ABC):
    """Part of an expression, from `start` up to `end`."""

    start: int
    end: int

    @property
    @abstractmethod
    def type(self) -> str:
        """What the node evaluates to: scalar, vector, matrix or string."""

    @property
    def children(self) -> tuple["Node", ...]:
        """The nodes directly below."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLiteral(Node):
    """A number, or a duration in seconds."""

    value: float

    @property
    def type(self) -> str:
        return SCALAR


@dataclass(frozen=True, slots=True, kw_only=True)
class StringLiteral(Node):
    """A text."""

    value: str

    @property
    def type(self) -> str:
        return STRING


@dataclass(frozen=True, slots=True, kw_only=True)
class Selecting(Node):
    """What can be moved in time: by an offset, or pinned by `@` to a time or an edge."""

    offset_ms: int = 0
    is_offset: bool = False
    at_ms: int | None = None
    at_edge: str = ""

    @property
    def is_pinned(self) -> bool:
        """Whether `@` was written."""
        return self.at_ms is not None or bool(self.at_edge)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorSelector(Selecting):
    """`name{label="value"}`; the name's matcher stands last."""

    name: str
    matchers: tuple[Matcher, ...]

    @property
    def type(self) -> str:
        return VECTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixSelector(Node):
    """`name[5m]`."""

    selector: VectorSelector
    range_ms: int

    @property
    def type(self) -> str:
        return MATRIX

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.selector,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subquery(Selecting):
    """`expr[1h:1m]`; no step means the default one."""

    expr: Node
    range_ms: int
    step_ms: int | None

    @property
    def type(self) -> str:
        return MATRIX

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.expr,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A function's call."""

    name: str
    args: tuple[Node, ...]
    returns: str

    @property
    def type(self) -> str:
        return self.returns

    @property
    def children(self) -> tuple[Node, ...]:
        return self.args


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """`sum by (job) (expr)`; `param` is the number or text that some take first."""

    op: str
    expr: Node
    param: Node | None
    labels: tuple[str, ...] = ()
    is_without: bool = False

    @property
    def type(self) -> str:
        return VECTOR

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.expr,) if self.param is None else (self.param, self.expr)


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What may follow a binary operator."""

    is_bool: bool = False
    labels: tuple[str, ...] = ()
    is_on: bool = False
    group: str = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    """Two expressions and an operator."""

    op: str
    left: Node
    right: Node
    modifiers: Modifiers

    @property
    def type(self) -> str:
        both = self.left.type == self.right.type == SCALAR
        return SCALAR if both else VECTOR

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Node):
    """A sign before an expression."""

    op: str
    expr: Node

    @property
    def type(self) -> str:
        return self.expr.type

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.expr,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paren(Node):
    """An expression in parentheses."""

    expr: Node

    @property
    def type(self) -> str:
        return self.expr.type

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.expr,)


def nodes(tree: Node) -> Iterator[Node]:
    """Every node of a tree, parents first."""
    yield tree
    for child in tree.children:
        yield from nodes(child)
