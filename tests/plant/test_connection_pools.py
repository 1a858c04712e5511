"""Connection pools: who gets a connection, who waits, who is told that it took too long."""

import heapq
from collections import deque

import pytest

from simulator.plant import arithmetic, chance
from simulator.plant.api import EdgeKnob, Outcome, ReplicaKnob
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe as E
from simulator.plant.spec import Call, EdgeSpec, Work
from simulator.plant.spec_parts import ConnectionPool
from tests.plant.systems import (
    MS,
    SECOND,
    Times,
    exponential,
    fixed,
    outcomes,
    plant,
    poisson,
    pool,
)

EDGE = 1


def system(
    source: Times, pool_of: ConnectionPool, *, callers: int = 1, work: Work | None = None,
    capacity: int = 4096, **of_edge: object,
) -> Plant:  # fmt: skip
    """Users, api replicas and a db of any number of workers behind their pools."""
    pools = [
        pool("api", 10_000, Call("db"), replicas=callers),
        pool("db", 10_000, work or fixed(10)),
    ]
    edge = EdgeSpec("api", "db", pool=pool_of, **of_edge)  # type: ignore[arg-type]  # as given
    return plant(pools, source, edges=[edge], capacity=capacity)


def until(plant: Plant, seconds: float) -> None:
    plant.advance(int(seconds * SECOND), inclusive=True)
    plant.check_conservation()


def shown(plant: Plant) -> list[int]:
    """Busy, idle, pending and timeouts of the edge to the db."""
    row = plant.edge_row(EDGE)
    return [int(row[x]) for x in (E.POOL_BUSY, E.POOL_IDLE, E.POOL_PENDING, E.POOL_TIMEOUTS)]


def test_calls_wait_first_come_first_served_and_connections_stay_open() -> None:
    plant = system(Times([1, 2, 3, 4, 5]), ConnectionPool(2))

    until(plant, 0.005)
    waiting = shown(plant)
    until(plant, 0.025)
    later = shown(plant)
    until(plant, 1.0)

    assert waiting == [2, 0, 3, 0]
    assert later == [1, 1, 0, 0]
    assert shown(plant) == [0, 2, 0, 0]
    assert outcomes(plant)[Outcome.GOOD] == 5
    # Two wait for one call before them, the last for two: 40 ms less what they came later.
    assert plant.edge_row(EDGE)[E.POOL_WAIT_NS] == 40 * MS - 8


def test_whoever_waits_too_long_fails_and_was_never_sent() -> None:
    plant = system(Times([1, 2, 3]), ConnectionPool(1, 5 * MS))

    until(plant, 1.0)

    assert shown(plant) == [0, 1, 0, 2]
    assert plant.edge_row(EDGE)[E.CALLS] == 1
    assert [outcomes(plant)[x] for x in (Outcome.GOOD, Outcome.FAILED)] == [1, 2]


def test_each_caller_has_a_pool_of_its_own() -> None:
    plant = system(Times([1, 2, 3, 4]), ConnectionPool(1), callers=4)

    until(plant, 0.005)

    assert shown(plant) == [4, 0, 0, 0]


def _by_hand(times: list[int], lasts: int, most: int, timeout: int) -> tuple[list[int], int]:
    """When each call is answered in one pool of `most`, -1 where it waited too long; the waits."""
    ends: list[int] = []
    line: deque[int] = deque()
    answered, waited = [-1] * len(times), 0
    ahead = [(at, 1, number) for number, at in enumerate(times)]
    heapq.heapify(ahead)
    while ahead:
        now, kind, number = heapq.heappop(ahead)
        if kind == 0:
            ends.remove(number)
            answered[number] = now
        elif kind == 1:
            line.append(number)
        while line and len(ends) < most:
            first = line.popleft()
            if now - times[first] >= timeout:
                waited += timeout
                continue
            waited += now - times[first]
            ends.append(first)
            heapq.heappush(ahead, (now + lasts, 0, first))
    return answered, waited


@pytest.mark.parametrize("seed", range(6))
def test_random_tapes_as_worked_out_by_hand(seed: int) -> None:
    key = chance.mix(seed, 5)
    count, most, timeout = 60, 1 + seed % 3, (20 + 10 * seed) * MS
    times: list[int] = []
    now = 0
    for number in range(count):
        now += 1 + int(-arithmetic.log(chance.uniform(chance.mix(key, number))) * 4 * MS)
        times.append(now)
    plant = system(Times(times), ConnectionPool(most, timeout), work=fixed(9), capacity=16)
    answered, waited = _by_hand(times, 9 * MS, most, timeout)

    until(plant, 60.0)

    good = [at for at in answered if at >= 0]
    assert shown(plant)[3] == count - len(good)
    assert outcomes(plant)[Outcome.GOOD] == len(good)
    assert int(plant.edge_row(EDGE)[E.POOL_WAIT_NS]) == waited


