"""Breakers, ejection and hedging: who is spared, who is asked again, and what comes back."""

import pytest

from simulator.plant.api import Outcome, ReplicaKnob
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe as E
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import (
    Call,
    ClassSpec,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    Work,
    Workers,
)
from simulator.plant.spec_parts import Breaker, Outliers
from tests.plant.systems import MS, SECOND, Times, fixed, poisson

API_TO_DB = 1


def system(
    edge: EdgeSpec, *, replicas: int = 1, rate: float = 100.0, work: Work | None = None
) -> Plant:
    """Users, an api and a db behind the edge in question, for 120 s."""
    pools = (
        PoolSpec("api", Workers(10_000), 1, default_handler=(Call("db"),)),
        PoolSpec("db", Workers(10_000), replicas, default_handler=(work or fixed(5),)),
    )
    spec = PlantSpec(pools, (EdgeSpec("users", "api"), edge), (ClassSpec("c", "api"),))
    return Plant(spec, 1, {"c": poisson(rate, 120)})


def until(plant: Plant, seconds: float) -> None:
    plant.advance(int(seconds * SECOND), inclusive=True)
    plant.check_conservation()


def counted(plant: Plant, probe: E) -> int:
    return int(plant.edge_row(API_TO_DB)[probe])


BREAKER = Breaker(failures=0.5, window=50, calls_min=20, open_ns=10 * SECOND, probes=5)


def test_an_open_breaker_lets_nobody_through_and_probes_afterwards() -> None:
    plant = system(EdgeSpec("api", "db", breaker=BREAKER))
    until(plant, 20)
    plant.turn_replica(1, ReplicaKnob.ERROR_SHARE, 1.0)

    until(plant, 22)
    sent = counted(plant, E.CALLS)
    assert counted(plant, E.BREAKER) == 1
    until(plant, 29)
    assert counted(plant, E.CALLS) == sent
    assert counted(plant, E.NOT_PERMITTED) > 500

    until(plant, 32)
    assert counted(plant, E.CALLS) == sent + BREAKER.probes
    assert counted(plant, E.BREAKER) == 1

    plant.turn_replica(1, ReplicaKnob.ERROR_SHARE, 0.0)
    until(plant, 45)
    assert counted(plant, E.BREAKER) == 0
    refused = counted(plant, E.NOT_PERMITTED)
    until(plant, 60)
    assert counted(plant, E.NOT_PERMITTED) == refused


def test_a_few_failures_do_not_open_it() -> None:
    plant = system(EdgeSpec("api", "db", breaker=BREAKER))
    plant.turn_replica(1, ReplicaKnob.ERROR_SHARE, 0.2)

    until(plant, 60)

    assert counted(plant, E.NOT_PERMITTED) == 0
    assert counted(plant, E.FAILED) > 800


OUTLIERS = Outliers(
    consecutive=5, interval_ns=10 * SECOND, ejected_ns=30 * SECOND, ejected_max=0.5, panic_below=0.5
)


@pytest.mark.parametrize("balance", ["round_robin", "least_request", "random", "least_loaded"])
def test_a_replica_that_fails_is_left_out_and_let_back(balance: str) -> None:
    plant = system(EdgeSpec("api", "db", balance=balance, outliers=OUTLIERS), replicas=4)  # type: ignore[arg-type]  # a table
    until(plant, 20)
    plant.turn_replica(1, ReplicaKnob.ERROR_SHARE, 1.0)

    until(plant, 25)
    assert counted(plant, E.EJECTED) == 1
    assert [counted(plant, E.MEMBERS), counted(plant, E.HEALTHY)] == [4, 3]
    failed = counted(plant, E.FAILED)
    assert failed == OUTLIERS.consecutive
    plant.turn_replica(1, ReplicaKnob.ERROR_SHARE, 0.0)
    until(plant, 49)
    arrived = int(plant.replica_row(1)[ReplicaProbe.ARRIVED])
    until(plant, 110)

    assert counted(plant, E.FAILED) == failed
    assert counted(plant, E.EJECTED) == 0
    assert [counted(plant, E.MEMBERS), counted(plant, E.HEALTHY)] == [4, 4]
    assert int(plant.replica_row(1)[ReplicaProbe.ARRIVED]) - arrived > 1000


def test_whoever_fails_again_stays_out_longer() -> None:
    plant = system(EdgeSpec("api", "db", outliers=OUTLIERS), replicas=4)
    plant.turn_replica(1, ReplicaKnob.ERROR_SHARE, 1.0)

    until(plant, 119)

    # Out for 30 s, then for 60: struck at once, at some 40 s, and not before 100 s again.
    assert counted(plant, E.EJECTIONS) == 3


