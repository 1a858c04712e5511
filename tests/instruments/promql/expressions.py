"""Draws PromQL expressions over a small store that holds every kind of trouble."""

from collections.abc import Callable

from hypothesis import strategies as st

from simulator.instruments.series.block import STALE
from simulator.instruments.series.labels import labels_of
from simulator.instruments.series.store import SeriesStore

NAN, INF = float("nan"), float("inf")
STEP_MS = 15_000
LAST_MS = 30 * 60_000
Draw = Callable[[st.SearchStrategy[str]], str]


def troubled_store() -> SeriesStore:  # noqa: C901  a list of troubles
    """Counters that reset, gauges with NaN, infinities, gaps and ends, histograms, and infos."""
    store = SeriesStore()
    for number, (pod, job) in enumerate((p, j) for p in "abc" for j in "xy"):
        total = 0.0
        for row in range(120):
            total = 0.0 if (row * 7 + number) % 41 == 40 else total + (row * number + 3) % 11
            if (row + number) % 29 or number % 2:
                _put(store, "requests_total", row, total, pod=pod, job=job)
    gauges: dict[str, Callable[[int], float | None]] = {
        "a": lambda row: (row * row) % 17 - 8.0,
        "b": lambda row: None if row % 7 < 3 else row / 3,
        "c": lambda row: STALE if row % 31 == 30 else float(row % 5),
        "d": lambda row: (NAN, 1.5, INF, -INF, -0.0, 0.0, 1e3)[row % 7],
        "e": lambda row: 42.0 if 40 < row < 60 else STALE if row == 60 else None,
        "f": lambda row: 1e-3 * row**3,
    }
    for pod, value_at in gauges.items():
        for row in range(120):
            value = value_at(row)
            if value is not None:
                _put(store, "load", row, value, pod=pod, job="x" if pod in "ace" else "y")
                if pod in "af":
                    _put(store, "demand", row, value + 1, pod=pod, job="x")
    bounds = ("0.1", "0.5", "1", "5", "+Inf")
    for pod in "abc":
        for place, bound in enumerate(bounds if pod != "c" else bounds[:-1]):
            for row in range(120):
                drop = 40.0 if pod == "b" and place == 2 and row > 60 else 0.0
                count = float((place + 1) * row * (1 + (pod == "a"))) - drop
                _put(store, "latency_bucket", row, count, pod=pod, le=bound)
    for row in range(0, 120, 4):
        _put(store, "latency_bucket", row, float(row), pod="d", le="none")
        _put(store, "pod_info", row, 1.0, pod="a", node="n1", zone="east")
        _put(store, "pod_info", row, 1.0, pod="b", node="n2", zone="")
        _put(store, "pod_info", row, 0.0, pod="f", node="n1", zone="west")
        _put(store, "day", row, 1e9 * (row + 1) - 2e10, kind="t")
    return store


def _put(store: SeriesStore, name: str, row: int, value: float, **labels: str) -> None:
    store.append(labels_of({"__name__": name, **labels}), row * STEP_MS, value)


_NUMBERS = ("0", "1", "-1", "2", "0.5", "3.7", "1e3", "NaN", "Inf", "-Inf", "-0.0", "5m", "0x10")
_RANGES = ("15s", "30s", "1m", "2m", "5m", "7m30s", "10m")
_STEPS = ("", "15s", "1m", "40s", "7s")
_MATCHERS = (
    "", '{pod="a"}', '{pod!="a"}', '{pod=~"a|b|f"}', '{job="x"}', '{job=~"x|"}', '{pod!~"c|d"}',
    '{pod="b", job!="z"}', '{nothing="x"}', '{nothing=""}', '{pod=~"[a-d]"}',
)  # fmt: skip
_NAMES = (
    "requests_total", "load", "demand", "latency_bucket", "pod_info", "day", "missing",
    '{__name__=~"load|demand"}', '{__name__=~".+_total|pod_info"}',
)  # fmt: skip
_SHIFTS = ("", "", "", "", " offset 1m", " offset -45s", " @ 600", " @ start()", " @ end()",
           " @ 901.5")  # fmt: skip
