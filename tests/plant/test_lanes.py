"""Lanes: where timers wait says nothing of when they ring."""

import pytest

from simulator.plant import layout as at
from simulator.plant.api import ReplicaKnob
from simulator.plant.plant import Plant
from simulator.plant.spec import Call, EdgeSpec, Parallel
from tests.plant.systems import MS, SECOND, exponential, fixed, plant, poisson, pool


def flown(*, in_lanes: bool, capacity: int) -> list[bytes]:
    """Work of constant length, slowed down for a time, cut short by deadlines and by a death."""
    work = (fixed(3), Parallel(((Call("db"),), (fixed(2),))), exponential(1))
    system: Plant = plant(
        [pool("api", 6, *work, replicas=2), pool("db", 2, fixed(8))],
        poisson(150, 4),
        edges=[EdgeSpec("api", "db", timeout_ns=40 * MS, deadline="propagate")],
        capacity=capacity,
    )
    programs = system._s.prog  # noqa: SLF001  where work waits is the plant's own business
    constant = (programs[:, at.OP] == at.DO_WORK) & (programs[:, at.LANE] >= 0)
    assert constant.sum() == 3
    if not in_lanes:
        programs[constant, at.LANE] = -1
    for tenth, (replica, slowdown) in enumerate([(0, 3.0), (2, 2.0), (0, 1.0), (2, 1.0)], 1):
        system.advance(tenth * SECOND // 2, inclusive=True)
        system.turn_replica(replica, ReplicaKnob.SLOWDOWN, slowdown)
    system.kill(1)
    system.advance(10 * SECOND, inclusive=True)
    system.check_conservation()
    rows = [system.replica_row(number).tobytes() for number in range(3)]
    return [*rows, system.ttft_bins().tobytes(), system.outcomes().tobytes()]


@pytest.mark.parametrize("capacity", [16, 4096])
def test_work_ends_when_it_would_in_the_heap(capacity: int) -> None:
    assert flown(in_lanes=True, capacity=capacity) == flown(in_lanes=False, capacity=4096)