def test_no_more_than_a_share_are_ejected_but_one_always_is() -> None:
    few = Outliers(5, 10 * SECOND, 30 * SECOND, 0.1, 0.0)
    plant = system(EdgeSpec("api", "db", outliers=few), replicas=4)
    for replica in (1, 2, 3, 4):
        plant.turn_replica(replica, ReplicaKnob.ERROR_SHARE, 1.0)

    until(plant, 20)

    assert counted(plant, E.EJECTED) == 1


def test_in_a_panic_all_replicas_are_used() -> None:
    eager = Outliers(3, 10 * SECOND, 30 * SECOND, 1.0, 0.5)
    plant = system(EdgeSpec("api", "db", outliers=eager), replicas=4)
    for replica in (1, 2, 3):
        plant.turn_replica(replica, ReplicaKnob.ERROR_SHARE, 1.0)

    until(plant, 20)

    assert counted(plant, E.EJECTED) == 3
    assert counted(plant, E.PANICS) > 500
    assert counted(plant, E.FAILED) > 500


def slow_tail(edge: EdgeSpec) -> Plant:
    return system(edge, replicas=4, work=Work(Distribution("exponential", 100 * MS)))


def test_a_hedged_call_takes_the_first_good_answer() -> None:
    """Exponential work of 100 ms, asked again after 100 ms: E[T] = 100 (1 - 1/e) + 50 / e ms."""
    plant = slow_tail(EdgeSpec("api", "db", balance="random", hedge_after_ns=100 * MS))

    until(plant, 125)

    row = plant.class_row(0)
    mean_ms = row[14] / row[1] / MS
    expected = 100 * (1 - 0.36788) + 50 * 0.36788
    assert mean_ms == pytest.approx(expected, rel=0.03)
    assert counted(plant, E.HEDGED) / row[0] == pytest.approx(0.36788, rel=0.05)
    assert counted(plant, E.CANCELLED) == counted(plant, E.HEDGED)


def test_a_slow_replica_is_hedged_around() -> None:
    edge = EdgeSpec("api", "db", balance="round_robin", hedge_after_ns=50 * MS, timeout_ns=SECOND)
    plant = system(edge, replicas=2, rate=20.0, work=fixed(80))
    plant.turn_replica(1, ReplicaKnob.SLOWDOWN, 100.0)

    until(plant, 125)

    assert counted(plant, E.TIMED_OUT) == 0
    assert plant.outcomes()[:, 0, Outcome.GOOD].sum() == plant.requests()


def test_a_failing_attempt_does_not_end_the_one_beside_it() -> None:
    edge = EdgeSpec("api", "db", balance="round_robin", hedge_after_ns=20 * MS)
    plant = system(edge, replicas=2, rate=20.0, work=fixed(80))
    plant.turn_replica(1, ReplicaKnob.ERROR_SHARE, 1.0)

    until(plant, 125)

    # Who is asked first and fails at once has nobody beside it; others are hedged in vain.
    assert counted(plant, E.FAILED) > 0
    assert plant.outcomes()[:, 0, Outcome.GOOD].sum() == counted(plant, E.OK)
    assert counted(plant, E.CALLS) == plant.requests() + counted(plant, E.HEDGED)


def test_calls_hung_on_a_removed_pod_are_reset() -> None:
    plant = system(EdgeSpec("api", "db", delay_ns=MS), rate=50.0)
    until(plant, 10)
    plant.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    hung_before = plant.in_flight()

    plant.remove(1)
    until(plant, 125)

    assert hung_before >= 0
    assert plant.in_flight() == 0


def test_calls_on_the_wire_when_a_host_vanished_end_when_its_pod_is_deleted() -> None:
    times = Times([SECOND])
    pools = (
        PoolSpec("api", Workers(10), 1, default_handler=(Call("db"),)),
        PoolSpec("db", Workers(10), 1, default_handler=(fixed(5),)),
    )
    edges = (EdgeSpec("users", "api"), EdgeSpec("api", "db", delay_ns=100 * MS))
    plant = Plant(PlantSpec(pools, edges, (ClassSpec("c", "api"),)), 1, {"c": times})
    plant.advance(SECOND + 50 * MS, inclusive=True)
    plant.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    plant.advance(20 * SECOND, inclusive=True)
    assert plant.in_flight() == 1

    plant.remove(1)
    plant.advance(30 * SECOND, inclusive=True)

    assert plant.in_flight() == 0
    plant.check_conservation()
