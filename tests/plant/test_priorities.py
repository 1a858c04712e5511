"""Queues that go by priority, against a plain list that is sorted anew each time."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant import layout as at
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import ClassSpec, EdgeSpec, PlantSpec, PoolSpec, Workers
from tests.plant.systems import MS, Times, fixed, run_until
from tests.plant.traced import Ended, ended_calls

LEVELS = (-1, 0, 2)


@dataclass
class PlainQueue:
    """Servers behind one list; who waits is `(priority, number, gives up at)`."""

    spec: Workers
    lasts: int
    busy: list[tuple[int, int]] = field(default_factory=list)
    waiting: list[tuple[int, int, int]] = field(default_factory=list)
    ended: dict[int, Ended] = field(default_factory=dict)

    def arrive(self, number: int, priority: int, now: int) -> None:
        gives_up = now + self.spec.queue_timeout_ns if self.spec.queue_timeout_ns else 1 << 62
        if not self.waiting and len(self.busy) < self.spec.workers:
            self.busy.append((now + self.lasts, number))
            return
        if len(self.waiting) >= self.spec.queue_max:
            lowest = min((each[0] for each in self.waiting), default=priority)
            if not self.spec.sheds_lowest or lowest >= priority:
                self.ended[number] = Ended(now, at.REJECTED)
                return
            victim = max((each for each in self.waiting if each[0] == lowest), key=lambda w: w[1])
            self.waiting.remove(victim)
            self.ended[victim[1]] = Ended(now, at.REJECTED)
        self.waiting.append((priority, number, gives_up))

    def run(self, until: int) -> None:
        """Let everything happen that is due before an instant, or at it."""
        while True:
            frees = min(self.busy, default=(1 << 62, 0))
            leaves = min(((w[2], w[1]) for w in self.waiting), default=(1 << 62, 0))
            now = min(frees[0], leaves[0])
            if now > until or now == 1 << 62:
                return
            if leaves[0] <= frees[0]:
                self.waiting = [each for each in self.waiting if each[1] != leaves[1]]
                self.ended[leaves[1]] = Ended(now, at.REJECTED)
                continue
            self.busy.remove(frees)
            self.ended[frees[1]] = Ended(now, at.OK)
            if self.waiting:
                newest_first = self.spec.order == "lifo"
                chosen = max(self.waiting, key=lambda w: (w[0], w[1] if newest_first else -w[1]))
                self.waiting.remove(chosen)
                self.busy.append((now + self.lasts, chosen[1]))


def system_of(spec: Workers, lasts_ms: float, arrivals: list[tuple[int, int]]) -> Plant:
    """A plant with one class per level; arrivals are (time, place in LEVELS)."""
    names = [f"level{place}" for place in range(len(LEVELS))]
    plant_spec = PlantSpec(
        (PoolSpec("a", spec, 1, default_handler=(fixed(lasts_ms),)),),
        (EdgeSpec("users", "a"),),
        tuple(
            ClassSpec(name, "a", priority=priority, traced_share=1.0)
            for name, priority in zip(names, LEVELS, strict=True)
        ),
    )
    sources = {
        name: Times([time for time, of in arrivals if of == place])
        for place, name in enumerate(names)
    }
    return Plant(plant_spec, 1, sources)


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 2)), min_size=1, max_size=40),
    workers=st.integers(1, 3),
    queue_max=st.sampled_from([0, 1, 4, 100]),
    newest_first=st.booleans(),
    sheds=st.booleans(),
    timeout_ms=st.sampled_from([0, 170]),
)
def test_a_queue_by_priority_equals_a_plain_list(
    *, gaps: list[tuple[int, int]], workers: int, queue_max: int, newest_first: bool, sheds: bool,
    timeout_ms: int,
) -> None:  # fmt: skip
    # Times that no two things share: what comes at one instant is another promise.
    arrivals = [(MS * sum(gap for gap, _ in gaps[: n + 1]) + n + 1, gaps[n][1])
                for n in range(len(gaps))]  # fmt: skip
    spec = Workers(
        workers, queue_max, "lifo" if newest_first else "fifo", by_priority=True,
        sheds_lowest=sheds, queue_timeout_ns=timeout_ms * MS,
    )  # fmt: skip
    reference = PlainQueue(spec, 97 * MS + 500_000)
    for number, (time, place) in enumerate(arrivals):
        reference.run(time)
        reference.arrive(number, LEVELS[place], time)
    reference.run(1 << 61)

    system = system_of(spec, 97.5, arrivals)
    run_until(system, 30)

    assert ended_calls(system) == {
        arrivals[number][0]: ended for number, ended in reference.ended.items()
    }


def test_without_shedding_a_full_queue_refuses_whoever_comes() -> None:
    spec = Workers(1, 1, by_priority=True)

    system = system_of(spec, 100, [(0, 0), (MS, 0), (2 * MS, 2)])
    run_until(system, 1)

    assert ended_calls(system)[2 * MS] == Ended(2 * MS, at.REJECTED)


def test_a_displaced_call_is_counted_as_rejected() -> None:
    spec = Workers(1, 1, by_priority=True, sheds_lowest=True)

    system = system_of(spec, 100, [(0, 0), (MS, 0), (2 * MS, 2)])
    run_until(system, 1)

    row = system.replica_row(0)
    assert (row[ReplicaProbe.COMPLETED], row[ReplicaProbe.REJECTED]) == (2, 1)
    assert ended_calls(system)[MS] == Ended(2 * MS, at.REJECTED)


@pytest.mark.parametrize("sheds", [False, True])
def test_whoever_waits_at_a_killed_replica_is_reset(*, sheds: bool) -> None:
    spec = Workers(1, 5, by_priority=True, sheds_lowest=sheds)
    system = system_of(spec, 100, [(0, 0), (MS, 0), (2 * MS, 2), (3 * MS, 1)])
    run_until(system, 0.01)

    system.kill(0)

    system.check_conservation()
    assert {ended.result for ended in ended_calls(system).values()} == {at.RESET}
    assert system.replica_row(0)[ReplicaProbe.QUEUED] == 0