_LABELS = ("pod", "job", "node", "le", "nothing", "zone", "__name__")
_ARITHMETIC = ("+", "-", "*", "/", "%", "^", "atan2")
_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_SETS = ("and", "or", "unless")
_AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
_ELEMENT = (
    "abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "sin", "cos", "tan",
    "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad",
    "round", "timestamp", "minute", "hour", "day_of_week", "day_of_month", "day_of_year",
    "days_in_month", "month", "year", "sort", "sort_desc", "absent",
)  # fmt: skip
_WINDOW = (
    "rate", "increase", "delta", "irate", "idelta", "changes", "resets", "deriv", "avg_over_time",
    "sum_over_time", "min_over_time", "max_over_time", "count_over_time", "last_over_time",
    "present_over_time", "absent_over_time", "stddev_over_time", "stdvar_over_time",
)  # fmt: skip


def one(draw: Draw, values: tuple[str, ...]) -> str:
    """Draw one of a few texts."""
    return draw(st.sampled_from(values))


def scalar(draw: Draw, depth: int) -> str:
    """An expression that gives a number."""
    kind = one(draw, ("number", "number", "number", "time", "scalar", "binary", "compare", "minus"))
    if depth <= 0 or kind == "number":
        return one(draw, _NUMBERS)
    if kind == "time":
        return one(draw, ("time()", "pi()"))
    if kind == "scalar":
        return f"scalar({vector(draw, depth - 1)})"
    if kind == "minus":
        return f"-({scalar(draw, depth - 1)})"
    left, right = scalar(draw, depth - 1), scalar(draw, depth - 1)
    if kind == "compare":
        return f"({left} {one(draw, _COMPARISONS)} bool {right})"
    return f"({left} {one(draw, _ARITHMETIC)} {right})"


def selector(draw: Draw) -> str:
    """A plain selector, as often as not with conditions."""
    name, matchers = one(draw, _NAMES), one(draw, _MATCHERS)
    if name.startswith("{") and matchers:
        return f"{name[:-1]}, {matchers[1:]}"
    return name + matchers


def window(draw: Draw, depth: int) -> str:
    """A range vector."""
    if depth <= 0 or one(draw, ("selector", "selector", "subquery")) == "selector":
        return f"{selector(draw)}[{one(draw, _RANGES)}]{one(draw, _SHIFTS)}"
    inner, shift = vector(draw, depth - 1), one(draw, _SHIFTS)
    # Where both a subquery and what is in it are moved, the original reads too little at times.
    shift = "" if "@" in inner else shift
    return f"({inner})[{one(draw, _RANGES)}:{one(draw, _STEPS)}]{shift}"


def labels(draw: Draw) -> str:
    """Up to two label names."""
    found = [one(draw, _LABELS) for _ in range(int(one(draw, ("0", "1", "1", "2"))))]
    return ", ".join(dict.fromkeys(found))


def vector(draw: Draw, depth: int) -> str:
    """An instant vector."""
    if depth <= 0:
        return selector(draw) + one(draw, _SHIFTS)
    return _VECTORS[one(draw, tuple(_VECTORS))](draw, depth - 1)


def _aggregation(draw: Draw, depth: int) -> str:
    by = one(draw, ("", f" by ({labels(draw)})", f" without ({labels(draw)})"))
    name = one(draw, (*_AGGREGATIONS, "topk", "bottomk", "quantile", "count_values"))
    inner = vector(draw, depth)
    if name in ("topk", "bottomk"):
        inner = f"{one(draw, ('1', '2', '3', '0', '2.7'))}, {inner}"
    elif name == "quantile":
        inner = f"{one(draw, ('0.5', '0', '1', '0.33', '1.5', '-1', 'NaN'))}, {inner}"
    elif name == "count_values":
        inner = f'"{one(draw, ("v", "pod", "__name__"))}", {inner}'
    return f"{name}{by} ({inner})"


