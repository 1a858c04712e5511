"""Compiled model servers behind the reference's face, and a player that drives either."""

from collections import deque
from collections.abc import Sequence as Sequenced
from dataclasses import dataclass

import numpy as np

from simulator.plant import (
    chance,
    llm,
    llm_adapters,
    llm_batch,
    llm_jumps,
    llm_segments,
    llm_tables,
)
from simulator.plant.spec import Llm
from tests.plant.llm_face import NONE, Asks, Report, Row, Server, Shared

ADAPTERS = 3


class CompiledServer:
    """Replica 1 of two, so that a wrong row would show."""

    def __init__(self, spec: Llm, key: int, calls: int) -> None:
        self.tables = llm_tables.llm_tables(
            2, calls, spec.max_num_seqs, spec.kv_tokens // 16, adapters=ADAPTERS
        )
        llm_tables.llm_configure(self.tables, 1, spec, key)
        self.out = np.zeros((spec.max_num_seqs, 2), dtype=np.int64)

    def arrive(
        self, slot: int, prompt: int, output: int, now: int, shared: Shared = (), asks: Asks = NONE
    ) -> int:
        answer = llm.llm_arrive(self.tables, 1, slot, prompt, output, now, asks.priority, asks.key)
        if answer == llm.QUEUED:
            llm_adapters.llm_use_adapter(self.tables, slot, asks.adapter)
            for key, end in shared:
                llm_segments.llm_share_own(self.tables, slot, key, end)
        return answer

    def start(self, now: int) -> int:
        return llm.llm_start_step(self.tables, 1, now)

    def end(self, now: int) -> Report:
        n = llm.llm_end_step(self.tables, 1, now, self.out)
        return tuple((int(slot), int(bits)) for slot, bits in self.out[:n])

    def abort(self, slot: int, now: int) -> int:
        return llm.llm_abort(self.tables, 1, slot, now)

    def retime(self, now: int, slowdown: float) -> int:
        return llm.llm_retime(self.tables, 1, now, slowdown)

    def set_acceptance(self, value: float) -> None:
        self.tables.floats[1, llm_tables.ACCEPTANCE] = value

    def set_seqs(self, value: int) -> None:
        llm_tables.llm_set_max_num_seqs(self.tables, 1, value)

    def set_kv_tokens(self, value: int) -> None:
        llm.llm_set_kv_tokens(self.tables, 1, value)

    def reset(self) -> None:
        llm.llm_reset(self.tables, 1)

    def row(self) -> Row:
        row = [int(value) for value in self.tables.ints[1]]
        end = llm_tables.INTER_TOKEN + llm_tables.INTER_TOKEN_BUCKETS
        histogram = tuple(row[llm_tables.INTER_TOKEN : end])
        return Row(
            row[llm_tables.RUNNING],
            row[llm_tables.WAITING],
            row[llm_tables.KV_USED],
            row[llm_tables.KV_TOTAL],
            row[llm_tables.STEPS],
            row[llm_tables.STEP_NS],
            row[llm_tables.PREEMPTIONS],
            row[llm_tables.PROMPT_TOKENS],
            row[llm_tables.GENERATION_TOKENS],
            histogram,
            row[llm_tables.PREFIX_HITS],
            row[llm_tables.PREFIX_MISSES],
            tuple(row[llm_tables.DRAFTS : llm_tables.ACCEPTED_TOKENS + 1]),
            tuple(np.flatnonzero(self.tables.adapters[1, :, llm_tables.ON_GPU]).tolist()),
        )

    def call(self, slot: int) -> tuple[int, ...]:
        call = self.tables.calls[slot]
        return (
            int(llm_batch.llm_generated(self.tables, 1, slot)),
            int(call[llm_tables.SCHEDULED_AT]),
            int(call[llm_tables.FIRST_TOKEN_AT]),
            int(call[llm_tables.PREEMPTED]),
            int(call[llm_tables.CACHED]),
        )


class JumpingServer(CompiledServer):
    """One that leaves out the steps at which nothing happens; settle it before anything happens."""

    def settle(self, now: int) -> None:
        llm_jumps.llm_settle(self.tables, 1, now)

    def start(self, now: int) -> int:
        super().start(now)
        return llm_jumps.llm_due(self.tables, 1)

    def end(self, now: int) -> Report:
        self.settle(now)
        return super().end(now)


