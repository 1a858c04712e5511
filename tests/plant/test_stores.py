"""Relational stores: locks, connections, replicas that lag, and a primary that is lost."""

from collections import deque

import pytest

from simulator.plant import arithmetic, chance
from simulator.plant.api import Outcome, PoolKnob, ReplicaKnob
from simulator.plant.cache_entries import key_of
from simulator.plant.contents import Relational
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe as E
from simulator.plant.probes import ReplicaProbe as R
from simulator.plant.spec import Call, Distribution, EdgeSpec, PoolSpec, Workers
from simulator.plant.spec_parts import ConnectionPool
from tests.plant.systems import MS, SECOND, Times, outcomes, plant, poisson, pool

HALF_MINUTE = Distribution("fixed", 30 * SECOND)
EDGE = 1
DB = 1  # the pool's number


def fixed(ms: float) -> Distribution:
    return Distribution("fixed", ms * MS)


def store(
    *, read: float = 2, write: float = 10, replicas: int = 1, workers: int = 100, **options: object
) -> PoolSpec:
    content = Relational(fixed(read), fixed(write), **options)  # type: ignore[arg-type]  # as given
    return PoolSpec("db", Workers(workers, content=content), replicas)


def system(
    source: Times, db: PoolSpec, *, writes: bool = True, keys: int = 1, capacity: int = 4096,
    pool_of: ConnectionPool | None = None, callers: int = 1, **of_edge: object,
) -> Plant:  # fmt: skip
    """Users, api replicas whose handler is one call, and the store."""
    pools = [pool("api", 10_000, Call("db", writes=writes), replicas=callers), db]
    edge = EdgeSpec("api", "db", pool=pool_of, **of_edge)  # type: ignore[arg-type]  # as given
    return plant(pools, source, edges=[edge], keys=keys, capacity=capacity)


def until(plant: Plant, seconds: float) -> None:
    while plant.now < int(seconds * SECOND):
        plant.advance(int(seconds * SECOND), inclusive=True)
    plant.check_conservation()
    plant.check_no_idling()


def of_replica(plant: Plant, replica: int, *probes: R) -> list[int]:
    row = plant.replica_row(replica)
    return [int(row[probe]) for probe in probes]


def test_writes_of_one_row_come_one_after_the_other_reads_do_not_wait() -> None:
    writing = system(Times([1, 2, 3]), store())
    reading = system(Times([1, 2, 3]), store(), writes=False)

    until(writing, 0.0255)
    until(reading, 0.0021)

    assert of_replica(writing, 1, R.COMPLETED, R.LOCKS) == [2, 1]
    assert of_replica(reading, 1, R.COMPLETED, R.LOCKS) == [3, 0]


def test_who_waits_for_a_row_of_a_store_that_dies_does_not_get_it() -> None:
    plant = system(Times([1, 2, 3, 4]), store(), delay_ns=MS)
    until(plant, 0.005)

    plant.kill(1)
    until(plant, 1.0)

    assert of_replica(plant, 1, R.COMPLETED, R.FAILED, R.LOCKS) == [0, 4, 0]


def test_a_row_is_passed_on_to_one_whose_time_ran_out_while_the_store_stood_still() -> None:
    plant = system(Times([1, 2, 3, 4]), store(lock_timeout_ns=15 * MS), delay_ns=MS)
    plant.turn_pool(DB, PoolKnob.LOCK_HOLD_NS, 20 * MS)
    until(plant, 0.013)
    plant.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    until(plant, 0.1)

    plant.turn_replica(1, ReplicaKnob.REACHABLE, 1.0)
    until(plant, 1.0)

    assert of_replica(plant, 1, R.COMPLETED, R.FAILED, R.LOCKS) == [2, 2, 0]


def test_writes_of_rows_of_their_own_do_not_wait() -> None:
    plant = system(Times([1, 2, 3]), store(), keys=0)

    until(plant, 0.0101)

    assert of_replica(plant, 1, R.COMPLETED, R.LOCKS) == [3, 0]


