"""Deadlines travel with calls: nothing is begun that nobody can use any more."""

from typing import Literal

import pytest

from simulator.plant.api import ReplicaKnob
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe, ReplicaProbe
from simulator.plant.spec import Call, EdgeSpec
from tests.plant.systems import MS, SECOND, Times, fixed, plant, pool, run_until

Deadline = Literal["none", "check", "propagate"]


def _edge(
    caller: str, callee: str, *, deadline: Deadline = "propagate", **options: int
) -> EdgeSpec:
    return EdgeSpec(caller, callee, on_timeout="leave", deadline=deadline, **options)  # type: ignore[arg-type]  # a table


def _busy_ms(system: Plant, replica: int) -> float:
    # Calls come a nanosecond apart.
    return round(float(system.replica_row(replica)[ReplicaProbe.BUSY_NS] / MS), 4)


@pytest.mark.parametrize(
    ("deadline", "order", "busy_ms", "expired"),
    [
        pytest.param("none", "fifo", 500, 0, id="work nobody waits for is done to the end"),
        pytest.param("check", "fifo", 300, 3, id="unless the callee knows: what waits is dropped"),
        pytest.param("check", "lifo", 300, 3, id="wherever in the queue it stands"),
        pytest.param("propagate", "fifo", 250, 3, id="and what has begun is stopped"),
    ],
)
def test_expired_work_is_not_begun(
    deadline: Deadline, order: str, busy_ms: float, expired: int
) -> None:
    """Five calls at once for one server that takes 100 ms, given up after 250 ms."""
    edge = _edge("users", "a", deadline=deadline, timeout_ns=250 * MS)
    system = plant([pool("a", 1, fixed(100), order=order)], Times(range(5)), edges=[edge])

    run_until(system, 2)

    assert _busy_ms(system, 0) == busy_ms
    assert int(system.edge_row(0)[EdgeProbe.EXPIRED]) == expired
    assert int(system.edge_row(0)[EdgeProbe.TIMED_OUT]) == 3
    assert int(system.replica_row(0)[ReplicaProbe.QUEUED]) == 0


def _chain(first: EdgeSpec, second: EdgeSpec, **of_class: int) -> Plant:
    pools = [pool("a", 10, Call("b"), fixed(10)), pool("b", 1, fixed(200))]
    return plant(pools, Times(range(5)), edges=[first, second], **of_class)


def test_a_callee_hands_on_what_is_left_of_its_own_time() -> None:
    first = _edge("users", "a", timeout_ns=300 * MS)
    system = _chain(first, _edge("a", "b", timeout_ns=10 * SECOND))

    run_until(system, 5)

    # The first is done at 200 ms, the second begun then; everybody's time is over at 300 ms.
    assert _busy_ms(system, 1) == 300
    assert int(system.edge_row(1)[EdgeProbe.EXPIRED]) == 4
    assert int(system.edge_row(1)[EdgeProbe.TIMED_OUT]) == 0
    assert int(system.edge_row(1)[EdgeProbe.CANCELLED]) == 4
    assert int(system.edge_row(0)[EdgeProbe.EXPIRED]) == 4


def test_the_patience_of_users_is_a_deadline() -> None:
    system = _chain(_edge("users", "a"), _edge("a", "b"), patience_ns=300 * MS)

    run_until(system, 5)

    assert _busy_ms(system, 1) == 300
    assert int(system.edge_row(1)[EdgeProbe.EXPIRED]) == 4


def test_nobody_retries_past_the_deadline() -> None:
    first = _edge("users", "a", timeout_ns=300 * MS)
    patient = EdgeSpec("a", "b", timeout_ns=50 * MS, retries_max=9, backoff_ns=MS)
    known = _chain(first, patient)
    unknown = _chain(EdgeSpec("users", "a", timeout_ns=300 * MS, on_timeout="leave"), patient)

    run_until(known, 10)
    run_until(unknown, 10)

    assert int(known.edge_row(1)[EdgeProbe.CALLS]) < int(unknown.edge_row(1)[EdgeProbe.CALLS]) / 1.5


def test_a_call_that_arrives_too_late_is_refused() -> None:
    edge = _edge("users", "a", delay_ns=20 * MS, timeout_ns=15 * MS)
    system = plant([pool("a", 1, fixed(100))], Times([0]), edges=[edge])

    run_until(system, 1)

    assert _busy_ms(system, 0) == 0
    assert int(system.edge_row(0)[EdgeProbe.EXPIRED]) == 1
    assert int(system.replica_row(0)[ReplicaProbe.FAILED]) == 1


def test_work_slowed_down_still_stops_at_its_deadline() -> None:
    edge = _edge("users", "a", timeout_ns=250 * MS)
    system = plant([pool("a", 1, fixed(200))], Times([0]), edges=[edge])
    system.advance(100 * MS, inclusive=True)
    system.turn_replica(0, ReplicaKnob.SLOWDOWN, 10.0)

    run_until(system, 2)

    assert _busy_ms(system, 0) == 250
    assert int(system.edge_row(0)[EdgeProbe.EXPIRED]) == 1


def test_a_server_that_is_freed_as_time_runs_out_goes_to_who_can_still_use_it() -> None:
    """At 100 ms the server is free and the second call's time is over; the third's is not."""
    edge = _edge("users", "a", deadline="check", timeout_ns=100 * MS)
    system = plant([pool("a", 1, fixed(100))], Times([0, 0, 50 * MS]), edges=[edge])

    run_until(system, 1)

    assert _busy_ms(system, 0) == 200
    assert int(system.edge_row(0)[EdgeProbe.EXPIRED]) == 3
