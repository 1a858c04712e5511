"""Vector indexes: what is not indexed, deleted, on disk or missing shows in time and recall."""

from typing import Any

import numpy as np
import pytest

from simulator.plant import arithmetic
from simulator.plant.api import Outcome, PoolKnob, ReplicaKnob
from simulator.plant.index import (
    I_DEAD,
    I_LIVE,
    I_SETTLED_AT,
    I_TAIL,
    I_TASK,
    IDLE,
    INDEXING,
    VACUUM,
    advance_index,
)
from simulator.plant.index_tables import index_table
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe as R
from simulator.plant.spec import PoolSpec, VectorIndex, Workers
from tests.plant.systems import MS, SECOND, Times, outcomes, plant, poisson, run_until

GOOD, WRONG, FAILED = int(Outcome.GOOD), int(Outcome.WRONG), int(Outcome.FAILED)


def _small(**options: Any) -> VectorIndex:
    return VectorIndex(100_000, 768, 64, **options)


def _searched(index: VectorIndex, source: Times, replicas: int = 1, cores: int = 64) -> Plant:
    return plant([PoolSpec("v", Workers(cores, content=index), replicas)], source)


def _mean_ms(system: Plant) -> float:
    rows = [system.replica_row(r) for r in range(system._replicas)]  # noqa: SLF001  how many
    completed = sum(int(row[R.COMPLETED]) for row in rows)
    return sum(int(row[R.RESPONSE_NS]) for row in rows) / completed / MS


def _share_good(system: Plant) -> float:
    counts = outcomes(system)
    return counts[GOOD] / sum(counts)


def _slowly(index: VectorIndex, seconds: int, steps: int = 2000) -> dict[str, float]:
    """The same index in small steps of plain arithmetic, as (live, dead, tail) at the end."""
    live, dead, tail = float(index.vectors), 0.0, float(index.unindexed)
    task, batch, left = "", 0.0, 0.0
    for _ in range(seconds * steps):
        if not task and tail >= index.indexes_from - 1e-6:
            task, batch, left = "indexing", tail, tail
        graph = live + dead - tail
        if not task and dead > 0 and dead >= index.vacuum_above * graph - 1e-6:
            task, batch, left = "vacuum", dead, graph - dead
        tail += index.inserts_per_s / steps
        live += (index.inserts_per_s - index.deletes_per_s) / steps
        dead += index.deletes_per_s / steps
        if task:
            left -= index.indexes_per_s / steps
            if left <= 1e-6:
                tail -= batch if task == "indexing" else 0.0
                dead -= batch if task == "vacuum" else 0.0
                task = ""
    return {"live": live, "dead": dead, "tail": tail}


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(
            _small(inserts_per_s=100.0, indexes_from=2000, indexes_per_s=1000.0),
            id="the optimizer keeps up",
        ),
        pytest.param(
            _small(inserts_per_s=900.0, indexes_from=2000, indexes_per_s=1000.0),
            id="barely",
        ),
        pytest.param(
            _small(inserts_per_s=50.0, deletes_per_s=400.0, indexes_from=4000,
                indexes_per_s=5000.0,
            ),
            id="with deletes",
        ),
    ],
)  # fmt: skip
def test_index_settled_in_one_go_stands_as_in_small_steps(index: VectorIndex) -> None:
    (row,) = index_table([PoolSpec("v", Workers(8, content=index), 1)])
    (often,) = index_table([PoolSpec("v", Workers(8, content=index), 1)])

    advance_index(row, 100 * SECOND)
    for k in range(1, 1001):
        advance_index(often, k * 100 * MS)

    slow = _slowly(index, 100)
    # At each of some fifty changes of task the slow one may fall a step of 0.5 ms behind.
    allowed = 50 * max(index.inserts_per_s, index.deletes_per_s) / 2000 + 1.0
    assert row[I_LIVE] == pytest.approx(slow["live"], abs=allowed)
    assert row[I_DEAD] == pytest.approx(slow["dead"], abs=allowed)
    assert row[I_TAIL] == pytest.approx(slow["tail"], abs=allowed)
    assert often == pytest.approx(row, abs=0.1)
    assert row[I_SETTLED_AT] == 100 * SECOND