def _binary(draw: Draw, depth: int) -> str:
    left, right = vector(draw, depth), vector(draw, depth)
    kind = one(draw, ("arithmetic", "comparison", "bool", "set", "scalar"))
    if kind == "scalar":
        number, is_left = scalar(draw, depth), one(draw, ("", "x"))
        op = one(draw, (*_ARITHMETIC, *_COMPARISONS, "> bool", "== bool"))
        return f"({number} {op} {left})" if is_left else f"({left} {op} {number})"
    matching = one(draw, ("", f" on ({labels(draw)})", f" ignoring ({labels(draw)})"))
    if kind == "set":
        return f"({left} {one(draw, _SETS)}{matching} {right})"
    op = one(draw, _COMPARISONS if kind != "arithmetic" else _ARITHMETIC)
    op += " bool" if kind == "bool" else ""
    group = one(draw, ("", "", f" group_left ({labels(draw)})", f" group_right ({labels(draw)})"))
    return f"({left} {op}{matching}{group if matching else ''} {right})"


def _relabelled(draw: Draw, depth: int) -> str:
    target, source, inner = one(draw, _LABELS), one(draw, _LABELS), vector(draw, depth)
    if one(draw, ("replace", "join")) == "join":
        return f'label_join({inner}, "{target}", "-", "{source}", "{one(draw, _LABELS)}")'
    value = one(draw, ("$1", "new", "", "${1}x$$", "$name", "$2"))
    pattern = one(draw, ("(.*)", "(a|b)", "", "(?P<name>.).*", "x.*", "(?i:A)(.*)"))
    return f'label_replace({inner}, "{target}", "{value}", "{source}", "{pattern}")'


def _function(draw: Draw, depth: int) -> str:
    name = one(draw, (*_ELEMENT, "clamp", "clamp_min", "clamp_max", "round_to", "histogram",
                      "fraction", "vector"))  # fmt: skip
    if name == "vector":
        return f"vector({scalar(draw, depth)})"
    inner = vector(draw, depth)
    if name in _ELEMENT:
        return f"{name}({inner})"
    first = scalar(draw, 0)
    if name == "clamp":
        return f"clamp({inner}, {first}, {scalar(draw, depth)})"
    if name == "round_to":
        return f"round({inner}, {first})"
    if name == "histogram":
        quantile = one(draw, ("0.5", "0.99", "0", "1", "0.1", "2", "-1", "NaN"))
        source = one(draw, ("rate(latency_bucket[5m])", "latency_bucket", inner,
                            "sum by (le) (latency_bucket)"))  # fmt: skip
        return f"histogram_quantile({quantile}, {source})"
    if name == "fraction":
        source = one(draw, ("rate(latency_bucket[5m])", "latency_bucket", inner))
        return f"histogram_fraction({first}, {scalar(draw, 0)}, {source})"
    return f"{name}({inner}, {first})"


def _over_window(draw: Draw, depth: int) -> str:
    name = one(draw, (*_WINDOW, "quantile_over_time", "predict_linear"))
    inner = window(draw, depth)
    if name == "quantile_over_time":
        return f"{name}({one(draw, ('0.5', '0.9', '0', '1', '2', 'NaN'))}, {inner})"
    if name == "predict_linear":
        return f"{name}({inner}, {scalar(draw, 0)})"
    return f"{name}({inner})"


_VECTORS: dict[str, Callable[[Draw, int], str]] = {
    "selector": lambda draw, _: selector(draw) + one(draw, _SHIFTS),
    "aggregation": _aggregation,
    "binary": _binary,
    "window": _over_window,
    "function": _function,
    "relabelled": _relabelled,
    "minus": lambda draw, depth: f"-{vector(draw, depth)}",
}


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Any expression that gives a vector or a number."""
    depth = draw(st.integers(1, 3))
    kind = draw(st.sampled_from(("vector",) * 7 + ("scalar",)))
    return vector(draw, depth) if kind == "vector" else scalar(draw, depth)
