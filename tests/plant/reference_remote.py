"""Two model servers in plain Python, one of which computes prompts for the other.

Both are `reference_llm`'s server. `KeepingServer` keeps the KV cache of what it has computed until
it is fetched; `FetchingServer` lets what was computed elsewhere wait for room. `Split` has the
calls between them, the link and the losses. `tests.plant.test_remote_reference` compares.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.plant import llm
from simulator.plant.spec import Llm
from tests.plant.llm_face import Row, Sequence
from tests.plant.reference_llm import PlainServer


class KeepingServer(PlainServer):
    """Computes prompts; the blocks of one that is done are kept until `let_go`."""

    def __init__(self, spec: Llm, key: int) -> None:
        super().__init__(spec, key)
        self.kept: dict[int, list[int]] = {}

    def let_go(self, slot: int) -> None:
        for block in reversed(self.kept.pop(slot, [])):
            self.pool.give_up(block)

    def abort(self, slot: int, now: int) -> int:
        self.let_go(slot)
        return super().abort(slot, now) if slot in self.calls else 0

    def reset(self) -> None:
        self.kept.clear()
        super().reset()

    def _free(self, sequence: Sequence) -> None:
        if sequence.done:
            self.kept[sequence.slot], sequence.blocks = sequence.blocks, []
        super()._free(sequence)


@dataclass(slots=True)
class Fetch:
    """A KV cache to be fetched: not asked for yet, asked for, or here since `came_at`."""

    asked: bool = False
    came_at: int = -1
    first_at: int = -1


class FetchingServer(PlainServer):
    """Decodes what was computed elsewhere, once its KV cache has come."""

    def __init__(self, spec: Llm, key: int) -> None:
        super().__init__(spec, key)
        self.fetches: dict[Sequence, Fetch] = {}
        self.just_asked: list[int] = []

    def offer(self, slot: int, prompt: int, output: int, now: int) -> None:
        assert self.arrive(slot, prompt, output, now) == llm.QUEUED
        self.fetches[self.calls[slot]] = Fetch()

    def come(self, slot: int, first_at: int, now: int) -> None:
        fetch = self.fetches[self.calls[slot]]
        fetch.came_at, fetch.first_at = now, first_at

    def lose(self, slot: int) -> bool:
        """Compute a prompt here that will not come; False: it was not waited for."""
        sequence = self.calls.get(slot)
        if sequence is None or self.fetches.pop(sequence, None) is None:
            return False
        self._free(sequence)
        return True

    def abort(self, slot: int, now: int) -> int:
        self.lose(slot)
        return super().abort(slot, now) if slot in self.calls else 0

    def _schedule_waiting(self, made_at: int) -> None:
        blocks_are_short = False
        for sequence in [*self.waiting]:
            if not self.budget or len(self.running) >= self.max_num_seqs:
                break
            fetch = self.fetches.get(sequence)
            if fetch and 0 <= fetch.came_at <= made_at:
                self._begin_decoding(sequence, made_at)
            elif blocks_are_short or sequence.arrived_at > made_at:
                continue
            elif fetch is None:
                blocks_are_short = not self._finds_room(sequence)
                if not blocks_are_short:
                    self._admit(sequence, min(sequence.left, self.budget), made_at)
            elif not fetch.asked:
                # One token more than the prompt, so that it can go on when it has come.
                blocks_are_short = not self._allocate(sequence, sequence.prompt + 1, 0)
                fetch.asked = not blocks_are_short
                self.just_asked += [sequence.slot] * fetch.asked

    def _begin_decoding(self, sequence: Sequence, made_at: int) -> None:
        sequence.computed, sequence.generated = sequence.prompt, 1
        sequence.prefilling = False
        sequence.last_token_at = self.fetches.pop(sequence).first_at
        self._admit(sequence, 1, made_at)
        sequence.first_token_at = sequence.scheduled_at

    def _tell_until(self, sequence: Sequence, tokens: int) -> None:
        if sequence not in self.fetches:  # nobody can find what is not here yet
            super()._tell_until(sequence, tokens)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, whose user leaves after `patience_ns` without the whole answer."""

    at: int
    prompt: int
    output: int
    patience_ns: int


@dataclass(slots=True, eq=False)
class Journey:
    """What becomes of a request. `course` is a new one when what was on its way is void."""

    slot: int
    ask: Ask
    course: int = 0
    is_at_prefill: bool = False
    first_at: int = -1
    ended_at: int = -1
    left: bool = False


