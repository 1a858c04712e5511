import math

import pytest

from simulator.response.truth import Samples, filters, is_true, operands


@pytest.mark.parametrize(
    ("samples", "holds"),
    [
        pytest.param([], False, id="nothing left"),
        pytest.param([({}, 3.0)], True, id="something left"),
        pytest.param([({}, 0.0)], True, id="a zero that passed the filter"),
        pytest.param([({}, math.nan)], False, id="not a number"),
        pytest.param([({"pod": "a"}, math.nan), ({"pod": "b"}, 1.0)], True, id="one of two"),
    ],
)
def test_condition_holds_where_something_is_left(samples: Samples, *, holds: bool) -> None:
    assert is_true(samples) is holds


@pytest.mark.parametrize(
    ("expr", "data"),
    [
        ("a > 1", ["a"]),
        ("1 < a", ["a"]),
        ("(a > 1) and (b{x='>'} < 2)", ["a", "b{x='>'}"]),
        ("a > 1 or on (pod) b == 2", ["a", "b"]),
        ("sum by (x) (a) / on (y) b > 3", ["sum by (x) (a) / on (y) b"]),
        ("a > 1 unless b > 2", ["a"]),
        ("a > 1 unless b > 2 and c > 1", ["a", "c"]),
        ("histogram_quantile(0.9, rate(x[5m])) < 2", ["histogram_quantile(0.9, rate(x[5m]))"]),
        ('a{le!="0.5", q="\\")"} <= b', ['a{le!="0.5", q="\\")"}', "b"]),
        ("orders > 1 and andy < 2", ["orders", "andy"]),
        ("rule:and:x > 0", ["rule:and:x"]),
        ("absent(x)", ["absent(x)"]),
        ("(x)", ["x"]),
    ],
)
def test_operands_are_the_data_a_condition_compares(expr: str, data: list[str]) -> None:
    assert list(operands(expr)) == data


@pytest.mark.parametrize("expr", ["a > bool 1", "b == 1 and a >bool(c)"])
def test_condition_with_bool_is_refused(expr: str) -> None:
    with pytest.raises(ValueError, match="without bool"):
        filters(expr)


def test_bool_inside_a_function_is_left_alone() -> None:
    assert filters("sum(a > bool 1) > 2") == "sum(a > bool 1) > 2"
