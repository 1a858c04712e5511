import math

import pytest

from simulator.instruments.series.block import ABSENT, STALE
from simulator.instruments.series.notation import read_series, read_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 2.5 -3", [1.0, 2.5, -3.0]),
        ("0+10x3", [0.0, 10.0, 20.0, 30.0]),
        ("5-1x2", [5.0, 4.0, 3.0]),
        ("1x2 9", [1.0, 1.0, 1.0, 9.0]),
        ("-2x1", [-2.0, -2.0]),
        ("1+0.1x2", [1.0, 1.1, 1.2000000000000002]),
        ("1e3 Inf -Inf", [1000.0, math.inf, -math.inf]),
        ("", []),
    ],
)
def test_values_expand_as_promtool_expands_them(text: str, values: list[float]) -> None:
    assert read_values(text) == values


def test_gaps_and_ends_are_no_numbers() -> None:
    found = read_values("_ _x2 stale NaN")

    assert [value is ABSENT for value in found] == [True, True, True, False, False]
    assert found[3] is STALE
    assert math.isnan(found[4])


@pytest.mark.parametrize("text", ["a", "1x", "x5", "{{schema:1}}", "1+x3", "0x9999999999"])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a value|histograms|more than"):
        read_values(text)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("up", {"__name__": "up"}),
        ("a:b{}", {"__name__": "a:b"}),
        ('up{job="x", pod = "y",}', {"__name__": "up", "job": "x", "pod": "y"}),
        ('{job="a\\"b"}', {"job": 'a"b'}),
        ('{"my.metric", "a label"="c"}', {"__name__": "my.metric", "a label": "c"}),
        ("up{job='x'}", {"__name__": "up", "job": "x"}),
    ],
)
def test_series_are_read_with_their_labels(text: str, labels: dict[str, str]) -> None:
    assert dict(read_series(text)) == labels


@pytest.mark.parametrize("text", ["", "up{", 'up{a="b"', "up{a=b}", "up x", 'up{a="b"} 5', "{5}"])
def test_what_is_no_series_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"series|labels|brace"):
        read_series(text)