def test_whoever_waits_too_long_for_a_row_fails() -> None:
    plant = system(Times([1, 2, 3]), store(lock_timeout_ns=15 * MS))

    until(plant, 1.0)

    assert of_replica(plant, 1, R.COMPLETED, R.FAILED, R.LOCK_TIMEOUTS) == [2, 1, 1]


def test_a_transaction_held_open_holds_its_row_and_no_worker() -> None:
    plant = system(Times([1, 2]), store(workers=1))
    plant.turn_pool(DB, PoolKnob.LOCK_HOLD_NS, 50 * MS)

    until(plant, 0.03)
    held = of_replica(plant, 1, R.RUNNING, R.LOCKS, R.COMPLETED)
    until(plant, 1.0)

    assert held == [0, 2, 0]
    assert int(plant.class_row(0)[14]) == 60 * MS + 120 * MS - 1


def test_a_hot_row_makes_strangers_wait_for_each_other() -> None:
    plant = system(Times(range(1, 9)), store(), keys=1_000_000)
    until(plant, 0.0)
    plant.turn_pool(DB, PoolKnob.HOT_SHARE, 1.0)

    until(plant, 0.0255)

    assert of_replica(plant, 1, R.COMPLETED, R.LOCKS) == [2, 6]


@pytest.mark.parametrize("seed", range(5))
def test_locks_of_a_random_tape_as_worked_out_by_hand(seed: int) -> None:
    keys, timeout = 3, (15 + 10 * seed) * MS
    times, now = [], 0
    for number in range(80):
        u = chance.uniform(chance.mix(chance.mix(seed, 3), number))
        now += 1 + int(-arithmetic.log(u) * 4 * MS)
        times.append(now)
    plant, other = (
        system(Times(times), store(write=9, lock_timeout_ns=timeout), keys=keys, capacity=16)
        for _ in range(2)
    )
    rows = _rows(other)
    expected = _locked_by_hand(times, rows, 9 * MS, timeout)

    until(plant, 10.0)

    assert of_replica(plant, 1, R.COMPLETED, R.LOCK_TIMEOUTS, R.RESPONSE_NS) == expected


def _rows(plant: Plant) -> list[int]:
    """The rows that a plant's requests ask for, as their keys say; it is of no use afterwards."""
    keys = plant._feed.load(0)[:, 2]  # noqa: SLF001  what the plant would be told
    return [int(key_of(plant._s, 0, int(key))) for key in keys]  # noqa: SLF001


def _locked_by_hand(times: list[int], rows: list[int], lasts: int, timeout: int) -> list[int]:
    """Completed, timed out and summed response times of writes, row by row."""
    completed = late = response = 0
    for row in sorted(set(rows)):
        line, free_at = deque(t for t, r in zip(times, rows, strict=True) if r == row), 0
        while line:
            came = line.popleft()
            begins = max(came, free_at)
            if begins - came >= timeout:
                late += 1
                continue
            free_at = begins + lasts
            completed += 1
            response += free_at - came
    return [completed, late, response]


def test_too_many_clients_are_refused() -> None:
    plant = system(Times(range(1, 9)), store(connections_max=5), keys=0)

    until(plant, 1.0)

    assert of_replica(plant, 1, R.COMPLETED, R.REJECTED, R.BACKENDS_REFUSED) == [5, 3, 3]
    assert of_replica(plant, 1, R.BACKENDS, R.BACKENDS_MAX) == [0, 5]
    assert outcomes(plant)[Outcome.FAILED] == 3


