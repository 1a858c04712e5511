"""Providers outside: money, room, hours, cuts and what their callers see follow their shares."""

import numpy as np
import pytest

from simulator.plant.api import Outcome, PoolKnob, ScrapeKind
from simulator.plant.arrivals import MINUTE
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe, ProviderProbe, ReplicaProbe
from simulator.plant.spec import (
    Call,
    ClassSpec,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
)
from tests.plant.outside import bought, outside, seen
from tests.plant.systems import MS, SECOND, Times, fixed, outcomes, plant, pool, run_until

HOUR = 60 * MINUTE


def test_a_spent_budget_refuses_for_good() -> None:
    terms = {"price_input": 2.0, "price_output": 10.0, "budget": 0.01}
    system = bought(outside(**terms), Times([i * SECOND for i in range(60)]), output=50)

    run_until(system, 60)
    first = seen(system)
    system.turn_pool(0, PoolKnob.BUDGET, 1.0)

    # 100 x 2 + 50 x 10 millionths are 700,000 nano: the fifteenth call goes above the ten million.
    # The sixteenth is refused, for the fifteenth has ended by then.
    assert (first["OK"], first["RATE_LIMITED"]) == (15, 45)
    assert (first["SPENT_NANO"], first["BUDGET_LEFT_NANO"]) == (15 * 700_000, 0)


def test_a_raised_budget_lets_calls_in_again() -> None:
    terms = {"price_input": 2.0, "price_output": 10.0, "budget": 0.0001}
    system = bought(outside(**terms), Times([i * SECOND for i in range(60)]), output=50)
    system.advance(30 * SECOND, inclusive=False)

    system.turn_pool(0, PoolKnob.BUDGET, 1.0)
    run_until(system, 61)

    assert seen(system)["OK"] == 1 + 30


def test_what_nobody_waits_for_any_more_is_paid_as_far_as_it_was_written() -> None:
    edge = EdgeSpec("users", "p", timeout_ns=700 * MS)
    terms = {"price_input": 0.0, "price_output": 1e3}
    system = plant(
        [outside(200, rate=100.0, **terms)], Times([0]), edges=[edge],
        output_tokens=Distribution("fixed", 200),
    )  # fmt: skip

    run_until(system, 5)

    row = seen(system)
    assert (row["OK"], row["TIMED_OUT"], row["OUTPUT_TOKENS"]) == (0, 1, 0)
    assert row["SPENT_NANO"] == 50 * 1_000_000


@pytest.mark.parametrize("others", [0.5, 1.25, 4.0])
def test_where_all_want_more_than_there_is_each_is_refused_alike(others: float) -> None:
    count = 4000
    system = bought(
        outside(10, rate=1e6, streams_max=1_000_000, others=others),
        Times([i * 5 * MS for i in range(count)]),
    )

    run_until(system, 30)

    share = max(0.0, 1.0 - 1.0 / others)
    row = seen(system)
    error = 4 * (share * (1 - share) / count) ** 0.5
    assert row["OVERLOADED"] / count == pytest.approx(share, abs=error + 1e-3)
    assert int(system.replica_row(0)[ReplicaProbe.REJECTED]) == row["OVERLOADED"]


def test_our_own_streams_fill_the_room_too() -> None:
    system = bought(
        outside(0, rate=100.0, streams_max=10, others=0.4), Times([0] * 6 + [1]), output=100
    )

    run_until(system, 5)

    # Six of ten streams are ours: a seventh makes it 11 of 10, so it is let in or not.
    row = seen(system)
    assert row["OK"] + row["OVERLOADED"] == 7
    assert row["OK"] >= 6


def test_what_others_want_swings_as_a_normal_value_does() -> None:
    """One standard deviation of room above the mean is missing for 16 % of the time."""
    system = bought(
        outside(1, rate=1e6, streams_max=1_000_000, others=0.9, swing=1 / 9, swing_ns=2 * SECOND),
        Times([i * SECOND for i in range(6000)]),
        seed=3,
    )
    refused = []
    for second in range(0, 6000, 60):
        run_until(system, second + 60)
        refused.append(seen(system)["OVERLOADED"])

    # E[(1 - 1/x) for x > 1], x normal around 0.9 with a tenth: 0.0072 by numerical integration.
    assert refused[-1] / 6000 == pytest.approx(0.0072, abs=0.003)


