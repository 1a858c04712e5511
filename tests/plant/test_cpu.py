"""Processors: the plain reference, exactly; threads, limits, knobs and what is read of them."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.plant import cpu
from simulator.plant import layout as at
from simulator.plant.api import Arrivals, ReplicaKnob
from simulator.plant.arrivals import MINUTE
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import Call, Cpu, Distribution, EdgeSpec, Parallel, PoolSpec, Step, Work
from tests.plant.reference_cpu import PlainProcessors, Turn
from tests.plant.systems import MS, SECOND, Times, fixed, plant, pool, run_until
from tests.plant.traced import Ended, ended_calls

BY_TOKENS = Work(Distribution("fixed", 0), per_prompt_token_ns=1)
KNOBS = {
    "cores": ReplicaKnob.CORES,
    "limit": ReplicaKnob.CPU_LIMIT,
    "slowdown": ReplicaKnob.SLOWDOWN,
}


class Tape:
    """Arrivals of (time, work in ns); the work is the prompt's tokens."""

    def __init__(self, tape: Sequence[tuple[int, int]]) -> None:
        self.tape = np.array(sorted(tape), dtype=np.int64).reshape(-1, 2)

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002
        times = self.tape[:, 0]
        inside = (times >= index * MINUTE) & (times < (index + 1) * MINUTE)
        rows = self.tape[inside] if stream == 0 else self.tape[:0]
        return Arrivals(rows[:, 0].copy(), rows[:, 1].copy(), np.zeros(len(rows), dtype=np.int64))


def processors(*steps: Step, replicas: int = 1, **options: Any) -> PoolSpec:
    return PoolSpec("a", Cpu(**options), replicas, default_handler=steps or (BY_TOKENS,))


def advance(system: Plant, until: int) -> None:
    while system.now < until:
        system.advance(until, inclusive=False)


def counters(system: Plant) -> list[int]:
    row = system.replica_row(0)
    read = (
        ReplicaProbe.BUSY_NS, ReplicaProbe.CFS_PERIODS, ReplicaProbe.CFS_THROTTLED,
        ReplicaProbe.CFS_THROTTLED_NS,
    )  # fmt: skip
    return [int(row[probe]) for probe in read]


@st.composite
def tapes(draw: st.DrawFn) -> list[tuple[int, int]]:
    gaps = draw(st.lists(st.integers(1, 120 * MS), min_size=1, max_size=12))
    times = np.cumsum(gaps).tolist()
    work = st.one_of(st.integers(0, 1000), st.integers(1, 90 * MS))
    return [(time, draw(work)) for time in times]


LIMITS = st.sampled_from([Fraction(0), Fraction(1, 4), Fraction(1), Fraction(13, 10), Fraction(3)])
TURNS = st.one_of(
    st.tuples(st.just("cores"), st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(4)])),
    st.tuples(st.just("limit"), LIMITS),
    st.tuples(st.just("slowdown"), st.sampled_from([Fraction(0), Fraction(1), Fraction(3, 2)])),
)


@settings(max_examples=80, deadline=None)
@example(  # told the limit it has, with as much of it left as of the work
    tape=[(1, 25_000_001)], cores=Fraction(1), limit=Fraction(1, 4), law=(Fraction(0), Fraction(0)),
    turns=[(2, ("limit", Fraction(1, 4)))], looks=[],
)  # fmt: skip
@given(
    tape=tapes(),
    cores=st.sampled_from([Fraction(1), Fraction(2), Fraction(5, 2), Fraction(8)]),
    limit=LIMITS,
    law=st.sampled_from([(Fraction(0), Fraction(0)), (Fraction(1, 8), Fraction(1, 64))]),
    turns=st.lists(st.tuples(st.integers(1, 600 * MS), TURNS), max_size=4),
    looks=st.lists(st.integers(1, 900 * MS), max_size=6),
)
def test_processors_equal_the_plain_reference(
    *, tape: list[tuple[int, int]], cores: Fraction, limit: Fraction,
    law: tuple[Fraction, Fraction], turns: list[tuple[int, tuple[str, Fraction]]],
    looks: list[int],
) -> None:  # fmt: skip
    spec = Cpu(float(cores), float(limit), contention=float(law[0]), coherency=float(law[1]))
    pools = [PoolSpec("a", spec, 1, default_handler=(BY_TOKENS,))]
    # Whoever looks changes nothing; when everything has been told, the last speed is a full one.
    told = [Turn(time, what, value) for time, (what, value) in sorted(turns)]
    told.append(Turn(max([time for time, _ in turns], default=0) + 1, "slowdown", Fraction(1)))
    system = plant(pools, Tape(tape), traced_share=1.0)  # type: ignore[arg-type]  # a source
    phase = int(system._s.cpu_ints[0, cpu.PHASE])  # noqa: SLF001  drawn by the replica's key
    reference = PlainProcessors(cores, limit, Fraction(1), *law, phase=phase)
    until = 8 * SECOND

    reference.run(tape, told, until)
    for time, turn in sorted([*((look, None) for look in looks), *((t.at, t) for t in told)],
                             key=lambda pair: pair[0]):  # fmt: skip
        advance(system, time)
        if turn is None:
            system.replica_row(0)
        else:
            system.turn_replica(0, KNOBS[turn.what], float(turn.value))
        system.check_no_idling()
    advance(system, until)

    assert ended_calls(system) == {
        tape[number][0]: Ended(time, at.OK) for number, time in reference.ended.items()
    }
    expected = [reference.periods, reference.throttled_periods, reference.throttled_ns]
    assert counters(system) == [math.floor(reference.used + Fraction(1, 2)), *expected]