def test_pools_keep_their_connections_and_take_the_room_of_others() -> None:
    """50 pods that keep up to 20 each are too many for 500, however fast the queries."""
    calm = system(
        Times([i * MS for i in range(1, 2000)]), store(connections_max=500, write=2), keys=0,
        pool_of=ConnectionPool(20, SECOND), callers=50,
    )  # fmt: skip
    # Every pod is asked for 30 things within a millisecond: its pool opens all it may.
    rush = [10 * SECOND + i for i in range(1, 1501)]
    hasty = system(
        Times(rush), store(connections_max=500, write=2), keys=0,
        pool_of=ConnectionPool(20, SECOND), callers=50,
    )  # fmt: skip

    until(calm, 5.0)
    until(hasty, 15.0)

    assert of_replica(calm, 50, R.BACKENDS, R.BACKENDS_REFUSED) == [50, 0]
    assert of_replica(hasty, 50, R.BACKENDS)[0] == 500
    assert of_replica(hasty, 50, R.BACKENDS_REFUSED)[0] >= 500


def test_reads_go_to_replicas_and_writes_to_the_primary() -> None:
    writing = system(Times([1, 2, 3]), store(replicas=3), keys=0)
    reading = system(Times([1, 2, 3, 4]), store(replicas=3), keys=0, writes=False)

    until(writing, 1.0)
    until(reading, 1.0)

    assert [of_replica(writing, r, R.COMPLETED, R.IS_REPLICA) for r in (1, 2, 3)] == [
        [3, 0], [0, 1], [0, 1],
    ]  # fmt: skip
    assert [of_replica(reading, r, R.COMPLETED) for r in (1, 2, 3)] == [[0], [2], [2]]


def test_a_replica_that_applies_less_than_is_written_falls_behind_by_the_difference() -> None:
    """200 writes a second, 100 applied: after 20 s, 10 s of writes are missing."""
    plant = system(
        Times([i * 5 * MS for i in range(1, 4001)]), store(replicas=2, write=0, replay_ns=10 * MS),
        keys=0, delay_ns=0,
    )  # fmt: skip

    until(plant, 20.0)
    lag = of_replica(plant, 2, R.LAG_NS)[0]
    until(plant, 40.1)

    assert lag == pytest.approx(10 * SECOND, rel=0.01)
    assert of_replica(plant, 1, R.LAG_NS) == [0]
    assert of_replica(plant, 2, R.LAG_NS) == [0]


def test_lag_is_told_right_also_when_more_is_missing_than_is_kept() -> None:
    plant = system(
        Times([i * MS for i in range(1, 20_001)]), store(replicas=2, write=0, replay_ns=0),
        keys=0, delay_ns=0,
    )  # fmt: skip
    plant.turn_pool(DB, PoolKnob.REPLAY_NS, -1)

    until(plant, 20.5)
    stopped = of_replica(plant, 2, R.LAG_NS)[0]
    plant.turn_pool(DB, PoolKnob.REPLAY_NS, MS)
    until(plant, 30.5)
    half_way = of_replica(plant, 2, R.LAG_NS)[0]

    assert stopped == pytest.approx(20.5 * SECOND, abs=20 * MS)
    assert half_way == pytest.approx(20.5 * SECOND, abs=20 * MS)
    until(plant, 41.0)
    assert of_replica(plant, 2, R.LAG_NS) == [0]


def test_a_read_is_stale_while_its_row_has_been_written_and_not_applied() -> None:
    pools = [
        pool("api", 100, Call("db", writes=True), Call("db")),
        store(replicas=2, read=0, write=0, ship_ns=50 * MS),
    ]
    at_once = plant(pools, Times([1]), edges=[EdgeSpec("api", "db")], keys=1)
    other_row = plant(pools, Times([1]), edges=[EdgeSpec("api", "db")], keys=0)

    until(at_once, 1.0)
    until(other_row, 1.0)

    assert (at_once.stale_reads(DB), outcomes(at_once)[Outcome.WRONG]) == (1, 1)
    assert (other_row.stale_reads(DB), outcomes(other_row)[Outcome.GOOD]) == (0, 1)


