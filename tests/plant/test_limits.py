"""What runs out: memory ends a process, files and connections refuse calls, disks fail them."""

from typing import Any

import pytest

from simulator.plant.api import Outcome, PoolKnob, ReplicaKnob, SignalKind
from simulator.plant.limits_spec import RESOURCES, Limits, Use
from simulator.plant.plant import Plant
from simulator.plant.probes import EdgeProbe, ReplicaProbe
from simulator.plant.spec import Call, EdgeSpec, PoolSpec
from tests.plant.systems import MS, SECOND, Times, fixed, outcomes, plant, pool, run_until

MI = 2**20


def limited(ms: float, workers: int = 99, replicas: int = 1, **limits: Any) -> PoolSpec:
    inner = pool("a", workers, fixed(ms), replicas=replicas)
    return PoolSpec(
        "a", inner.discipline, replicas, default_handler=(fixed(ms),), limits=Limits(**limits)
    )


def deaths(plant_: Plant, until: float, *, restart: bool = False) -> list[tuple[int, str]]:
    """Run on; note when processes died and of what; start them 10 ms later, or leave them."""
    found = []
    while plant_.now < until * SECOND:
        plant_.advance(int(until * SECOND), inclusive=False)
        for signal in plant_.drain_signals()[0]:
            if signal.kind is SignalKind.DIED:
                found.append((signal.at, RESOURCES[signal.value]))
                plant_.kill(signal.replica)
                plant_.check_conservation()
                if restart:
                    back = min(plant_.now + 10 * MS, int(until * SECOND))
                    plant_.advance(back, inclusive=False)
                    plant_.revive(signal.replica)
                    plant_.set_ready(signal.replica, ready=True)
    plant_.check_conservation()
    return found


def probe(system: Plant, column: ReplicaProbe, replica: int = 0) -> int:
    return int(system.replica_row(replica)[column])