def ended_ms(system: Plant) -> dict[float, float]:
    """When each call that went well ended, by when it was sent, in ms."""
    return {
        sent / MS: ended.at / MS
        for sent, ended in ended_calls(system).items()
        if ended.result == at.OK
    }


@pytest.mark.parametrize(
    ("cores", "ended"),
    [
        pytest.param(1, {0: 150, 50: 200}, id="one core is shared as long as there are two"),
        pytest.param(2, {0: 100, 50: 150}, id="two cores are enough for two"),
        pytest.param(1.5, {0: 116.666667, 50: 166.666667}, id="a part of a core counts"),
    ],
)
def test_cores_are_shared_evenly(cores: float, ended: dict[float, float]) -> None:
    system = plant([processors(fixed(100), cores=cores)], Times([0, 50 * MS]), traced_share=1.0)

    run_until(system, 1)

    assert ended_ms(system) == ended


def test_a_limit_of_half_a_core_is_spent_by_four_cores_in_an_eighth_of_a_period() -> None:
    # 4 x 100 ms at 50 ms of CPU time a period: the eighth period ends it.
    made = processors(fixed(100), cores=4, limit_cores=0.5)
    system = plant([made], Times([SECOND] * 4))

    run_until(system, 5)

    busy_ns, periods, throttled, throttled_ns = counters(system)
    wall = int(system.replica_row(0)[ReplicaProbe.RESPONSE_NS])
    assert (busy_ns, periods, throttled) == (400 * MS, 9, 7)
    assert throttled_ns == wall - 400 * MS  # all four stood still whenever they did not run


def test_a_limit_above_what_is_used_costs_nothing() -> None:
    made = processors(fixed(250), cores=4, limit_cores=1)
    system = plant([made], Times([SECOND]), traced_share=1.0)

    run_until(system, 5)

    assert ended_ms(system) == {1000: 1250}
    assert counters(system)[2:] == [0, 0]


@pytest.mark.parametrize(("holds", "served"), [(True, 2), (False, 5)])
def test_threads_held_during_calls_run_out(*, holds: bool, served: int) -> None:
    # Five come at once; two threads, each waiting 400 ms for the slow one.
    made = processors(
        fixed(1), Call("slow"), cores=8, threads_max=2, holds_thread=holds, queue_max=3
    )
    system = plant([made, pool("slow", 10, fixed(400))], Times([0, 1, 2, 3, 4, 5]))

    run_until(system, 0.405)

    row = system.replica_row(0)
    assert (row[ReplicaProbe.COMPLETED], row[ReplicaProbe.REJECTED]) == (served, 1)


def test_branches_of_a_parallel_step_share_the_cores_too() -> None:
    both = Parallel(((fixed(30),), (fixed(50),)))
    system = plant([processors(both, cores=1)], Times([0]), traced_share=1.0)

    run_until(system, 1)

    assert ended_ms(system) == {0: 80}


def test_a_handler_works_calls_and_works_again() -> None:
    made = processors(fixed(10), Call("b"), fixed(20), cores=1)
    system = plant([made, pool("b", 1, fixed(100))], Times([0]), traced_share=1.0)

    run_until(system, 1)

    assert ended_ms(system) == {0: 130, 10: 110}
    assert counters(system)[0] == 30 * MS


