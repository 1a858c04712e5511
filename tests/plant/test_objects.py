"""Object stores: how long an object takes beside others, and who must slow down."""

import pytest

from simulator.plant.api import Outcome, PoolKnob, ReplicaKnob
from simulator.plant.contents import Objects
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe as R
from simulator.plant.spec import Call, Distribution, EdgeSpec, PoolSpec, Workers
from tests.plant.systems import MS, SECOND, Times, outcomes, plant, poisson, pool

STORE = 1
MB = 1_000_000


def system(
    source: Times, content: Objects, *, keys: int = 0, capacity: int = 4096, **edge: object
) -> Plant:
    pools = [
        pool("api", 10_000, Call("docs")),
        PoolSpec("docs", Workers(1_000_000, content=content), 1),
    ]
    way = EdgeSpec("api", "docs", **edge)  # type: ignore[arg-type]  # as given
    return plant(pools, source, edges=[way], keys=keys, capacity=capacity)


def objects(
    *, first_ms: float = 0, size: float = MB, total: float = 10 * MB, each: float = 10 * MB,
    **more: float,
) -> Objects:  # fmt: skip
    return Objects(
        Distribution("fixed", first_ms * MS), Distribution("fixed", size),
        bytes_per_second=total, stream_bytes_per_second=each, **more,  # type: ignore[arg-type]  # as given
    )  # fmt: skip


def until(plant: Plant, seconds: float) -> None:
    while plant.now < int(seconds * SECOND):
        plant.advance(int(seconds * SECOND), inclusive=True)
    plant.check_conservation()


def response_ms(plant: Plant) -> float:
    """Summed response time of completed requests."""
    return int(plant.replica_row(1)[R.RESPONSE_NS]) / MS


def test_an_object_takes_its_first_byte_and_its_size_over_the_bandwidth() -> None:
    alone = system(Times([1]), objects(first_ms=30))
    capped = system(Times([1]), objects(first_ms=30, each=2 * MB))

    until(alone, 2)
    until(capped, 2)

    assert response_ms(alone) == pytest.approx(30 + 100, abs=0.01)
    assert response_ms(capped) == pytest.approx(30 + 500, abs=0.01)


def test_streams_share_the_bandwidth_and_speed_up_when_others_end() -> None:
    """The second comes when half the first is sent, which then takes twice as long."""
    plant = system(Times([1, 1 + 50 * MS]), objects())

    until(plant, 0.1501)
    first = response_ms(plant)
    until(plant, 1)

    assert first == pytest.approx(150, abs=0.01)
    assert response_ms(plant) == pytest.approx(150 + 150, abs=0.01)
    assert int(plant.replica_row(1)[R.BYTES_SENT]) == pytest.approx(2 * MB, abs=10)


def test_streams_that_are_cut_off_leave_their_share_to_the_others() -> None:
    """Two for 85 ms, three for 60 more; then the third has had 0.2 MB and is alone: 80 ms more."""
    plant = system(Times([1, 2, 85 * MS]), objects(), timeout_ns=145 * MS, delay_ns=0)

    until(plant, 1)

    assert [outcomes(plant)[x] for x in (Outcome.FAILED, Outcome.GOOD)] == [2, 1]
    assert response_ms(plant) == pytest.approx(140, abs=0.01)


def test_slow_and_unreachable_hosts_send_slowly_and_not_at_all() -> None:
    slow, stopped = (system(Times([1]), objects()) for _ in range(2))
    until(slow, 0.05)
    until(stopped, 0.05)

    slow.turn_replica(1, ReplicaKnob.SLOWDOWN, 3.0)
    stopped.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    until(stopped, 1.05)
    stopped.turn_replica(1, ReplicaKnob.REACHABLE, 1.0)
    until(slow, 2)
    until(stopped, 2)

    assert response_ms(slow) == pytest.approx(50 + 150, abs=0.01)
    assert response_ms(stopped) == pytest.approx(1100, abs=0.01)


def test_a_prefix_that_is_asked_too_often_refuses() -> None:
    plant = system(poisson(50, 20), objects(size=10, prefixes=1, prefix_requests_per_second=20.0))

    until(plant, 21)

    row = plant.replica_row(1)
    assert int(row[R.COMPLETED]) == pytest.approx(20 * 21, rel=0.05)
    assert int(row[R.RATE_LIMITED]) == int(row[R.ARRIVED] - row[R.COMPLETED])


def test_the_load_of_a_shared_line_is_that_of_processor_sharing() -> None:
    """M/G/1-PS: mean response = size / bandwidth / (1 - load), whatever the sizes' law."""
    sizes = Distribution("exponential", MB)
    content = Objects(
        Distribution("fixed", 0), sizes, bytes_per_second=100 * MB, stream_bytes_per_second=1e12
    )
    plant = system(poisson(60, 240), content, delay_ns=0)

    until(plant, 245)

    completed = int(plant.replica_row(1)[R.COMPLETED])
    assert response_ms(plant) / completed == pytest.approx(10 / (1 - 0.6), rel=0.06)


def test_more_bandwidth_is_felt_at_once() -> None:
    plant = system(Times([1]), objects(each=100 * MB))
    until(plant, 0.05)

    plant.turn_pool(STORE, PoolKnob.BYTES_PER_SECOND, 50 * MB)
    until(plant, 1)

    assert response_ms(plant) == pytest.approx(50 + 10, abs=0.01)


@pytest.mark.parametrize("capacity", [16, 4096])
def test_a_store_that_dies_leaves_nothing_behind(capacity: int) -> None:
    plant = system(Times(range(1, 30)), objects(), capacity=capacity)
    until(plant, 0.05)

    plant.kill(1)
    until(plant, 1)

    assert outcomes(plant)[Outcome.FAILED] == 29
