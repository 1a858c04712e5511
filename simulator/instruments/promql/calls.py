"""Plans function calls: which node each function becomes."""

from collections.abc import Callable, Sequence

import promql_parser as ast

from simulator.errors import QueryError
from simulator.instruments.promql.functions import (
    ELEMENT,
    KEEPS_NAME,
    WINDOW,
    Absent,
    Clamp,
    ElementFunction,
    FromScalar,
    Number,
    Sorted,
    Time,
    Timestamp,
    ToScalar,
    WindowFunction,
    demanded,
)
from simulator.instruments.promql.histograms import HistogramQuantile
from simulator.instruments.promql.nodes import (
    Expr,
    ScalarExpr,
    StringExpr,
    VectorExpr,
    WindowExpr,
)
from simulator.instruments.promql.over_time import present_over_time
from simulator.instruments.promql.reading import CALENDAR_FUNCTIONS, Node, matchers_of
from simulator.instruments.promql.relabel import Join, Relabelled, Replace
from simulator.instruments.series.frame import Frame

Plan = Callable[[Node], Expr]

_PI = 3.141592653589793


class Arguments:
    """Planned arguments, sorted by what they are."""

    def __init__(self, planned: Sequence[Expr]) -> None:
        self.vectors = [a for a in planned if isinstance(a, VectorExpr)]
        self.scalars = [a for a in planned if isinstance(a, ScalarExpr)]
        self.windows = [a for a in planned if isinstance(a, WindowExpr)]
        self.strings = [a.value for a in planned if isinstance(a, StringExpr)]


def planned_call(name: str, nodes: Sequence[Node], plan: Plan) -> Expr:
    """Plan a call; the parser has checked the arguments' number and types."""
    arguments = Arguments([plan(node) for node in nodes])
    if name in WINDOW:
        keeps_name = name in KEEPS_NAME
        return WindowFunction(WINDOW[name], arguments.windows[0], arguments.scalars, keeps_name)
    if name == "clamp":
        return Clamp(ELEMENT[name], arguments.vectors[0], arguments.scalars)
    if name in ELEMENT:
        of_now = name in CALENDAR_FUNCTIONS and not arguments.vectors
        vector = FromScalar(Time()) if of_now else arguments.vectors[0]
        return ElementFunction(ELEMENT[name], vector, arguments.scalars)
    if name.startswith("absent"):
        return _absent(nodes[0], arguments)
    return _OTHERS[name](arguments)


def _absent(node: Node, arguments: Arguments) -> Expr:
    while isinstance(node, ast.ParenExpr):
        node = node.expr
    if isinstance(node, ast.MatrixSelector):
        node = node.vector_selector
    is_selector = isinstance(node, ast.VectorSelector)
    frame = Frame((demanded(matchers_of(node)) if is_selector else (),))
    if not arguments.windows:
        return Absent(arguments.vectors[0], frame)
    # The name is kept so that series that differ only in it do not collide.
    present = WindowFunction(present_over_time, arguments.windows[0], (), keeps_name=True)
    return Absent(present, frame)


def _join(arguments: Arguments) -> Expr:
    target, separator, *sources = arguments.strings
    return Relabelled(arguments.vectors[0], Join(target, separator, tuple(sources)))


def _replace(arguments: Arguments) -> Expr:
    if len(arguments.strings) != 4:  # noqa: PLR2004 - target, replacement, source, pattern
        raise QueryError("label_replace() takes a vector and four texts")
    return Relabelled(arguments.vectors[0], Replace(*arguments.strings))


_OTHERS: dict[str, Callable[[Arguments], Expr]] = {
    "histogram_quantile": lambda a: HistogramQuantile(a.scalars[0], a.vectors[0]),
    "label_join": _join,
    "label_replace": _replace,
    "pi": lambda _: Number(_PI),
    "scalar": lambda a: ToScalar(a.vectors[0]),
    "sort": lambda a: Sorted(a.vectors[0], is_descending=False),
    "sort_desc": lambda a: Sorted(a.vectors[0], is_descending=True),
    "time": lambda _: Time(),
    "timestamp": lambda a: Timestamp(a.vectors[0]),
    "vector": lambda a: FromScalar(a.scalars[0]),
}