def test_whoever_is_timed_out_leaves_its_share_to_the_others() -> None:
    system = plant(
        [processors(fixed(100), cores=1)], Times([0, 40 * MS]), traced_share=1.0,
        patience_ns=130 * MS,
    )  # fmt: skip

    run_until(system, 1)

    # The first would end at 160 ms and is given up at 130; the other has 45 of 100 ms by then.
    assert ended_ms(system) == {}
    assert counters(system)[0] == 170 * MS


def test_stolen_cores_slow_what_runs() -> None:
    system = plant([processors(fixed(100), cores=2)], Times([0, 1]), traced_share=1.0)
    advance(system, 50 * MS)

    system.turn_replica(0, ReplicaKnob.CORES, 1.0)
    run_until(system, 1)

    assert ended_ms(system) == {0: 150, 0.000001: 150.000001}


def test_a_higher_limit_lets_what_is_throttled_go_on_at_once() -> None:
    made = processors(fixed(100), cores=1, limit_cores=0.2)
    system = plant([made], Times([SECOND]), traced_share=1.0)
    advance(system, SECOND)
    before = counters(system)[0]
    advance(system, 2 * SECOND - 1)

    system.turn_replica(0, ReplicaKnob.CPU_LIMIT, 0.0)
    run_until(system, 3)

    assert before == 0
    assert ended_calls(system)[SECOND].at <= 2 * SECOND
    assert counters(system)[0] == 100 * MS


def test_a_host_that_stands_still_goes_on_where_it_was() -> None:
    made = processors(fixed(100), cores=1)
    system = plant([made], Times([0, 50 * MS]), traced_share=1.0)
    advance(system, 80 * MS)

    system.turn_replica(0, ReplicaKnob.REACHABLE, 0.0)
    advance(system, 500 * MS)
    system.turn_replica(0, ReplicaKnob.SLOWDOWN, 2.0)
    system.turn_replica(0, ReplicaKnob.REACHABLE, 1.0)
    run_until(system, 2)

    # At 80 ms 35 and 85 ms were left; from 500 ms on at half speed.
    assert ended_ms(system) == {0: 640, 50: 740}


@pytest.mark.parametrize("limit", [0.0, 0.3])
def test_a_killed_replica_fails_its_jobs_and_starts_afresh(limit: float) -> None:
    made = processors(fixed(100), cores=1, limit_cores=limit)
    system = plant([made], Times([0, 50 * MS, SECOND]), traced_share=1.0)
    advance(system, 80 * MS)

    system.kill(0)
    system.check_conservation()
    system.revive(0)
    system.set_ready(0, ready=True)
    run_until(system, 5)

    assert [ended.result for ended in ended_calls(system).values()] == [at.RESET, at.RESET, at.OK]
    system.check_no_idling()


def test_a_draining_replica_says_so_when_its_last_job_is_done() -> None:
    system = plant([processors(fixed(100), cores=1)], Times([0, 0]), traced_share=1.0)
    advance(system, 50 * MS)

    system.drain(0)
    run_until(system, 1)

    assert [signal.at for signal in system.drain_signals()[0]] == [200 * MS]


def test_many_that_end_at_one_instant_all_do() -> None:
    system = plant([processors(fixed(1), cores=1)], Times([0] * 500), capacity=16)

    run_until(system, 1)

    assert int(system.replica_row(0)[ReplicaProbe.COMPLETED]) == 500
    assert int(system.replica_row(0)[ReplicaProbe.RESPONSE_NS]) == 500 * 500 * MS


@pytest.mark.parametrize(
    ("stops", "busy_ms"),
    [
        pytest.param(True, 60, id="what obeys its deadline leaves its share to the others"),
        pytest.param(False, 200, id="what does not works on for nobody"),
    ],
)
def test_work_past_its_deadline(*, stops: bool, busy_ms: int) -> None:
    edge = EdgeSpec(
        "users", "a", timeout_ns=60 * MS, on_timeout="leave",
        deadline="propagate" if stops else "none",
    )  # fmt: skip
    made = processors(fixed(100), cores=1)
    system = plant([made], Times([0, 0]), edges=[edge])

    run_until(system, 1)

    assert counters(system)[0] == busy_ms * MS