def test_turning_what_others_want_ends_and_begins_an_overload() -> None:
    system = bought(
        outside(1, rate=1e6, streams_max=1000, others=0.5), Times([i * MS for i in range(3000)])
    )
    counts = []
    for second, others in enumerate((100.0, 0.5, 0.5)):
        system.turn_pool(0, PoolKnob.OTHERS, others if second else 0.5)
        if second == 1:
            system.turn_pool(0, PoolKnob.OTHERS, 100.0)
        run_until(system, second + 1)
        counts.append(seen(system)["OVERLOADED"])

    assert counts[0] == 0
    assert counts[1] == pytest.approx(990, abs=10)
    assert counts[2] == counts[1]


def test_times_go_with_the_hour_of_the_day() -> None:
    factors = tuple(2.0 if hour == 10 else 1.0 for hour in range(24))
    spec = PlantSpec(
        (outside(100, rate=100.0, slower_at=factors),),
        (EdgeSpec("users", "p"),),
        (ClassSpec("chat", "p", output_tokens=Distribution("fixed", 10)),),
        day_ns=9 * HOUR,
    )
    ttfts = []
    for minutes in (0, 30, 60, 75, 120, 15 * 60, 24 * 60 + 45):
        system = Plant(spec, 1, {"chat": Times([minutes * MINUTE])})
        run_until(system, minutes * 60 + 5)
        row = seen(system)
        ttfts.append(row["TTFT_NS"] / MS)
        assert row["LATENCY_NS"] == 2 * row["TTFT_NS"]

    assert ttfts == [100, 150, 200, 175, 100, 100, 175]


def test_it_is_slower_the_fuller_it_is() -> None:
    latencies = []
    for others in (0.0, 0.5, 1.0, 3.0):
        provider = outside(100, rate=1e9, streams_max=10**9, others=others, slower_when_full=3.0)
        system = bought(provider, Times([i * SECOND for i in range(20)]))
        run_until(system, 30)
        row = seen(system)
        latencies.append(round(row["TTFT_NS"] / row["OK"] / MS))

    assert latencies == [100, 200, 300, 300]


def test_answers_cut_midway_count_as_answers_and_are_wrong() -> None:
    count = 3000
    pools = [pool("a", 99, Call("p")), outside(1, rate=1000.0, cut_share=0.2)]
    system = plant(
        pools, Times([i * 10 * MS for i in range(count)]),
        output_tokens=Distribution("fixed", 100),
    )  # fmt: skip

    run_until(system, 40)

    edge = system.edge_row(1)
    assert int(edge[EdgeProbe.OK]) == count
    wrong = outcomes(system)[Outcome.WRONG] / count
    assert wrong == pytest.approx(0.2, abs=4 * (0.16 / count) ** 0.5)
    row = system.provider_row(1)
    # Half of a cut answer comes, on average.
    assert int(row[ProviderProbe.OUTPUT_TOKENS]) / count == pytest.approx(90, abs=1.5)


def test_a_silently_changed_model_is_wrong_as_fast_as_before() -> None:
    system = bought(outside(1), Times([i * MS for i in range(2000)]))
    system.advance(1 * SECOND, inclusive=False)

    system.turn_pool(0, PoolKnob.QUALITY, 0.0)
    run_until(system, 5)

    assert outcomes(system)[Outcome.WRONG] == 1000
    assert seen(system)["OK"] == 2000


def test_a_fallback_takes_what_the_first_provider_refuses() -> None:
    second = PoolSpec("q", outside(50).discipline, 1)
    pools = [
        pool("a", 99, Call("p", on_failure=(Call("q"),)), fixed(1)),
        outside(100, requests_per_minute=5),
        second,
    ]
    system = plant(pools, Times([i * MS for i in range(20)]))

    run_until(system, 5)

    assert outcomes(system)[Outcome.GOOD] == 20
    assert int(system.provider_row(1)[ProviderProbe.RATE_LIMITED]) == 15
    assert int(system.provider_row(2)[ProviderProbe.OK]) == 15


def test_a_scrape_copies_what_its_client_counted() -> None:
    system = bought(outside(100, requests_per_minute=3), Times([i * SECOND for i in range(4)]))
    system.scrape_every(ScrapeKind.PROVIDER, 0, SECOND, 1500 * MS)

    run_until(system, 4)

    scrapes = system.drain_scrapes()
    left = [int(scrape.values[ProviderProbe.REQUESTS_LEFT]) for scrape in scrapes]
    assert [int(scrape.values[ProviderProbe.OK]) for scrape in scrapes] == [1, 2, 3]
    assert [int(scrape.values[ProviderProbe.RATE_LIMITED]) for scrape in scrapes] == [0, 0, 1]
    assert left == [1, 0, 0]
    latency, ttft = np.split(scrapes[-1].histograms, 2)
    assert (latency.sum(), ttft.sum()) == (3, 3)
