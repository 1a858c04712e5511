"""The past that long windows read: what it is like, and what it leaves alone."""

import math

import numpy as np
import pytest

from simulator.errors import InvariantViolated
from simulator.instruments.handover.openmetrics import lines
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series.archive import dump, load
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.slo.history import extrapolate

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START, NOW = 400 * DAY, 400 * DAY + 10 * MINUTE
GOOD: Labels = (("__name__", "calls_total"), ("code", "200"))
BAD: Labels = (("__name__", "calls_total"), ("code", "500"))
GAUGE: Labels = (("__name__", "queue"),)
SCRAPES = range(START + 3000, NOW + 1, 15_000)


def warmed_up() -> SeriesStore:
    """Ten minutes of 100 calls a second, 1 of them bad, scraped in one block."""
    store = SeriesStore()
    block = store.block([GOOD, BAD, GAUGE])
    for t_ms in SCRAPES:
        age_s = (t_ms - START) / 1000
        block.append(t_ms, np.array([99 * age_s, age_s, 5.0]))
    return store


def value(store: SeriesStore, expr: str, at: int = NOW) -> float:
    samples = compile_query(expr).vector(store, at).samples()
    return samples[0].value if samples else math.nan


@pytest.mark.parametrize("window", ["30m", "6h", "3d", "30d"])
def test_long_windows_see_the_rates_of_warm_up(window: str) -> None:
    store = warmed_up()

    extrapolate(store, [f"rate(calls_total[{window}])"], START, NOW)

    assert value(store, f"sum(rate(calls_total[{window}]))") == pytest.approx(100, rel=0.03)
    ratio = f'rate(calls_total{{code="500"}}[{window}]) / on () sum(rate(calls_total[{window}]))'
    assert value(store, ratio) == pytest.approx(0.01, rel=0.02)


def test_a_short_outage_is_a_small_part_of_a_long_window() -> None:
    store = warmed_up()
    extrapolate(store, ["rate(calls_total[1h])"], START, NOW)
    block = store.blocks[0]
    for step in range(1, 21):
        age_s = 597 + 15 * step
        block.append(NOW - 12_000 + 15_000 * step, np.array([99 * 597, age_s * 100, 5.0]))

    ratio = 'rate(calls_total{{code="500"}}[{0}]) / on () sum(rate(calls_total[{0}]))'
    in_an_hour = value(store, ratio.format("1h"), NOW + 5 * MINUTE)
    in_a_minute = value(store, ratio.format("2m"), NOW + 5 * MINUTE)

    assert in_a_minute == pytest.approx(1.0)
    assert in_an_hour < 0.7


def test_only_counters_that_a_long_window_reads_get_a_past() -> None:
    store = warmed_up()

    written = extrapolate(
        store, ['rate(calls_total{code="200"}[1h])', "avg_over_time(queue[1h])", "up"], START, NOW
    )

    assert written == 1
    assert store.past is not None
    assert store.past.labels == [GOOD]


def test_windows_within_warm_up_need_no_past() -> None:
    store = warmed_up()

    assert extrapolate(store, ["rate(calls_total[5m])"], START, NOW) == 0
    assert store.past is None


def test_what_was_scraped_reads_as_before() -> None:
    plain, store = warmed_up(), warmed_up()

    extrapolate(store, ["rate(calls_total[3d])"], START, NOW)

    for expr in ("calls_total", "rate(calls_total[5m])", "queue", "count_over_time(queue[9m])"):
        left = compile_query(expr).vector(plain, NOW).samples()
        right = compile_query(expr).vector(store, NOW).samples()
        assert list(left) == list(right)


def test_a_past_is_found_by_instant_selectors_too() -> None:
    store = warmed_up()
    extrapolate(store, ["rate(calls_total[3d])"], START, NOW)

    assert value(store, 'calls_total{code="200"} offset 1h') > 0
    assert math.isnan(value(store, "queue offset 1h"))


def test_an_archived_store_keeps_its_past_apart() -> None:
    store = warmed_up()
    extrapolate(store, ["rate(calls_total[3d])"], START, NOW)

    again = load(dump(store))

    assert again.past is not None
    assert again.past.labels == [GOOD, BAD]
    expr = "sum(rate(calls_total[3d]))"
    assert value(again, expr) == value(store, expr)
    assert list(lines(again)) == list(lines(store))


def test_a_past_is_given_once_and_only_to_stored_series() -> None:
    store = warmed_up()

    with pytest.raises(InvariantViolated):
        store.remember([(("__name__", "other"),)], [0], np.zeros((1, 1)))
