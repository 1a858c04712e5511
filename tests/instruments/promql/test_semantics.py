import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import QueryError
from simulator.instruments.promql.calls import _OTHERS
from simulator.instruments.promql.functions import ELEMENT, WINDOW
from simulator.instruments.promql.operators import ARITHMETIC
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.syntax.signatures import NATIVE_ONLY, SIGNATURES
from simulator.instruments.promql.values import Scalar, Vector
from simulator.instruments.series.labels import labels_of
from simulator.instruments.series.store import SeriesStore

UP = labels_of({"__name__": "up"})


def vector(store: SeriesStore, text: str, t_ms: int) -> dict[str, float]:
    result = compile_query(text).instant(store, t_ms)
    assert isinstance(result, Vector)
    return {str(dict(labels)): value for labels, value in result.samples()}


@pytest.mark.parametrize(
    ("t_ms", "exists"),
    [
        pytest.param(329_999, True, id="just inside five minutes"),
        pytest.param(330_000, False, id="exactly five minutes is outside"),
        pytest.param(29_999, False, id="before the first sample"),
        pytest.param(30_000, True, id="at the sample"),
    ],
)
def test_look_back_is_left_open(t_ms: int, *, exists: bool) -> None:
    store = SeriesStore()
    store.append(UP, 30_000, 1.0)

    assert bool(vector(store, "up", t_ms)) == exists


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('up{a="x" or b="y"}', 'unexpected identifier "or"'),
        ("histogram_count(up)", "native histograms, which are not supported"),
        ("holt_winters(up[5m], 0.1, 0.1)", "unknown function"),
        ("mad_over_time(up[5m])", "is not enabled"),
        ("limitk(2, up)", "is experimental"),
        ("up + fill(0) up", 'unknown function with name "fill"'),
        ("rate(up)", "expected type range vector"),
        ("sum(up", "unclosed left parenthesis"),
        ('up{a=~"["}', "error parsing regexp"),
    ],
)
def test_what_is_not_supported_is_refused(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message.replace("(", r"\(")):
        compile_query(text)


def test_an_at_sign_in_a_label_is_no_time() -> None:
    assert compile_query('up{mail="a@ -5"}').text


def test_every_function_that_is_read_can_be_planned() -> None:
    planned = {*WINDOW, *ELEMENT, *_OTHERS, "absent", "absent_over_time"}

    assert planned == SIGNATURES.keys() - NATIVE_ONLY


def test_many_to_many_matching_names_both_series() -> None:
    store = SeriesStore()
    for pod in "ab":
        store.append(labels_of({"__name__": "m", "job": "j", "pod": pod}), 0, 1.0)

    with pytest.raises(QueryError, match=r"found duplicate series.*many-to-many"):
        vector(store, "m + on (job) m", 0)


def test_a_replaced_partner_brings_its_own_labels() -> None:
    store = SeriesStore()
    pods = [labels_of({"__name__": "info", "pod": "p", "node": node}) for node in ("n1", "n2")]
    cpu = labels_of({"__name__": "cpu", "pod": "p"})
    plan = compile_query("cpu * on (pod) group_left (node) info")
    store.append(cpu, 0, 2.0)
    store.append(pods[0], 0, 1.0)
    store.append(cpu, 400_000, 3.0)
    store.append(pods[1], 400_000, 1.0)

    before, after = (plan.vector(store, t).samples() for t in (0, 400_000))

    assert [dict(s.labels)["node"] for s in (*before, *after)] == ["n1", "n2"]
    assert [s.value for s in (*before, *after)] == [2.0, 3.0]


def test_a_plan_sees_series_added_later() -> None:
    store = SeriesStore()
    plan = compile_query("sum by (job) (up)")
    store.append(labels_of({"__name__": "up", "job": "a"}), 0, 1.0)

    first = plan.vector(store, 0).samples()
    store.append(labels_of({"__name__": "up", "job": "b"}), 0, 1.0)
    second = plan.vector(store, 0).samples()

    assert (len(first), len(second)) == (1, 2)


def test_a_plan_sees_samples_added_at_the_same_instant() -> None:
    store = SeriesStore()
    plan = compile_query("count_over_time(up[1m])")
    store.append(UP, 1000, 1.0)

    first = plan.vector(store, 5000).samples()[0].value
    store.append(UP, 5000, 1.0)
    second = plan.vector(store, 5000).samples()[0].value

    assert (first, second) == (1.0, 2.0)


@pytest.mark.parametrize("values", [[0.1] * 10, [1e100, 1.0, -1e100], [3.0, math.inf], [1e308] * 2])
def test_sums_are_as_exact_as_compensated_ones(values: list[float]) -> None:
    store = SeriesStore()
    for number, value in enumerate(values):
        store.append(labels_of({"__name__": "m", "i": str(number)}), 0, value)
        store.append(UP, number, value)
    try:
        exact = math.fsum(values)
    except OverflowError:
        exact = math.inf

    assert vector(store, "sum(m)", 0) == {"{}": exact}
    assert vector(store, "sum_over_time(up[5m])", 1000) == {"{}": exact}


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("%", -5.0, 3.0, -2.0),
        ("%", 5.0, 0.0, math.nan),
        ("^", 0.0, -1.0, math.inf),
        ("^", -2.0, 0.5, math.nan),
        ("^", -10.0, 400.0, math.inf),
        ("^", -10.0, 401.0, -math.inf),
        ("/", -1.0, 0.0, -math.inf),
    ],
)
def test_arithmetic_is_ieee_and_go(operator: str, left: float, right: float, result: float) -> None:
    found = compile_query(f"({left}) {operator} ({right})").instant(SeriesStore(), 0)

    assert isinstance(found, Scalar)
    assert found.value == result or (math.isnan(found.value) and math.isnan(result))
    assert operator in ARITHMETIC


@given(
    st.lists(st.tuples(st.integers(1, 60_000), st.floats(0, 1e12)), min_size=2, max_size=30),
    st.sampled_from(["rate", "irate", "increase"]),
)
def test_a_counter_never_grows_by_less_than_nothing(
    steps: list[tuple[int, float]], function: str
) -> None:
    store, at = SeriesStore(), 0
    for gap, value in steps:
        at += gap
        store.append(UP, at, value)

    for window in ("30s", "5m"):
        assert all(v >= 0 for v in vector(store, f"{function}(up[{window}])", at).values())


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.none()), min_size=3, max_size=12),
    st.sampled_from(
        [
            "sum_over_time(up[1m])", "rate(up[1m])", "max_over_time(up[1m])", "changes(up[45s])",
            "up > 3", "sum(up)", "deriv(up[1m])", "avg_over_time(up[2m:15s])",
        ]
    ),
)  # fmt: skip
def test_a_range_is_a_sequence_of_instants(values: list[float | None], text: str) -> None:
    store = SeriesStore()
    for number, value in enumerate(values):
        if value is not None:
            store.append(UP, number * 15_000, value)
    end, plan = len(values) * 15_000, compile_query(text)

    rows = plan.range(store, 0, end, 10_000)

    instants = [
        (t, value)
        for t in range(0, end + 1, 10_000)
        for _, value in plan.vector(store, t).samples()
    ]
    assert [pair for row in rows for pair in zip(row.times_ms, row.values, strict=True)] == instants
