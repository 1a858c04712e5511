"""The batch server gives what a plain one with lists gives: equal, not close."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant import batch
from simulator.plant.spec import Batch

MS = 1_000_000


class Server(Protocol):
    def arrive(self, slot: int, now: int) -> int: ...
    def step(self, now: int) -> tuple[int, ...]: ...
    def due(self, now: int) -> int: ...
    def abort(self, slot: int, now: int) -> int: ...
    def retime(self, now: int, slowdown: float) -> int: ...
    def reset(self) -> None: ...
    def row(self) -> tuple[int, ...]: ...


def lengths(slot: int) -> list[int]:
    """The tokens of each item of a call, by its number."""
    return [1 + (7 * slot + 3 * item) % 11 for item in range(1 + slot % 3)]


@dataclass(slots=True)
class PlainServer:
    spec: Batch
    queue: list[tuple[int, int]] = field(default_factory=list)  # slot, arrival
    items: int = 0
    tokens: int = 0
    padding: int = 0
    served: list[int] | None = None
    started_at: int = 0
    ends_at: int = 0
    remaining: float = 0.0
    slowdown: float = 1.0
    batches: int = 0
    busy_ns: int = 0

    def arrive(self, slot: int, now: int) -> int:
        if self.spec.tokens_max and max(lengths(slot)) > self.spec.tokens_max:
            return batch.ITEM_TOO_LONG
        if len(self.queue) >= self.spec.queue_max:
            return batch.QUEUE_FULL
        self.queue.append((slot, now))
        return batch.QUEUED

    def step(self, now: int) -> tuple[int, ...]:
        done: tuple[int, ...] = ()
        if self.slowdown <= 0:
            return done
        if self.served is not None and self.ends_at <= now:
            done, self.served = tuple(self.served), None
            self.batches += 1
            self.busy_ns += now - self.started_at
        waits = bool(self.queue) and self.served is None
        if waits and (self.is_full() or now >= self.queue[0][1] + self.spec.window_ns):
            size = self.size()
            self.served = [slot for slot, _ in self.queue[:size]]
            self.queue = self.queue[size:]
            held = [length for slot in self.served for length in lengths(slot)]
            computed = self.computed(self.served)
            passes = -(-computed // self.spec.tokens_max) if self.spec.tokens_max else 1
            self.items += len(held)
            self.tokens += sum(held)
            self.padding += computed - sum(held)
            work: float = self.spec.base_ns * max(passes, 1)
            work += self.spec.per_item_ns * len(held)
            work += computed * self.spec.per_token_ns
            self.started_at = now
            self.ends_at = now + max(int(work * self.slowdown + 0.5), 1)
        return done

    def due(self, now: int) -> int:
        if self.slowdown <= 0:
            return -1
        if self.served is not None:
            return max(self.ends_at, now)
        if not self.queue:
            return -1
        return now if self.is_full() else max(self.queue[0][1] + self.spec.window_ns, now)

    def computed(self, slots: list[int]) -> int:
        held = [length for slot in slots for length in lengths(slot)]
        return len(held) * max(held) if self.spec.pads else sum(held)

    def size(self) -> int:
        """Largest batch from the queue's head that keeps both limits, but one call at least."""
        slots = [slot for slot, _ in self.queue[: self.spec.batch_max]]
        most = self.spec.tokens_max or 10**9
        fitting = [n for n in range(1, len(slots) + 1) if self.computed(slots[:n]) <= most]
        return max(fitting, default=1)

    def is_full(self) -> bool:
        return len(self.queue) >= self.spec.batch_max or self.size() < len(self.queue)

    def abort(self, slot: int, now: int) -> int:  # noqa: ARG002  the server's face
        before = len(self.queue) + len(self.served or [])
        self.queue = [call for call in self.queue if call[0] != slot]
        if self.served is not None:
            self.served = [served for served in self.served if served != slot]
        return before - len(self.queue) - len(self.served or [])

    def retime(self, now: int, slowdown: float) -> int:
        old, self.slowdown = self.slowdown, slowdown
        if self.served is None:
            return -1
        if old > 0:
            self.remaining = max(self.ends_at - now, 0) / old
        if slowdown <= 0:
            return -1
        self.ends_at = now + int(self.remaining * slowdown + 0.5)
        return self.ends_at

    def reset(self) -> None:
        self.queue, self.served = [], None

    def row(self) -> tuple[int, ...]:
        counts = (self.batches, self.busy_ns, self.items, self.tokens, self.padding)
        return (len(self.queue), len(self.served or []), *counts)


class CompiledServer:
    def __init__(self, spec: Batch) -> None:
        self.tables = batch.batch_tables(1, 4)
        batch.batch_configure(self.tables, 0, spec)
        self.out = np.zeros((spec.batch_max, 2), dtype=np.int64)

    def arrive(self, slot: int, now: int) -> int:
        if slot >= self.tables.calls.shape[0]:
            self.tables = batch.batch_grow(self.tables, 1, 2 * slot)
        held, call = lengths(slot), self.tables.calls[slot]
        call[batch.CALL_ITEMS], call[batch.CALL_TOKENS] = len(held), sum(held)
        call[batch.LONGEST] = max(held)
        return batch.batch_arrive(self.tables, 0, slot, now)

    def step(self, now: int) -> tuple[int, ...]:
        n = batch.batch_step(self.tables, 0, now, self.out)
        return tuple(int(slot) for slot in self.out[:n, 0])

    def due(self, now: int) -> int:
        return batch.batch_due(self.tables, 0, now)

    def abort(self, slot: int, now: int) -> int:
        return batch.batch_abort(self.tables, 0, slot, now)

    def retime(self, now: int, slowdown: float) -> int:
        return batch.batch_retime(self.tables, 0, now, slowdown)

    def reset(self) -> None:
        batch.batch_reset(self.tables, 0)

    def row(self) -> tuple[int, ...]:
        return tuple(int(value) for value in self.tables.ints[0, : batch.BATCH_MAX])


