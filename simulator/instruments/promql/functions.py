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
from simulator.instruments.promql.values import Moment, Vector, nothing
from simulator.instruments.promql.window import Window
from simulator.instruments.series.block import Floats
from simulator.instruments.series.frame import ONE, Frame
from simulator.instruments.series.labels import NAME, Labels, go_float, value_of
from simulator.instruments.series.matchers import Matcher

WINDOW: dict[str, Callable[..., rates.Result]] = {
    name: getattr(module, name)
    for module, names in (
        (rates, ("rate", "increase", "delta", "irate", "idelta", "changes", "resets", "deriv",
                 "predict_linear")),
        (over_time, ("avg_over_time", "count_over_time", "last_over_time", "max_over_time",
                     "min_over_time", "present_over_time",
                     "stddev_over_time", "stdvar_over_time", "sum_over_time")),
    )
    for name in names
}  # fmt: skip
"""Functions of a window and of numbers, by name."""
COUNTERS = frozenset({"rate", "increase"})
KEEPS_NAME = frozenset({"last_over_time"})


def _greater(values: Floats, other: float) -> Floats:
    """Go's Max: infinity wins over NaN, and zero over minus zero."""
    if other == np.inf:
        return np.full(len(values), np.inf)
    found = np.where(values == np.inf, np.inf, np.maximum(values, other))
    return np.where((values == 0) & (other == 0), values + other, found)


def _less(values: Floats, other: float) -> Floats:
    """Go's Min: minus infinity wins over NaN, and minus zero over zero."""
    return -_greater(-values, -other)


def _clamp(values: Floats, low: float, high: float) -> Floats:
    return _greater(_less(values, high), low)


def _sign(values: Floats) -> Floats:
    return np.where(values == 0, values, np.sign(values))


def _round(values: Floats, to_nearest: float = 1.0) -> Floats:
    # Prometheus rounds halves up, and divides by the inverse for the sake of precision.
    inverse = np.float64(1.0) / to_nearest
    return np.floor(values * inverse + 0.5) / inverse


def _ln(value: float) -> float:
    """Python refuses the logarithm of zero, which is minus infinity."""
    return math.log(value) if value else -math.inf


def _log2(value: float) -> float:
    """Go's steps, whose last digit differs from the C library's."""
    if not value or not math.isfinite(value):
        return _ln(value)
    fraction, exponent = math.frexp(value)
    if fraction == 0.5:  # noqa: PLR2004  a power of two
        return float(exponent - 1)
    return math.log(fraction) * (1 / math.log(2)) + exponent


def _log10(value: float) -> float:
    return _log2(value) * (math.log(2) / math.log(10))


def _atanh(value: float) -> float:
    """Python refuses the ends, which are infinite."""
    return math.copysign(math.inf, value) if abs(value) == 1 else math.atanh(value)


def _sinh(value: float) -> float:
    """Python refuses what is too large, which is infinite on either side."""
    try:
        return math.sinh(value)
    except OverflowError:
        return math.copysign(math.inf, value)


ELEMENT: dict[str, Callable[..., Floats]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "sgn": _sign,
    "sqrt": np.sqrt,
    "round": _round,
    "clamp": _clamp,
    "clamp_min": _greater,
    "clamp_max": _less,
    "deg": lambda values: values * 180 / math.pi,
    "rad": lambda values: values * math.pi / 180,
    **{
        name: one_by_one(getattr(math, name))
        for name in ("exp", "sin", "cos", "tan", "asin", "acos", "atan", "cosh", "tanh", "asinh",
                     "acosh")
    },
    "atanh": one_by_one(_atanh),
    "sinh": one_by_one(_sinh),
    "ln": one_by_one(_ln),
    "log2": one_by_one(_log2),
    "log10": one_by_one(_log10),
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
        return moment.collide(self, window.derive(key, lambda: self._of(window, numbers)))

    def _of(self, window: Window, numbers: Sequence[float]) -> Vector:
        values, present = self.function(window, *numbers)
        return Vector(window.frame if self.keeps_name else window.frame.nameless, values, present)


@dataclass(frozen=True)
class Rate(WindowFunction):
    """`rate` and `increase`, which remark on names that no counter has."""

    place: str

    def vector(self, moment: Moment) -> Vector:
        result = super().vector(moment)
        if moment.notes is not None:
            named = self.window.window(moment).frame.labels
            for index in np.flatnonzero(result.present).tolist():
                moment.notes.maybe_no_counter(value_of(named[index], NAME), self.place)
        return result


@dataclass(frozen=True)
class QuantileOverTime(VectorExpr):
    """`quantile_over_time(q, v[5m])`."""

    window: WindowExpr
    quantile: ScalarExpr
    place: str

    def vector(self, moment: Moment) -> Vector:
        quantile = self.quantile.scalar(moment)
        window = self.window.window(moment)
        values, present = over_time.quantile_over_time(window, quantile)
        if moment.notes is not None and not 0 <= quantile <= 1 and present.any():
            moment.notes.bad_quantile(go_float(quantile), self.place)
        return moment.collide(self, Vector(window.frame.nameless, values, present))


@dataclass(frozen=True)
class ElementFunction(VectorExpr):
    """A function of each value."""

    function: Callable[..., Floats]
    expr: VectorExpr
    arguments: Sequence[ScalarExpr]

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        values = self.function(source.values, *(a.scalar(moment) for a in self.arguments))
        return Vector(source.frame.nameless, values, source.present).checked()


@dataclass(frozen=True)
class Clamp(ElementFunction):
    """`clamp(v, low, high)`: nothing at all when low is above high."""

    def vector(self, moment: Moment) -> Vector:
        found = super().vector(moment)
        low, high = (a.scalar(moment) for a in self.arguments)
        return nothing() if low > high else found


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