def failing_over(*, unreachable: bool) -> Plant:
    plant = system(
        Times([i * 100 * MS for i in range(1, 1200)]),
        store(replicas=3, write=1, replay_ns=250 * MS, promotion=HALF_MINUTE),
        keys=0,
        timeout_ns=SECOND,
    )  # fmt: skip
    until(plant, 40)
    if unreachable:
        plant.turn_replica(1, ReplicaKnob.REACHABLE, 0.0)
    else:
        plant.kill(1)
    return plant


@pytest.mark.parametrize("unreachable", [False, True])
def test_a_lost_primary_is_followed_and_what_was_not_replicated_is_lost(
    unreachable: bool,  # noqa: FBT001  a table
) -> None:
    plant = failing_over(unreachable=unreachable)

    until(plant, 69.9)
    meanwhile = (plant.primary(DB), int(plant.edge_row(EDGE)[E.OK]))
    until(plant, 110)

    # 400 written in 40 s, 4 a second applied in 70 s: 120 had not been applied.
    assert meanwhile == (1, 399)
    assert plant.primary(DB) in {2, 3}
    assert plant.writes_lost(DB) == pytest.approx(119, abs=2)
    assert int(plant.edge_row(EDGE)[E.OK]) == pytest.approx(399 + 400, abs=3)


def test_a_primary_that_is_back_in_time_stays() -> None:
    plant = failing_over(unreachable=True)
    until(plant, 60)
    plant.turn_replica(1, ReplicaKnob.REACHABLE, 1.0)

    until(plant, 110)

    assert (plant.primary(DB), plant.writes_lost(DB)) == (1, 0)


def test_a_primary_that_comes_back_too_late_is_a_replica() -> None:
    plant = failing_over(unreachable=False)
    until(plant, 90)
    plant.revive(1)
    plant.set_ready(1, ready=True)

    until(plant, 119)

    assert plant.primary(DB) != 1
    assert of_replica(plant, 1, R.IS_REPLICA) == [1]


def test_a_store_alone_comes_back_with_all_it_had() -> None:
    plant = system(poisson(20, 100), store(promotion=HALF_MINUTE), keys=0)
    until(plant, 20)
    plant.kill(1)
    until(plant, 70)
    failed = outcomes(plant)[Outcome.FAILED]
    plant.revive(1)
    plant.set_ready(1, ready=True)

    until(plant, 100)

    assert failed > 900
    assert outcomes(plant)[Outcome.FAILED] == failed
    assert (plant.primary(DB), plant.writes_lost(DB)) == (1, 0)


@pytest.mark.parametrize("capacity", [16, 4096])
def test_room_changes_nothing(capacity: int) -> None:
    plant = system(
        poisson(300, 10), store(replicas=2, lock_timeout_ns=30 * MS, ship_ns=20 * MS), keys=4,
        capacity=capacity, pool_of=ConnectionPool(8, 40 * MS), callers=3,
    )  # fmt: skip

    until(plant, 20)

    assert [*outcomes(plant), *plant.replica_row(3)[: R.QUEUED]] == _EXPECTED or not _EXPECTED
    _EXPECTED[:] = [*outcomes(plant), *plant.replica_row(3)[: R.QUEUED]]


_EXPECTED: list[int] = []


def test_the_share_of_refused_connections_is_that_of_erlangs_loss_formula() -> None:
    """Calls of 50 ms at 100 a second with room for 5: offered load 5, B(5, 5) = 28.5 %."""
    loss = 1.0
    for servers in range(1, 6):
        loss = 5.0 * loss / (servers + 5.0 * loss)
    content = Relational(Distribution("exponential", 50 * MS), fixed(1), connections_max=5)
    db = PoolSpec("db", Workers(100, content=content), 1)
    plant = system(poisson(100, 120), db, writes=False, keys=0)

    until(plant, 121)

    arrived, refused = of_replica(plant, 1, R.ARRIVED, R.BACKENDS_REFUSED)
    assert refused / arrived == pytest.approx(loss, rel=0.05)
