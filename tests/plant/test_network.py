"""The network: zones, loss as delay, and ways that are closed in one direction or both."""

import math

import pytest

from simulator.plant.api import EdgeKnob, Impairment, Outcome
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, EdgeProbe, ReplicaProbe
from simulator.plant.spec import Cache, Call, ClassSpec, EdgeSpec, PlantSpec, PoolSpec, Workers
from simulator.plant.spec_parts import NetworkSpec
from tests.plant.systems import MS, SECOND, Times, fixed, plant, poisson, pool, run_until

NONE = ((0.0,) * 3,) * 3
DELAYS = ((0, 0, 0), (0, 1 * MS, 40 * MS), (0, 30 * MS, 1 * MS))
"""Between zones 1 and 2 it takes 40 ms there and 30 ms back."""


def _two_zones(
    source: Times, *, users: int = -1, zones: tuple[int, ...] = (2,), **options: object
) -> Plant:
    """A caller in zone 1, which takes 5 ms, and its callee, which takes 10 ms."""
    pools = (
        PoolSpec("a", Workers(1000), 1, default_handler=(fixed(5), Call("b")), zones=(1,)),
        PoolSpec("b", Workers(1000), len(zones), default_handler=(fixed(10),), zones=zones),
    )
    edges = (EdgeSpec("users", "a"), EdgeSpec("a", "b", **options))  # type: ignore[arg-type]  # a table
    classes = (ClassSpec("chat", "a", zone=users),)
    network = NetworkSpec(DELAYS, NONE)
    return Plant(PlantSpec(pools, edges, classes, network=network), 1, {"chat": source})


def _edge(system: Plant, probe: EdgeProbe, edge: int = 1) -> int:
    return int(system.edge_row(edge)[probe])


def _mean_ms(system: Plant) -> float:
    row = system.class_row(0)
    return float(row[ClassProbe.E2E_NS] / row[ClassProbe.ANSWERED_2XX] / MS)


@pytest.mark.parametrize(
    ("users", "zones", "ms"),
    [
        pytest.param(-1, (2,), 5 + 10 + 40 + 30, id="from zone to zone"),
        pytest.param(-1, (1,), 5 + 10 + 1 + 1, id="inside one"),
        pytest.param(2, (1,), 5 + 10 + 1 + 1 + 30 + 40, id="users stand somewhere too"),
        pytest.param(-1, (0,), 5 + 10, id="a replica of no zone"),
    ],
)
def test_a_call_takes_what_its_ends_are_apart(users: int, zones: tuple[int, ...], ms: int) -> None:
    system = _two_zones(Times([0]), users=users, zones=zones)

    run_until(system, 1)

    assert _mean_ms(system) == ms


def test_the_edges_own_delay_comes_on_top() -> None:
    system = _two_zones(Times([0]), delay_ns=3 * MS)

    run_until(system, 1)

    assert _mean_ms(system) == 85 + 6


def test_jitter_is_drawn_from_nothing_to_its_length() -> None:
    system = _two_zones(poisson(100, 20), jitter_ns=20 * MS)

    run_until(system, 25)

    # Two messages, each up to 20 ms longer: 1 % of error is four standard errors.
    assert _mean_ms(system) - 85 == pytest.approx(20, rel=0.02)


def _lossy(loss: float, *, size: int = 100, seconds: float = 40, rate: float = 100) -> Plant:
    edge = EdgeSpec(
        "users", "a", delay_ns=10 * MS, loss=loss, request_bytes=size, answer_bytes=size
    )
    return plant([pool("a", 100_000, fixed(0))], poisson(rate, seconds), edges=[edge])


@pytest.mark.parametrize("loss", [0.01, 0.05, 0.1])
def test_a_lost_packet_costs_its_timeout_doubled_each_time(loss: float) -> None:
    """RTO p / (1 - 2 p) for each of two messages, with an RTO of 200 ms and the round trip."""
    system = _lossy(loss)

    run_until(system, 120)

    rto = 220.0
    expected = rto * loss / (1 - 2 * loss)
    squared = sum(loss**k * (1 - loss) * (rto * (2**k - 1)) ** 2 for k in range(1, 9))
    calls = _edge(system, EdgeProbe.OK, 0)
    error = math.sqrt(2 * (squared - expected**2) / calls)
    assert _mean_ms(system) - 20 == pytest.approx(2 * expected, abs=3 * error)
    sent_again = _edge(system, EdgeProbe.RETRANSMITTED, 0) / calls
    assert sent_again == pytest.approx(2 * loss / (1 - loss), rel=0.2)


def test_large_messages_flow_as_mathis_says() -> None:
    """Two messages of 1000 packets at 1 % of loss: MSS / RTT x 1.22 / sqrt(p), and lost tails."""
    system = _lossy(0.01, size=1000 * 1460, seconds=200, rate=2)

    run_until(system, 300)

    flow = 990 * 20 * math.sqrt(0.01) / math.sqrt(1.5)
    first_window = 20 * (1 - 0.99**7)
    tail = (1 - 0.99**3) * 220 / (1 - 0.02)
    assert _mean_ms(system) == pytest.approx(20 + 2 * (flow + first_window + tail), rel=0.02)


