"""Plans function calls: which node each function becomes."""

from collections.abc import Callable, Sequence

from simulator.instruments.promql.calendar import CALENDAR
from simulator.instruments.promql.fractions import HistogramFraction
from simulator.instruments.promql.functions import (
    COUNTERS,
    ELEMENT,
    KEEPS_NAME,
    WINDOW,
    Absent,
    Clamp,
    ElementFunction,
    FromScalar,
    Number,
    QuantileOverTime,
    Rate,
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
from simulator.instruments.promql.relabel import Join, Relabelled, Replace
from simulator.instruments.promql.syntax import tree
from simulator.instruments.series.frame import Frame

Plan = Callable[[tree.Node], Expr]
Place = Callable[[tree.Node], str]

_PI = 3.141592653589793


class Arguments:
    """Planned arguments, sorted by what they are; `places` are where all of them stand."""

    def __init__(self, planned: Sequence[Expr], places: Sequence[str]) -> None:
        self.vectors = [a for a in planned if isinstance(a, VectorExpr)]
        self.scalars = [a for a in planned if isinstance(a, ScalarExpr)]
        self.windows = [a for a in planned if isinstance(a, WindowExpr)]
        self.strings = [a.value for a in planned if isinstance(a, StringExpr)]
        self.places = places


def planned_call(node: tree.Call, plan: Plan, place: Place) -> Expr:
    """Plan a call; the parser has checked the arguments' number and types."""
    name = node.name
    arguments = Arguments([plan(arg) for arg in node.args], [place(arg) for arg in node.args])
    if name in COUNTERS:
        return Rate(WINDOW[name], arguments.windows[0], (), False, arguments.places[0])  # noqa: FBT003
    if name in WINDOW:
        keeps_name = name in KEEPS_NAME
        return WindowFunction(WINDOW[name], arguments.windows[0], arguments.scalars, keeps_name)
    if name == "clamp":
        return Clamp(ELEMENT[name], arguments.vectors[0], arguments.scalars)
    if name in ELEMENT:
        of_now = name in CALENDAR and not arguments.vectors
        vector = FromScalar(Time()) if of_now else arguments.vectors[0]
        return ElementFunction(ELEMENT[name], vector, arguments.scalars)
    if name.startswith("absent"):
        return _absent(node.args[0], arguments)
    return _OTHERS[name](arguments)


def _absent(node: tree.Node, arguments: Arguments) -> Expr:
    while isinstance(node, tree.Paren):
        node = node.expr
    if isinstance(node, tree.MatrixSelector):
        node = node.selector
    labels = demanded(node.matchers) if isinstance(node, tree.VectorSelector) else ()
    frame = Frame((labels,))
    if not arguments.windows:
        return Absent(arguments.vectors[0], frame)
    # The name is kept so that series that differ only in it do not collide.
    present = WindowFunction(present_over_time, arguments.windows[0], (), keeps_name=True)
    return Absent(present, frame)


def _join(arguments: Arguments) -> Expr:
    target, separator, *sources = arguments.strings
    return Relabelled(arguments.vectors[0], Join(target, separator, tuple(sources)))


_OTHERS: dict[str, Callable[[Arguments], Expr]] = {
    "histogram_fraction": lambda a: HistogramFraction(
        a.scalars[0], a.scalars[1], a.vectors[0], a.places[2]
    ),
    "histogram_quantile": lambda a: HistogramQuantile(a.scalars[0], a.vectors[0], *a.places),
    "label_join": _join,
    "label_replace": lambda a: Relabelled(a.vectors[0], Replace(*a.strings)),
    "pi": lambda _: Number(_PI),
    "quantile_over_time": lambda a: QuantileOverTime(a.windows[0], a.scalars[0], a.places[0]),
    "scalar": lambda a: ToScalar(a.vectors[0]),
    "sort": lambda a: Sorted(a.vectors[0], is_descending=False),
    "sort_desc": lambda a: Sorted(a.vectors[0], is_descending=True),
    "time": lambda _: Time(),
    "timestamp": lambda a: Timestamp(a.vectors[0]),
    "vector": lambda a: FromScalar(a.scalars[0]),
}