def test_calls_inside_take_memory_and_give_it_back() -> None:
    memory = Use(most=100 * MI, base=10 * MI, per_call=2 * MI)
    system = plant([limited(100, memory=memory)], Times([0, 10 * MS, 20 * MS]))
    seen = []
    for ms in (5, 15, 25, 105, 115, 125):
        system.advance(ms * MS, inclusive=False)
        seen.append(probe(system, ReplicaProbe.MEMORY_BYTES) // MI)

    assert seen == [12, 14, 16, 14, 12, 10]
    assert deaths(system, 1) == []


def test_one_call_too_many_ends_the_process_as_it_arrives() -> None:
    memory = Use(most=100, base=40, per_call=20)
    system = plant([limited(100, memory=memory)], Times([0, 10 * MS, 20 * MS, 30 * MS]))

    found = deaths(system, 1)

    assert found == [(30 * MS, "memory")]
    # Three were working and one had just come in: their connections were reset.
    assert outcomes(system)[Outcome.FAILED] == 4


def test_a_leak_ends_the_process_at_the_instant_it_must() -> None:
    memory = Use(most=1000 * MI, base=100 * MI, per_call=10 * MI, leak_per_second=MI)
    system = plant([limited(1000, memory=memory)], Times([100 * SECOND, 895 * SECOND]))

    found = deaths(system, 2000)

    # 900 Mi are left, less 10 for whoever is inside: the second call is, from 895 s on, for 1 s.
    assert found == [(895 * SECOND, "memory")]


def test_a_leak_alone_is_timed_to_the_nanosecond_and_begins_anew() -> None:
    memory = Use(most=1000 * MI, base=100 * MI, leak_per_second=4 * MI)
    system = plant([limited(1, memory=memory)], Times([]))

    found = deaths(system, 700, restart=True)

    assert [of for _, of in found] == ["memory"] * 3
    lasts = [round((at - 10 * MS * n) / (n + 1)) for n, (at, _) in enumerate(found)]
    assert lasts == [pytest.approx(225 * SECOND, abs=3)] * 3


def test_what_calls_leave_behind_adds_up() -> None:
    memory = Use(most=1000, base=0, leak_per_call=10)
    system = plant([limited(1, memory=memory)], Times([i * 10 * MS for i in range(300)]))

    found = deaths(system, 10, restart=True)

    # The hundred and first to end makes it 1,010.
    assert [at for at, _ in found] == [1001 * MS, 2021 * MS]


def test_a_leak_turned_on_is_a_knob_and_a_restart_forgets_what_grew() -> None:
    memory = Use(most=100 * MI, base=50 * MI)
    system = plant([limited(1, memory=memory)], Times([]))
    system.advance(10 * SECOND, inclusive=False)
    system.turn_replica(0, ReplicaKnob.MEMORY_LEAK, 5.0 * MI)
    system.advance(14 * SECOND, inclusive=False)
    grown = probe(system, ReplicaProbe.MEMORY_BYTES) // MI
    system.kill(0)
    system.revive(0)
    anew = probe(system, ReplicaProbe.MEMORY_BYTES) // MI
    system.turn_replica(0, ReplicaKnob.MEMORY_LEAK, 0.0)

    assert (grown, anew) == (70, 50)
    assert deaths(system, 100) == []


def test_a_limit_lowered_below_what_is_used_ends_the_process_at_once() -> None:
    system = plant([limited(1, memory=Use(most=100, base=60))], Times([]))
    system.advance(SECOND, inclusive=False)

    system.turn_pool(0, PoolKnob.MEMORY_MAX, 50)

    assert deaths(system, 2) == [(SECOND, "memory")]


def test_a_process_that_does_not_fit_dies_at_every_start() -> None:
    system = plant([limited(1, memory=Use(most=100, base=101))], Times([]))

    found = []
    for _ in range(3):
        system.advance(system.now + SECOND, inclusive=False)
        found += [s.kind for s in system.drain_signals()[0]]
        system.kill(0)
        system.revive(0)

    assert found == [SignalKind.DIED] * 3


def test_files_run_out_and_connections_are_refused_while_nothing_else_is_busy() -> None:
    """Each call holds two files of 10: a third is refused at once, though workers are free."""
    fds = Use(most=10, base=6, per_call=2)
    users = EdgeSpec("users", "a", delay_ns=MS)
    system = plant([limited(100, fds=fds)], Times([0, 1, 2, 200 * MS]), edges=[users])
    system.advance(50 * MS, inclusive=False)
    open_ = probe(system, ReplicaProbe.OPEN_FDS)

    run_until(system, 1)

    edge = system.edge_row(0)
    assert open_ == 10
    assert (int(edge[EdgeProbe.CONNECT_FAILED]), int(edge[EdgeProbe.OK])) == (1, 3)
    assert probe(system, ReplicaProbe.ARRIVED) == 3
    kinds = [s.kind for s in system.drain_signals()[0]]
    assert SignalKind.EXHAUSTED in kinds
    assert SignalKind.CONNECT_FAILED in kinds


def test_leaked_files_refuse_everyone_until_a_restart() -> None:
    fds = Use(most=20, base=10, per_call=1, leak_per_call=1)
    system = plant([limited(1, fds=fds)], Times([i * 10 * MS for i in range(40)]))
    system.advance(200 * MS, inclusive=False)
    before = outcomes(system)[Outcome.GOOD]
    system.kill(0)
    system.revive(0)
    system.set_ready(0, ready=True)

    run_until(system, 1)

    assert before == 10
    assert outcomes(system)[Outcome.GOOD] == 20


def test_refused_connections_are_tried_elsewhere() -> None:
    users = EdgeSpec("users", "a", retries_max=1)
    system = plant(
        [limited(1, replicas=2, fds=Use(most=20, base=1, per_call=1))],
        Times([i * 10 * MS for i in range(40)]), edges=[users],
    )  # fmt: skip
    system.turn_replica(0, ReplicaKnob.FD_LEAK, 1e6)
    system.advance(1, inclusive=True)

    run_until(system, 1)

    assert outcomes(system)[Outcome.GOOD] == 40
    # Each goes to the first in turn, which is full within 19 us, and then to the other.
    assert int(system.edge_row(0)[EdgeProbe.CONNECT_FAILED]) >= 38


def test_more_connections_than_a_replica_takes_are_refused() -> None:
    system = plant([limited(100, connections_max=3)], Times([0] * 5 + [SECOND]))

    run_until(system, 2)

    assert int(system.edge_row(0)[EdgeProbe.CONNECT_FAILED]) == 2
    assert outcomes(system)[Outcome.GOOD] == 4


@pytest.mark.parametrize("crashes", [False, True])
def test_a_full_disk_fails_writes_or_ends_the_process_and_outlives_it(*, crashes: bool) -> None:
    disk = Use(most=100, base=50, leak_per_call=10, crashes=crashes)
    system = plant([limited(1, disk=disk)], Times([i * 10 * MS for i in range(40)]))

    found = deaths(system, 0.3, restart=True)

    # Five calls fill it. A sixth cannot write; or it makes it 110, with its own answer out.
    assert outcomes(system)[Outcome.GOOD] == (6 if crashes else 5)
    if crashes:
        # The pod's volume is as full as before: it dies again, over and over.
        assert found[0] == (51 * MS, "disk")
        assert len(found) > 3
    else:
        assert found == []
        assert outcomes(system)[Outcome.FAILED] > 20
    assert probe(system, ReplicaProbe.DISK_BYTES) == 100


def test_room_on_the_disk_lets_writes_succeed_again() -> None:
    disk = Use(most=100, base=50, leak_per_call=10)
    system = plant([limited(1, disk=disk)], Times([i * 10 * MS for i in range(40)]))
    system.advance(200 * MS, inclusive=False)
    before = outcomes(system)[Outcome.GOOD]

    system.turn_pool(0, PoolKnob.DISK_MAX, 10_000)
    run_until(system, 1)

    assert (before, outcomes(system)[Outcome.GOOD]) == (5, 5 + 20)


def test_fragmented_gpu_memory_ends_a_process_or_fails_its_steps() -> None:
    found = {}
    for crashes in (False, True):
        gpu = Use(most=80_000, base=72_000, leak_per_second=1000, crashes=crashes)
        system = plant(
            [limited(1, gpu_memory=gpu)], Times([i * SECOND // 2 for i in range(1, 40, 2)])
        )
        found[crashes] = deaths(system, 21)
        assert outcomes(system)[Outcome.FAILED] == 12

    assert found[False] == []
    assert [(at // SECOND, of) for at, of in found[True]] == [(8, "gpu_memory")]


def test_threads_and_connections_are_counted() -> None:
    front = PoolSpec(
        "a", pool("x", 99).discipline, 1, default_handler=(Call("b"),),
        limits=Limits(threads_base=8, threads_per_call=2),
    )  # fmt: skip
    system = plant([front, pool("b", 99, fixed(100))], Times([0, 1, 2]))

    system.advance(50 * MS, inclusive=False)

    assert probe(system, ReplicaProbe.THREADS) == 14
    assert probe(system, ReplicaProbe.CONNECTIONS) == 3
    assert probe(system, ReplicaProbe.THREADS, 1) == 0


def test_room_for_more_pods_changes_nothing_that_has_grown() -> None:
    memory = Use(most=100 * MI, base=50 * MI, leak_per_second=MI)
    system = plant([limited(1, memory=memory)], Times([]))
    system.advance(10 * SECOND, inclusive=False)
    for ordinal in range(1, 40):
        system.add_replica(0, ordinal)

    assert [probe(system, ReplicaProbe.MEMORY_BYTES, r) // MI for r in (0, 39)] == [60, 50]
    assert [at // MS for at, _ in deaths(system, 50.5)] == [50_000]
