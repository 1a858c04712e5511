import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import QueryError, UsageError
from simulator.instruments.promql.database import Database
from simulator.instruments.promql.values import Matrix, Scalar, Series, Vector

DOCS = Path(__file__).parents[3] / "docs" / "promql.md"


def values(database: Database, query: str, at_s: float) -> list[float]:
    found = database.instant(query, at_s).value
    assert isinstance(found, Vector)
    return [sample.value for sample in found.samples()]


def test_series_end_where_they_are_marked_stale() -> None:
    database = Database()
    database.append('up{job="api"}', 10, 1)
    database.append_stale('up{job="api"}', 20.5)
    database.append({"__name__": "up", "job": "api"}, 40, 0)

    found = [values(database, "up", at) for at in (10, 20.499, 20.5, 39, 40)]

    assert found == [[1.0], [1.0], [], [], [0.0]]
    assert database.series() == ('up{job="api"}',)


@given(st.permutations([(t, float(t * t)) for t in range(0, 300, 20)]))
def test_the_order_of_writing_does_not_matter(samples: list[tuple[int, float]]) -> None:
    database = Database()
    database.extend("x", samples)

    found = database.range("sum_over_time(x[100s])", 0, 400, 50)

    ordered = Database()
    ordered.extend("x", sorted(samples))
    assert found == ordered.range("sum_over_time(x[100s])", 0, 400, 50)


def test_a_second_sample_at_one_time_is_refused() -> None:
    database = Database()
    database.append("x", 1, 1)

    with pytest.raises(UsageError, match=r"x has a sample at 1.0 s already"):
        database.append("x", 1, 2)
    with pytest.raises(UsageError, match="nan is not a time"):
        database.append("x", math.nan, 2)
    with pytest.raises(UsageError, match="lacks its closing brace"):
        database.append("x{", 2, 2)


def test_answers_carry_remarks() -> None:
    database = Database()
    database.extend("x", [(0, 1), (15, 2)])

    answer = database.instant("quantile(2, rate(x[1m]))", 15)

    assert answer.warnings == (
        "PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)",
    )
    assert answer.infos == (
        (
            "PromQL info: metric might not be a counter, name does not end in "
            '_total/_sum/_count/_bucket: "x" (1:18)'
        ),
    )


def test_every_kind_of_result_is_given() -> None:
    database = Database(step_s=15)
    database.extend("x", [(0, 1), (15, 2)])

    assert database.instant("1 + 1", 0).value == Scalar(2.0)
    name = (("__name__", "x"),)
    assert database.instant("x[1m]", 15).value == Matrix((Series(name, (0, 15_000), (1.0, 2.0)),))
    assert values(database, "count_over_time(x[1m:])", 60) == [4.0]


@pytest.mark.parametrize(
    ("start", "end", "step", "message"),
    [
        (0, 10, 0, "zero or negative query resolution step widths are not accepted"),
        (10, 0, 1, "end timestamp must not be before start time"),
        (0, 11_001, 1, "exceeded maximum resolution of 11,000 points per timeseries"),
    ],
)
def test_ranges_must_make_sense(start: int, end: int, step: int, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        Database().range("1", start, end, step)


@pytest.mark.parametrize(("query", "kind"), [("x[5m]", "range vector"), ('"a"', "string")])
def test_a_range_of_what_has_no_value_at_each_step_is_refused(query: str, kind: str) -> None:
    with pytest.raises(QueryError, match=f'invalid expression type "{kind}" for range query'):
        Database().range(query, 0, 10, 1)


@pytest.mark.parametrize("query", ["x", "rate(x[1h])", "max_over_time(rate(x[1h])[1h:1m])"])
def test_a_query_that_would_touch_too_much_is_refused(query: str) -> None:
    database = Database(samples_max=100)
    for number in range(101):
        database.append({"__name__": "x", "n": str(number)}, 3600, 1)

    with pytest.raises(QueryError, match="would load too many samples into memory in query exec"):
        database.instant(query, 3600)


def test_the_example_in_the_documentation_runs() -> None:
    code = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)

    for block in code:
        exec(compile(block, str(DOCS), "exec"), {})  # noqa: S102  that is the promise

    assert len(code) == 1