@dataclass(frozen=True, slots=True)
class Happening:
    """`what` with its numbers: arrive (prompt, output, what it shares), abort (which),
    slow (per mille), seqs (n), kv (tokens), drafts (acceptance in per mille), reset (), look (),
    stop ().

    Arrivals take slots in order; `d` says their priority and adapter.
    """

    at: int
    what: str
    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0


def shared_by(which: int) -> list[tuple[int, int]]:
    """A small tree of prompts: 0 shares nothing, others a start, a template and a document."""
    if which == 0:
        return []
    start, template, document = which % 2, which % 3, which % 5
    segments = [(chance.mix(1, start), 20 + 11 * start)]
    segments.append((chance.mix(segments[0][0], 100 + template), segments[0][1] + 16 * template))
    last = (chance.mix(segments[1][0], 200 + document), segments[1][1] + 13 * document)
    return [*segments, last][: 1 + which % 4]


class Player:
    """Drives a server through happenings in order and notes all that can be seen.

    `sparsely`: at happenings and when a token or an answer is reported, not at every step.
    """

    def __init__(self, server: Server, *, sparsely: bool = False) -> None:
        self.server = server
        self.sparsely = sparsely
        self.seen: list[object] = []
        self.ends_at, self.now, self.arrived, self.events = -1, 0, 0, 0
        self.accepted: list[int] = []

    def play(self, happenings: Sequenced[Happening], steps_max: int) -> list[object]:
        queue = deque(sorted(happenings, key=lambda happening: happening.at))
        steps = 0
        while steps < steps_max and (queue or self.ends_at >= 0):
            if self.ends_at >= 0 and (not queue or self.ends_at <= queue[0].at):
                self.now, self.ends_at = self.ends_at, -1
                report = self.server.end(self.now)
                if report or not self.sparsely:
                    self.seen.append((self.now, report))
                steps += 1
                self.events += 1
                begun = self._start()
            else:
                happening = queue.popleft()
                self._apply(happening)
                if happening.what == "stop":
                    break
                begun = self._start()
                if self.sparsely:
                    self.seen.append((self.now, self.server.row()))
            if not self.sparsely:
                self.seen.append((self.now, begun, self.server.row()))
        calls = [self.server.call(slot) for slot in self.accepted]
        return self.seen + calls

    def _start(self) -> int:
        begun = self.server.start(self.now)
        self.ends_at = begun if begun >= 0 else self.ends_at
        return begun

    def _arrive(self, happening: Happening) -> None:
        asks = Asks(happening.d % 3, happening.d // 3, chance.mix(5, self.arrived))
        shared = shared_by(happening.c)
        answer = self.server.arrive(self.arrived, happening.a, happening.b, self.now, shared, asks)
        self.accepted += [self.arrived] * (answer == llm.QUEUED)
        self.seen.append(answer)
        self.arrived += 1

    def _apply(self, happening: Happening) -> None:
        server, a = self.server, happening.a
        self.now = max(happening.at, self.now)
        if isinstance(server, JumpingServer):
            server.settle(self.now)
        match happening.what:
            case "arrive":
                self._arrive(happening)
            case "abort" if self.accepted:
                slot = self.accepted[a % len(self.accepted)]
                self.seen.append(server.abort(slot, self.now))
            case "slow":
                self.ends_at = server.retime(self.now, a / 1000)
            case "reset":
                server.reset()
                self.ends_at = -1
            case _:
                self._turn(happening.what, a)

    def _turn(self, knob: str, value: int) -> None:
        match knob:
            case "seqs":
                self.server.set_seqs(value)
            case "drafts":
                self.server.set_acceptance(value / 1000)
            case "kv":
                self.server.set_kv_tokens(value)


def play(server: Server, happenings: Sequenced[Happening], steps_max: int) -> list[object]:
    """Everything that could be seen of a server while it went through the happenings."""
    return Player(server).play(happenings, steps_max)


def play_sparsely(
    server: Server, happenings: Sequenced[Happening], until: int
) -> tuple[list[object], int]:
    """What could be seen by then where something happened, and in how many events."""
    player = Player(server, sparsely=True)
    seen = player.play([*happenings, Happening(until, "stop")], 1 << 62)
    return seen, player.events
