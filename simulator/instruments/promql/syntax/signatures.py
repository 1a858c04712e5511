"""Which functions there are, what they take and give, and which are not evaluated here."""

from typing import NamedTuple

from simulator.instruments.promql.syntax.tree import MATRIX, SCALAR, STRING, VECTOR


class Signature(NamedTuple):
    """A function's arguments; the last may repeat `extra` times, -1 for any number."""

    args: tuple[str, ...]
    extra: int = 0
    returns: str = VECTOR


_ELEMENT = (
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg", "exp",
    "floor", "ln", "log10", "log2", "rad", "sgn", "sin", "sinh", "sort", "sort_desc", "sqrt",
    "tan", "tanh", "timestamp", "absent",
)  # fmt: skip
_OF_TIME = (
    "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month",
    "year",
)  # fmt: skip
_WINDOW = (
    "absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "idelta",
    "increase", "irate", "last_over_time", "max_over_time", "min_over_time", "present_over_time",
    "rate", "resets", "stddev_over_time", "stdvar_over_time", "sum_over_time",
)  # fmt: skip
_NATIVE = ("histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar",
           "histogram_sum")  # fmt: skip

SIGNATURES: dict[str, Signature] = {
    **dict.fromkeys(_ELEMENT, Signature((VECTOR,))),
    **dict.fromkeys(_OF_TIME, Signature((VECTOR,), 1)),
    **dict.fromkeys(_WINDOW, Signature((MATRIX,))),
    **dict.fromkeys(_NATIVE, Signature((VECTOR,))),
    "clamp": Signature((VECTOR, SCALAR, SCALAR)),
    "clamp_max": Signature((VECTOR, SCALAR)),
    "clamp_min": Signature((VECTOR, SCALAR)),
    "histogram_fraction": Signature((SCALAR, SCALAR, VECTOR)),
    "histogram_quantile": Signature((SCALAR, VECTOR)),
    "label_join": Signature((VECTOR, STRING, STRING, STRING), -1),
    "label_replace": Signature((VECTOR, STRING, STRING, STRING, STRING)),
    "pi": Signature((), returns=SCALAR),
    "predict_linear": Signature((MATRIX, SCALAR)),
    "quantile_over_time": Signature((SCALAR, MATRIX)),
    "round": Signature((VECTOR, SCALAR), 1),
    "scalar": Signature((VECTOR,), returns=SCALAR),
    "time": Signature((), returns=SCALAR),
    "vector": Signature((SCALAR,)),
}
"""Every function that Prometheus 3.5 has without experimental features."""

EXPERIMENTAL = frozenset({
    "double_exponential_smoothing", "info", "mad_over_time", "sort_by_label",
    "sort_by_label_desc", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
})  # fmt: skip
"""Functions that Prometheus 3.5 refuses too unless experimental features are on."""
EXPERIMENTAL_AGGREGATIONS = frozenset({"limitk", "limit_ratio"})
WITH_PARAMETER = frozenset({"topk", "bottomk", "quantile", "count_values"})
NATIVE_ONLY = frozenset(_NATIVE)
"""Functions of native histograms, which are not supported here."""