Happening = tuple[int, str, int]


def play(server: Server, happenings: list[Happening]) -> list[object]:
    """Everything that could be seen of a server while it went through (time, what, number)."""
    seen: list[object] = []
    now = arrived = 0
    for at, what, number in sorted(happenings):
        now = _run_until(server, now, at, seen)
        if what == "arrive":
            seen.append(server.arrive(arrived, now))
            arrived += 1
        elif what == "abort" and number < arrived:
            seen.append(server.abort(number, now))
        elif what == "slow":
            seen.append(server.retime(now, number / 1000))
        elif what == "reset":
            server.reset()
        seen.append((now, server.step(now), server.row()))
    _run_until(server, now, 10**12, seen)
    return seen


def _run_until(server: Server, now: int, until: int, seen: list[object]) -> int:
    while 0 <= (due := server.due(now)) <= until:
        now = due
        seen.append((now, server.step(now), server.row()))
    return max(now, until)


SPEC = Batch(batch_max=4, window_ns=5 * MS, base_ns=8 * MS, per_item_ns=MS, queue_max=6)


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Batch,
        batch_max=st.integers(1, 5),
        window_ns=st.sampled_from([0, 1, 5 * MS]),
        base_ns=st.sampled_from([0, 8 * MS]),
        per_item_ns=st.sampled_from([0, 1, MS + 1]),
        queue_max=st.sampled_from([0, 3, 100]),
        per_token_ns=st.sampled_from([0.0, 1.5, 2e5]),
        pads=st.booleans(),
        tokens_max=st.sampled_from([0, 8, 20, 60]),
    ),
    st.lists(
        st.tuples(
            st.integers(0, 100 * MS),
            st.sampled_from(["arrive"] * 6 + ["abort", "slow", "reset"]),
            st.sampled_from([0, 1, 3, 1000, 1500]),
        ),
        max_size=40,
    ),
)
def test_server_equals_the_plain_one_whatever_happens(
    spec: Batch, happenings: list[Happening]
) -> None:
    assert play(CompiledServer(spec), happenings) == play(PlainServer(spec), happenings)


def test_a_lone_call_waits_for_the_window_and_a_full_batch_does_not() -> None:
    lone, full = CompiledServer(SPEC), CompiledServer(SPEC)

    lone_seen = play(lone, [(0, "arrive", 0)])
    full_seen = play(full, [(0, "arrive", 0)] * 4)

    assert lone_seen[-1] == (14 * MS, (0,), (0, 0, 1, 9 * MS, 1, 1, 0))
    assert full_seen[-1] == (15 * MS, (0, 1, 2, 3), (0, 0, 1, 15 * MS, 7, 52, 0))


def test_a_slowdown_stretches_what_is_left_of_the_batch() -> None:
    seen = play(CompiledServer(SPEC), [(0, "arrive", 0)] * 4 + [(6 * MS, "slow", 2000)])

    assert seen[-1] == (24 * MS, (0, 1, 2, 3), (0, 0, 1, 24 * MS, 7, 52, 0))


def test_a_standing_server_goes_on_where_it_stood() -> None:
    happenings = [(0, "arrive", 0)] * 4 + [(6 * MS, "slow", 0), (50 * MS, "slow", 1000)]

    seen = play(CompiledServer(SPEC), happenings)

    assert seen[-1] == (59 * MS, (0, 1, 2, 3), (0, 0, 1, 59 * MS, 7, 52, 0))


def test_padding_computes_the_longest_of_a_batch_for_each() -> None:
    """Four calls of 1, 2, 3 and 1 items, the longest 11 tokens long, each token 1 ms."""
    spec = Batch(4, 5 * MS, 0, 0, per_token_ns=float(MS), pads=True)
    held = [length for slot in range(4) for length in lengths(slot)]

    seen = play(CompiledServer(spec), [(0, "arrive", 0)] * 4)

    computed = len(held) * max(held)
    waste = computed - sum(held)
    assert (len(held), sum(held), max(held)) == (7, 52, 11)
    assert seen[-1] == (computed * MS, (0, 1, 2, 3), (0, 0, 1, computed * MS, 7, 52, waste))


def test_a_batch_of_too_many_tokens_is_left_for_the_next() -> None:
    """Calls of 1, 19 and 21 tokens: the third would make it 41 of 40, so nobody waits for more."""
    spec = Batch(4, 5 * MS, 8 * MS, 0, tokens_max=40)

    seen = play(CompiledServer(spec), [(0, "arrive", 0)] * 3)

    assert [step[:2] for step in seen if isinstance(step, tuple) and step[1]] == [
        (8 * MS, (0, 1)),
        (16 * MS, (2,)),
    ]


def run_for_comparison() -> str:
    happenings = [(i * 700_001, "arrive", 0) for i in range(200)]
    happenings += [(i * 7_000_003, "abort", i * 9) for i in range(20)]
    return repr(play(CompiledServer(SPEC), [*happenings, (60 * MS, "slow", 1370)]))


def test_interpreted_source_gives_the_same_run() -> None:
    source = "from tests.plant.test_batch import run_for_comparison as run; print(run())"

    interpreted = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", source],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )

    assert interpreted.stdout.strip() == run_for_comparison()