def test_tasks_begin_and_end_when_due() -> None:
    index = _small(inserts_per_s=100.0, indexes_from=1000, indexes_per_s=500.0, deletes_per_s=0.0)
    (row,) = index_table([PoolSpec("v", Workers(8, content=index), 1)])
    seen = []
    for second in (9, 10, 11, 12, 13):
        advance_index(row, second * SECOND)
        seen.append((int(row[I_TASK]), round(float(row[I_TAIL]))))

    # 1000 at 10 s take 2 s; the 200 that come meanwhile stay.
    assert seen == [(IDLE, 900), (INDEXING, 1000), (INDEXING, 1100), (IDLE, 200), (IDLE, 300)]
    assert VACUUM != INDEXING


def test_stopped_optimizer_lets_the_tail_grow_and_searches_with_it() -> None:
    index = _small(inserts_per_s=1000.0, indexes_per_s=0.0)
    system = _searched(index, Times(range(0, 100 * SECOND, 100 * MS)))
    run_until(system, 10)
    early = _mean_ms(system)

    run_until(system, 100)

    assert int(system.replica_row(0)[R.UNINDEXED]) == pytest.approx(100_000, rel=0.01)
    # 100,000 x 768 dimensions x 0.4 ns are 31 ms on top, half of it on average.
    assert _mean_ms(system) - early == pytest.approx(0.9 * 15.4, rel=0.15)


def test_search_that_leaves_memory_reads_from_disk() -> None:
    fits = VectorIndex(250_000, 1536, 200)
    needs = 250_000 * 1536 * 6
    tight = VectorIndex(250_000, 1536, 200, memory_bytes=int(0.8 * needs))
    means = []
    for index in (fits, tight):
        system = _searched(index, poisson(20, 40))
        run_until(system, 42)
        means.append(_mean_ms(system))
    row = system.replica_row(0)

    # Published for this index at ef 200: a p50 of 43 ms, of which some 5 ms were computing.
    assert means[1] - means[0] == pytest.approx(0.2 * 2000 * 0.1, rel=0.1)
    assert int(row[R.PAGE_FAULTS]) == pytest.approx(int(row[R.COMPLETED]) * 400, rel=0.01)


def test_optimizer_slows_searches_only_where_it_takes_their_cores() -> None:
    busy: list[float] = []
    idle: list[float] = []
    for speed, into in ((0.0, idle), (1.0, busy)):  # at one vector a second it never ends
        for rate in (5.0, 240.0):
            index = _small(
                unindexed=2000, indexes_from=1000, indexes_per_s=speed, optimizer_cores=1
            )
            system = _searched(index, poisson(rate, 30), cores=2)
            run_until(system, 32)
            into.append(_mean_ms(system))

    assert busy[0] == pytest.approx(idle[0], rel=0.02)
    assert busy[1] > 1.15 * idle[1]


def test_deleted_points_lower_recall_until_the_vacuum() -> None:
    index = _small(deletes_per_s=1000.0, vacuum_above=0.0)
    system = _searched(index, poisson(200, 50))

    run_until(system, 52)

    # Half of it is deleted at 50 s: a quarter on average, as with an ef of 48.
    expected = np.mean([
        1 - 1.0236 * arithmetic.power(64 * (1 - dead / 100_000), -0.6122)
        for dead in range(0, 50_000, 1000)
    ])  # fmt: skip
    assert _share_good(system) == pytest.approx(float(expected), abs=0.012)
    assert int(system.replica_row(0)[R.KEYS]) == pytest.approx(48_000, abs=10)


