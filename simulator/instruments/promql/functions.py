"""Functions that look at one element at a time, and the few that make vectors and numbers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.instruments.promql import over_time, rates
from simulator.instruments.promql.calendar import CALENDAR
from simulator.instruments.promql.nodes import ScalarExpr, VectorExpr, WindowExpr
from simulator.instruments.promql.operators import one_by_one
from simulator.instruments.promql.selectors import InstantSelector
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.promql.window import Window
from simulator.instruments.series.block import Floats
from simulator.instruments.series.frame import EMPTY, ONE, Frame
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.matchers import Matcher

WINDOW: dict[str, Callable[..., rates.Result]] = {
    name: getattr(module, name)
    for module, names in (
        (rates, ("rate", "increase", "delta", "irate", "idelta", "changes", "resets", "deriv",
                 "predict_linear")),
        (over_time, ("avg_over_time", "count_over_time", "last_over_time", "max_over_time",
                     "min_over_time", "present_over_time", "quantile_over_time",
                     "stddev_over_time", "stdvar_over_time", "sum_over_time")),
    )
    for name in names
}  # fmt: skip
"""Functions of a window and of numbers, by name."""
KEEPS_NAME = frozenset({"last_over_time"})


def _clamp(values: Floats, low: float, high: float) -> Floats:
    return np.maximum(low, np.minimum(high, values))


def _round(values: Floats, to_nearest: float = 1.0) -> Floats:
    # Prometheus rounds halves up, and divides by the inverse for the sake of precision.
    inverse = np.float64(1.0) / to_nearest
    return np.floor(values * inverse + 0.5) / inverse


def _logarithm(log: Callable[[float], float]) -> Callable[[float], float]:
    """Python refuses the logarithm of zero, which is minus infinity."""
    return lambda value: log(value) if value else -math.inf


ELEMENT: dict[str, Callable[..., Floats]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "sgn": np.sign,
    "sqrt": np.sqrt,
    "round": _round,
    "clamp": _clamp,
    "clamp_min": np.maximum,
    "clamp_max": np.minimum,
    "deg": lambda values: values * 180 / math.pi,
    "rad": lambda values: values * math.pi / 180,
    **{
        name: one_by_one(getattr(math, name))
        for name in ("exp", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh",
                     "asinh", "acosh", "atanh")
    },
    "ln": one_by_one(_logarithm(math.log)),
    "log2": one_by_one(_logarithm(math.log2)),
    "log10": one_by_one(_logarithm(math.log10)),
    **{name: one_by_one(part) for name, part in CALENDAR.items()},
}  # fmt: skip
"""Functions of each value and of numbers, by name."""


@dataclass(frozen=True)
class WindowFunction(VectorExpr):
    """A function of each series' window."""

    function: Callable[..., rates.Result]
    window: WindowExpr
    arguments: Sequence[ScalarExpr]
    keeps_name: bool

    def vector(self, moment: Moment) -> Vector:
        numbers = [argument.scalar(moment) for argument in self.arguments]
        window = self.window.window(moment)
        key = (self.function, *numbers, self.keeps_name)
        return window.derive(key, lambda: self._of(window, numbers)).checked()

    def _of(self, window: Window, numbers: Sequence[float]) -> Vector:
        with np.errstate(invalid="ignore", over="ignore"):
            values, present = self.function(window, *numbers)
        return Vector(window.frame if self.keeps_name else window.frame.nameless, values, present)


@dataclass(frozen=True)
class ElementFunction(VectorExpr):
    """A function of each value."""

    function: Callable[..., Floats]
    expr: VectorExpr
    arguments: Sequence[ScalarExpr]

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        with np.errstate(all="ignore"):
            values = self.function(source.values, *(a.scalar(moment) for a in self.arguments))
        return Vector(source.frame.nameless, values, source.present).checked()


@dataclass(frozen=True)
class Clamp(ElementFunction):
    """`clamp(v, low, high)`: nothing at all when low is above high."""

    def vector(self, moment: Moment) -> Vector:
        low, high = (a.scalar(moment) for a in self.arguments)
        return nothing() if low > high else super().vector(moment)


@dataclass(frozen=True)
class Timestamp(VectorExpr):
    """`timestamp(v)`: when each sample was taken; for computed vectors, now."""

    expr: VectorExpr

    def vector(self, moment: Moment) -> Vector:
        if isinstance(self.expr, InstantSelector):
            newest = self.expr.newest(moment)
            source, seconds = newest.vector, newest.times / 1000
        else:
            source = self.expr.vector(moment)
            seconds = np.full(len(source.frame), moment.t_ms / 1000)
        return Vector(source.frame.nameless, seconds, source.present).checked()


@dataclass(frozen=True)
class Absent(VectorExpr):
    """`absent(v)` and `absent_over_time(v[5m])`: one when there is nothing.

    The result's labels are those the selector demands exactly.
    """

    expr: VectorExpr
    frame: Frame

    def vector(self, moment: Moment) -> Vector:
        is_empty = not self.expr.vector(moment).present.any()
        return Vector(self.frame, np.ones(1), np.array([is_empty]))


def demanded(matchers: Sequence[Matcher]) -> Labels:
    """The labels that `absent` can give: asked for with `=`, and only once."""
    named = [m.name for m in matchers]
    return tuple(
        sorted(
            (m.name, m.value)
            for m in matchers
            if m.op == "=" and m.value and m.name != "__name__" and named.count(m.name) == 1
        )
    )


@dataclass(frozen=True)
class Sorted(VectorExpr):
    """`sort` and `sort_desc`: by value, NaNs last."""

    expr: VectorExpr
    is_descending: bool

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        keys = -source.values if self.is_descending else source.values
        order = np.lexsort((keys, np.isnan(keys)))
        return Vector(source.frame, source.values, source.present, order)


@dataclass(frozen=True)
class FromScalar(VectorExpr):
    """`vector(s)`: a number as an element without labels."""

    expr: ScalarExpr

    def vector(self, moment: Moment) -> Vector:
        return Vector(ONE, np.array([self.expr.scalar(moment)]), np.ones(1, np.bool_))


@dataclass(frozen=True)
class ToScalar(ScalarExpr):
    """`scalar(v)`: the only element's value, or NaN."""

    expr: VectorExpr

    def scalar(self, moment: Moment) -> float:
        source = self.expr.vector(moment)
        values = source.values[source.present]
        return float(values[0]) if len(values) == 1 else math.nan


@dataclass(frozen=True)
class Number(ScalarExpr):
    """A number written in the query."""

    value: float

    def scalar(self, moment: Moment) -> float:  # noqa: ARG002 - a constant needs no moment
        return self.value


@dataclass(frozen=True)
class Time(ScalarExpr):
    """`time()`: the instant asked about, in seconds."""

    def scalar(self, moment: Moment) -> float:
        return moment.t_ms / 1000


def nothing() -> Vector:
    """A vector without elements."""
    return Vector(EMPTY, np.zeros(0), np.zeros(0, np.bool_))