def test_more_connections_let_those_in_line_go_and_fewer_close_what_is_idle() -> None:
    plant = system(Times([1, 2, 3, 4]), ConnectionPool(1))
    until(plant, 0.005)

    plant.turn_edge(EDGE, EdgeKnob.POOL_MAX, 3)
    widened = shown(plant)
    until(plant, 0.5)
    plant.turn_edge(EDGE, EdgeKnob.POOL_MAX, 1)

    assert widened == [3, 0, 1, 0]
    assert shown(plant) == [0, 1, 0, 0]
    plant.check_conservation()


@pytest.mark.parametrize("cancels", ["cancel", "leave"])
def test_a_connection_that_was_cut_off_is_of_no_use(cancels: str) -> None:
    plant = system(Times([1, 2]), ConnectionPool(2), timeout_ns=5 * MS, on_timeout=cancels)

    until(plant, 1.0)

    assert shown(plant) == [0, 0, 0, 0]
    assert outcomes(plant)[Outcome.FAILED] == 2


def test_when_a_server_dies_its_connections_do_and_those_in_line_find_it_gone() -> None:
    plant = system(Times([1, 2, 3, 4]), ConnectionPool(2))
    until(plant, 0.005)

    plant.kill(1)
    until(plant, 1.0)

    assert shown(plant) == [0, 0, 0, 0]
    assert outcomes(plant)[Outcome.FAILED] == 4


def test_when_a_caller_dies_it_leaves_nothing_behind() -> None:
    plant = system(Times([1, 2, 3, 4, 10, 11]), ConnectionPool(1), callers=2)
    until(plant, 0.015)
    before = shown(plant)

    plant.kill(0)

    assert before == [2, 0, 2, 0]
    assert shown(plant) == [1, 0, 1, 0]
    plant.check_conservation()
    until(plant, 1.0)
    assert shown(plant) == [0, 1, 0, 0]


def behind_web(pool_of: ConnectionPool, *, work: float, **of_edge: object) -> Plant:
    """Users, web, api a millisecond from it, and a db behind the api's pool, 5 ms on."""
    pools = [
        pool("web", 10_000, Call("api")),
        pool("api", 10_000, Call("db")),
        pool("db", 10_000, fixed(work)),
    ]
    edges = [
        EdgeSpec("web", "api", delay_ns=MS),
        EdgeSpec("api", "db", pool=pool_of, **of_edge),  # type: ignore[arg-type]  # as given
    ]
    plant_ = plant(pools, Times([1, 2, 3, 4, 5]), edges=edges)
    until(plant_, 0.005)
    return plant_


def test_who_waits_in_a_process_that_dies_is_given_no_connection() -> None:
    plant = behind_web(ConnectionPool(1), work=10)

    plant.kill(1)
    plant.check_conservation()
    until(plant, 1.0)

    assert plant.edge_row(2)[E.CALLS] == 1
    assert outcomes(plant)[Outcome.FAILED] == 5


def test_a_timeout_that_passed_while_all_stood_still_frees_a_connection_for_the_next() -> None:
    plant = behind_web(ConnectionPool(1, 30 * MS), work=500, timeout_ns=20 * MS)
    plant.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    until(plant, 0.1)

    plant.turn_replica(1, ReplicaKnob.REACHABLE, 1.0)
    plant.check_conservation()
    until(plant, 1.0)

    # The second is sent, its own time in line over or not; the others had waited too long.
    assert plant.edge_row(2)[E.CALLS] == 2
    assert outcomes(plant)[Outcome.FAILED] == 5


def test_a_small_pool_carries_less_than_the_server_behind_it_could() -> None:
    """20 connections of 50 ms are 400 calls a second, whatever the server has to spare."""
    plant = system(poisson(600, 20), ConnectionPool(20, 500 * MS), work=exponential(50.0))

    until(plant, 20.0)

    answered = int(plant.edge_row(EDGE)[E.OK])
    assert answered == pytest.approx(400 * 20, rel=0.05)
    assert shown(plant)[3] > 3000
    assert plant.replica_row(1)[20] == 0  # nothing queues at the server


def test_a_hedge_goes_without_a_connection_of_its_own() -> None:
    plant = system(
        Times([1, 2]), ConnectionPool(2), work=fixed(30), hedge_after_ns=5 * MS, hedges_max=1
    )
    plant.turn_replica(1, ReplicaKnob.SLOWDOWN, 2.0)

    until(plant, 0.02)
    both = shown(plant)
    until(plant, 1.0)

    assert both == [2, 0, 0, 0]
    assert outcomes(plant)[Outcome.GOOD] == 2
    assert plant.edge_row(EDGE)[E.HEDGED] == 0