@pytest.mark.parametrize(("partial", "outcome"), [("allow", WRONG), ("fail", FAILED)])
def test_missing_shard_costs_its_share_of_answers_or_all_of_them(
    partial: str, outcome: int
) -> None:
    index = VectorIndex(100_000, 768, 4000, shards=4, partial=partial)  # type: ignore[arg-type]  # a word
    system = _searched(index, poisson(100, 20), replicas=4)
    system.kill(2)

    run_until(system, 22)

    counts = outcomes(system)
    share = counts[outcome] / sum(counts)
    assert share == pytest.approx(0.25 if partial == "allow" else 1.0, abs=0.03)
    assert int(system.replica_row(0)[R.SHARDS_MISSING]) == 1


def test_copies_stand_in_until_their_last_replica_is_gone() -> None:
    index = VectorIndex(100_000, 768, 4000, shards=3, copies=2)
    system = _searched(index, poisson(50, 30), replicas=3)
    missing = []
    for gone in (0, 1):
        system.kill(gone)
        missing.append(int(system.replica_row(2)[R.SHARDS_MISSING]))

    system.revive(0)
    system.set_ready(0, ready=True)

    assert missing == [0, 1]
    assert int(system.replica_row(2)[R.SHARDS_MISSING]) == 0


def test_replica_that_follows_another_finds_its_data() -> None:
    index = VectorIndex(100_000, 768, 4000, shards=2)
    system = _searched(index, Times([]), replicas=2)
    system.remove(0)
    lost = int(system.replica_row(1)[R.SHARDS_MISSING])

    system.set_ready(system.add_replica(0, 2), ready=True)

    assert (lost, int(system.replica_row(1)[R.SHARDS_MISSING])) == (1, 0)


def test_replica_that_came_before_the_other_went_takes_its_data_over() -> None:
    index = VectorIndex(100_000, 768, 4000, shards=2)
    system = _searched(index, Times([]), replicas=2)
    system.set_ready(system.add_replica(0, 2), ready=True)

    system.remove(0)

    assert int(system.replica_row(1)[R.SHARDS_MISSING]) == 0


def test_search_of_shards_waits_for_the_slowest() -> None:
    one = _searched(VectorIndex(100_000, 768, 64), poisson(20, 60))
    four = _searched(VectorIndex(100_000, 768, 64, shards=4), poisson(20, 60), replicas=4)
    slow = _searched(VectorIndex(100_000, 768, 64, shards=4), poisson(20, 60), replicas=4)
    slow.turn_replica(3, ReplicaKnob.SLOWDOWN, 5.0)
    for system in (one, four, slow):
        run_until(system, 62)

    # Sigma 0.28: the largest of four is 1.03 sigma above the median. A slow one of four slows all.
    assert _mean_ms(four) / _mean_ms(one) == pytest.approx(1.36, abs=0.1)
    assert _mean_ms(slow) / _mean_ms(one) > 4.0


def test_knobs_change_what_stands_and_keep_the_rest() -> None:
    system = _searched(_small(), poisson(100, 90))
    run_until(system, 30)
    before = _mean_ms(system)
    healthy = _share_good(system)

    system.turn_pool(0, PoolKnob.EMBEDDING_MATCH, 0.5)
    system.turn_pool(0, PoolKnob.UNINDEXED, 50_000)
    system.turn_pool(0, PoolKnob.INDEXES_PER_SECOND, 0)
    system.turn_pool(0, PoolKnob.EF, 128)
    run_until(system, 60)

    assert int(system.replica_row(0)[R.UNINDEXED]) == 50_000
    assert _mean_ms(system) > before + 5
    assert _share_good(system) == pytest.approx((healthy + 0.49) / 2, abs=0.03)


def test_plain_index_turned_is_as_one_made_so() -> None:
    turned = _searched(_small(), poisson(50, 20))
    turned.turn_pool(0, PoolKnob.MEMORY_BYTES, 1e8)
    made = _searched(_small(memory_bytes=100_000_000), poisson(50, 20))
    for system in (turned, made):
        run_until(system, 22)

    assert turned.replica_row(0).tolist() == made.replica_row(0).tolist()
