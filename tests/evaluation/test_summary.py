import pytest

from simulator.evaluation.summary import Decision, summarise
from simulator.record.model import Entry, Json
from simulator.units import MINUTE
from tests.evaluation.fakes import HORIZON, STRIKE, record

CEILINGS = {"llm": 6}


def test_figures_are_of_the_graded_window() -> None:
    found = summarise(record(bad_minutes=[3, 4]), 4.0, CEILINGS)

    assert (found.seed, found.digest) == (7, "digest")
    assert (found.window_starts_at, found.horizon_at) == (STRIKE, HORIZON)
    assert (found.minutes_over, found.first_over_at) == (2, STRIKE + 3 * MINUTE)
    assert (found.requests, found.bad) == (30 * 60, 2 * 60)
    assert (found.cost_per_hour, found.minutes_over_per_hour) == (8.0, 4.0)


def test_a_run_without_a_bad_minute() -> None:
    found = summarise(record(), 4.0, CEILINGS)

    assert (found.minutes_over, found.first_over_at, found.ttft_p99_s) == (0, None, None)


def test_the_99th_percentile_lies_inside_its_bucket() -> None:
    found = summarise(record(ttft_buckets=[20] * 98 + [60, 60]), 4.0, CEILINGS)

    # Bucket 60 begins at 10^(60/20) ms; the 99th of 100 is halfway through its two.
    assert found.ttft_p99_s == pytest.approx(1.0 + (10 ** (1 / 20) - 1.0) / 2)


def test_decisions_and_homeless_pods_are_those_of_the_scaled_components() -> None:
    found = summarise(
        record(
            entries=[
                _decided(0, 5, "llm", 4, 5),
                _decided(1, 12, "llm", 5, 6),
                _decided(2, 13, "llm", 6, 6),
                _decided(3, 14, "gateway", 2, 3),
                Entry(4, 15 * MINUTE, "pod", "llm-6", {"state": "FailedScheduling"}),
                Entry(5, 16 * MINUTE, "pod", "llm-6", {"state": "FailedScheduling"}),
                Entry(6, 16 * MINUTE, "pod", "gateway-3", {"state": "FailedScheduling"}),
                Entry(7, 17 * MINUTE, "pod", "llm-5", {"state": "Ready"}),
            ]
        ),
        4.0,
        CEILINGS,
    )

    assert found.decisions == (
        Decision(5 * MINUTE, 4, 5, 6),
        Decision(12 * MINUTE, 5, 6, 6),
        Decision(13 * MINUTE, 6, 6, 6),
    )
    assert found.scale_events == 1
    assert found.pods_unplaced == 1


def _decided(seq: int, minute: int, component: str, current: int, desired: int) -> Entry:
    detail: dict[str, Json] = {"component": component, "current": current, "desired": desired}
    return Entry(seq, minute * MINUTE, "decided", "hpa", detail)