def test_a_connection_that_loses_too_much_is_reset() -> None:
    system = _lossy(0.9, seconds=5)

    run_until(system, 200)

    # A request gets through unless it is lost nine times; so does its answer.
    through = (1 - 0.9**9) ** 2
    assert _edge(system, EdgeProbe.OK, 0) / system.requests() == pytest.approx(through, abs=0.07)
    lost = _edge(system, EdgeProbe.FAILED, 0)
    assert lost == system.requests() - _edge(system, EdgeProbe.OK, 0)
    assert system.in_flight() == 0


def test_loss_can_be_turned_on_and_off() -> None:
    system = _lossy(0.0, seconds=30)
    run_until(system, 10)
    system.turn_edge(0, EdgeKnob.LOSS, 0.2)
    before = _edge(system, EdgeProbe.RETRANSMITTED, 0)
    run_until(system, 20)
    during = _edge(system, EdgeProbe.RETRANSMITTED, 0)
    system.turn_edge(0, EdgeKnob.LOSS, 0.0)

    run_until(system, 60)

    assert before == 0
    assert during > 300
    assert _edge(system, EdgeProbe.RETRANSMITTED, 0) == during


def test_between_zones_that_are_parted_nobody_connects() -> None:
    system = _two_zones(poisson(100, 30), zones=(1, 2), connect_timeout_ns=SECOND)
    run_until(system, 10)
    there = system.impair(Impairment(from_zone=1, to_zone=2, blocked=1.0))
    run_until(system, 20.5)
    arrived = int(system.replica_row(2)[ReplicaProbe.ARRIVED])
    failed = _edge(system, EdgeProbe.CONNECT_FAILED)
    system.repair(there)

    run_until(system, 40)

    assert arrived == pytest.approx(500, rel=0.2)
    assert failed == pytest.approx(475, rel=0.2)
    assert int(system.replica_row(2)[ReplicaProbe.ARRIVED]) - arrived > 400
    assert _edge(system, EdgeProbe.CONNECT_FAILED) < failed + 60
    assert system.in_flight() == 0


def test_one_way_the_work_is_done_and_nobody_hears_of_it() -> None:
    system = _two_zones(poisson(100, 20), timeout_ns=500 * MS)
    system.impair(Impairment(edge=1, requests=False, blocked=1.0))

    run_until(system, 25)

    assert int(system.replica_row(1)[ReplicaProbe.COMPLETED]) == system.requests()
    assert _edge(system, EdgeProbe.TIMED_OUT) == system.requests()
    assert _edge(system, EdgeProbe.OK) == 0


@pytest.mark.parametrize(
    ("heals_at", "outcome", "ms"),
    [
        # Sent again after .2, .6, 1.4, 3 s and so on: the first that finds the way open arrives.
        pytest.param(1.0, Outcome.GOOD, 85 + 1400, id="an answer arrives when it is sent again"),
        pytest.param(90.0, Outcome.FAILED, 0, id="or is given up"),
    ],
)
def test_an_answer_is_sent_until_it_gets_through(heals_at: float, outcome: int, ms: float) -> None:
    system = _two_zones(Times([0]))
    wall = system.impair(Impairment(edge=1, requests=False, blocked=1.0))
    run_until(system, heals_at)
    system.repair(wall)

    run_until(system, 120)

    assert system.outcomes().sum(axis=(0, 1))[outcome] == 1
    assert int(system.class_row(0)[ClassProbe.E2E_NS]) == ms * MS
    assert int(system.replica_row(1)[ReplicaProbe.COMPLETED]) == 1


def test_a_gray_network_loses_some_connections_and_keeps_others() -> None:
    system = _two_zones(poisson(200, 20), zones=(2,) * 8)
    system.impair(Impairment(edge=1, blocked=0.3))

    run_until(system, 25)

    failed = _edge(system, EdgeProbe.CONNECT_FAILED) / system.requests()
    assert failed == pytest.approx(0.3, abs=0.15)  # of 64 connections
    arrived = [int(system.replica_row(r)[ReplicaProbe.ARRIVED]) for r in range(1, 9)]
    assert max(arrived) > min(arrived) * 1.2  # a replica has eight connections, whole or dead


def test_one_of_several_replicas_is_cut_off() -> None:
    system = _two_zones(poisson(100, 20), zones=(2,) * 4, retries_max=1)
    system.impair(Impairment(callee=2, blocked=1.0))

    run_until(system, 25)

    assert int(system.replica_row(2)[ReplicaProbe.ARRIVED]) == 0
    assert _edge(system, EdgeProbe.CONNECT_FAILED) == pytest.approx(500 * 5 / 4, rel=0.1)
    assert system.outcomes().sum(axis=(0, 1))[Outcome.GOOD] > 0.9 * system.requests()


def test_a_lost_miss_does_not_leave_those_waiting_who_wait_for_its_fill() -> None:
    cache = Workers(100, content=Cache(10, single_flight=True))
    pools = [
        pool("a", 1000, Call("c", on_miss=(Call("b"),))),
        PoolSpec("c", cache, 1, default_handler=(fixed(1),)),
        pool("b", 1000, fixed(10)),
    ]
    edges = [EdgeSpec("a", "c", delay_ns=MS), EdgeSpec("a", "b")]
    system = plant(pools, poisson(100, 5), edges=edges, keys=3, key_zipf=0.0)
    system.flush_cache(1)
    wall = system.impair(Impairment(edge=1, requests=False, blocked=1.0))
    run_until(system, 1)
    system.kill(0)  # nobody is left who would ask for the fill
    system.revive(0)
    system.set_ready(0, ready=True)
    system.repair(wall)

    run_until(system, 200)

    assert system.in_flight() == 0