@dataclass(slots=True)
class Split:
    """A decoding server, one that computes its prompts, and a link from the second to the first."""

    decode: FetchingServer
    prefill: KeepingServer
    ns_per_token: float
    latency_ns: int
    delay_ns: int  # of a call or an answer between the two
    now: int = 0
    link_free_at: int = 0
    is_up: bool = True
    journeys: list[Journey] = field(default_factory=list)
    events: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    made: int = 0

    def add(self, ask: Ask) -> None:
        journey = Journey(len(self.journeys), ask)
        self.journeys.append(journey)
        self._at(ask.at, lambda: self._arrive(journey))
        self._at(ask.at + ask.patience_ns, lambda: self._leave(journey))

    def lose_prefill(self, at: int, back_at: int) -> None:
        self._at(at, self._lose_prefill)
        self._at(back_at, self._revive)

    def look(self, at: int, seen: list[tuple[Row, Row]]) -> None:
        self._at(at, lambda: seen.append((self.decode.row(), self.prefill.row())))

    def run(self) -> None:
        while self.events:
            self.now, _, happens = heapq.heappop(self.events)
            happens()

    def _at(self, at: int, happens: Callable[[], None]) -> None:
        self.made += 1
        heapq.heappush(self.events, (at, self.made, happens))

    def _later(self, wait: int, journey: Journey, happens: Callable[[Journey], None]) -> None:
        course = journey.course
        self._at(self.now + wait, lambda: happens(journey) if course == journey.course else None)

    def _arrive(self, journey: Journey) -> None:
        if self.is_up:
            self._later(self.delay_ns, journey, self._reach_prefill)
        else:
            self._compute_here(journey)

    def _reach_prefill(self, journey: Journey) -> None:
        if not self.is_up:
            self._later(self.delay_ns, journey, self._hear_of_loss)
            return
        journey.is_at_prefill = True
        assert self.prefill.arrive(journey.slot, journey.ask.prompt, 1, self.now) == llm.QUEUED
        self._start(self.prefill)

    def _compute_here(self, journey: Journey) -> None:
        ask = journey.ask
        assert self.decode.arrive(journey.slot, ask.prompt, ask.output, self.now) == llm.QUEUED
        self._start(self.decode)

    def _offer(self, journey: Journey) -> None:
        if journey.ask.output == 1:
            self._release(journey)
            self._later(self.delay_ns, journey, self._end)
            return
        self.decode.offer(journey.slot, journey.ask.prompt, journey.ask.output, self.now)
        self._start(self.decode)

    def _send(self, journey: Journey) -> None:
        """Behind what is on the link already, wanted or not; nothing, if it is lost by now."""
        if not journey.is_at_prefill:
            return
        lasts = int(self.ns_per_token * journey.ask.prompt + 0.5)
        self.link_free_at = max(self.now, self.link_free_at) + lasts
        self._later(self.link_free_at + self.latency_ns - self.now, journey, self._sent)

    def _sent(self, journey: Journey) -> None:
        self._release(journey)
        self._later(self.delay_ns, journey, self._come)

    def _come(self, journey: Journey) -> None:
        self.decode.come(journey.slot, journey.first_at, self.now)
        self._start(self.decode)

    def _release(self, journey: Journey) -> None:
        journey.is_at_prefill = False
        self.prefill.let_go(journey.slot)
        self._start(self.prefill)

    def _lose_prefill(self) -> None:
        self.is_up = False
        for journey in self.journeys:
            if journey.is_at_prefill:
                journey.is_at_prefill = False
                journey.course += 1
                self._later(self.delay_ns, journey, self._hear_of_loss)
        self.prefill.reset()
        self.link_free_at = 0

    def _revive(self) -> None:
        self.is_up = True

    def _hear_of_loss(self, journey: Journey) -> None:
        journey.first_at = -1
        if self.decode.lose(journey.slot):
            self._start(self.decode)
        else:
            self._compute_here(journey)

    def _leave(self, journey: Journey) -> None:
        if journey.ended_at >= 0:
            return
        journey.course += 1
        journey.left, journey.is_at_prefill = True, False
        self.decode.abort(journey.slot, self.now)
        self.prefill.abort(journey.slot, self.now)
        self._start(self.decode)
        self._start(self.prefill)

    def _end(self, journey: Journey) -> None:
        journey.ended_at = self.now

    def _start(self, server: PlainServer) -> None:
        ends_at = server.start(self.now)
        for slot in self.decode.just_asked:
            self._send(self.journeys[slot])
        self.decode.just_asked = []
        if ends_at >= 0:
            self._at(ends_at, lambda: self._end_step(server, ends_at))

    def _end_step(self, server: PlainServer, ends_at: int) -> None:
        if server.ends_at != ends_at:
            return  # the server was lost meanwhile
        for slot, bits in server.end(self.now):
            self._report(server, self.journeys[slot], bits)
        self._start(server)

    def _report(self, server: PlainServer, journey: Journey, bits: int) -> None:
        if server is self.prefill:
            journey.first_at = self.now + self.delay_ns
            self._later(self.delay_ns, journey, self._offer)
            return
        if bits & llm.FIRST_TOKEN:
            journey.first_at = self.now
        if bits & llm.DONE:
            self._end(journey)
