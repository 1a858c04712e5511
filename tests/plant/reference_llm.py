"""A model server in plain Python, sequence by sequence and block by block, to be compared with.

It follows the mechanism of vLLM's scheduler and keeps no sums. `Server` is the face it shares with
the compiled one; `tests.plant.llm_player` drives either.
"""

from collections import deque

from simulator.plant import arithmetic, chance, llm, llm_tables
from simulator.plant.spec import Llm
from tests.plant.llm_face import NONE, Asks, Report, Row, Sequence, Shared
from tests.plant.reference_adapters import Loaded
from tests.plant.reference_blocks import Name, Pool
from tests.plant.reference_work import knee_ns, rightly_drafted


class PlainServer:
    def __init__(self, spec: Llm, key: int) -> None:
        self.spec, self.key = spec, key
        self.pool = Pool(spec.kv_tokens // 16)
        self.prefix_hits = self.prefix_misses = self.serials = 0
        speculates = spec.speculation
        self.drafts = speculates.drafts if speculates else 0
        costs = speculates is not None and speculates.w_ms + speculates.s_us_per_token > 0
        self.lookahead = self.drafts if costs else 0
        self.acceptance = speculates.acceptance if speculates else 0.0
        self.speculation = [0, 0, 0]
        self.loras = Loaded(spec.adapters)
        self.max_num_seqs = min(spec.max_num_seqs, spec.max_num_batched_tokens)
        self.slowdown = 1.0
        self.remaining = 0.0
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self.calls: dict[int, Sequence] = {}
        self.dying: list[list[int]] = []
        self.scheduled: dict[Sequence, int] = {}
        self.budget = 0
        self.started_at, self.ends_at, self.ended_at = 0, -1, -1
        self.step = self.steps = self.step_ns = self.preemptions = 0
        self.prompt_tokens = self.generation_tokens = 0
        self.inter_token = [0] * llm_tables.INTER_TOKEN_BUCKETS

    def arrive(
        self, slot: int, prompt: int, output: int, now: int, shared: Shared = (), asks: Asks = NONE
    ) -> int:
        if prompt + output > self.spec.model_tokens_max:
            return llm.TOO_LONG
        if -(-(prompt + output + self.drafts + self.lookahead) // 16) > self.pool.total:
            return llm.TOO_LONG
        if len(self.waiting) >= self.spec.queue_max:
            return llm.QUEUE_FULL
        self.serials += 1
        sequence = Sequence(
            slot, prompt, output, arrived_at=now, serial=self.serials, shared=tuple(shared),
            priority=asks.priority, adapter=asks.adapter, key=asks.key,
        )  # fmt: skip
        self.calls[slot] = sequence
        self.waiting.append(sequence)
        self._order()
        return llm.QUEUED

    def _order(self) -> None:
        if self.spec.by_priority:
            ordered = sorted(self.waiting, key=lambda each: (-each.priority, each.arrived_at))
            self.waiting = deque(ordered)

    def start(self, now: int) -> int:
        if self.ends_at >= 0:
            return -1
        is_ahead = self.spec.schedules_ahead and self.ended_at == now
        if not is_ahead or self.slowdown <= 0 or not (self._alive() or self.waiting):
            self._let_done_go()
        if self.slowdown <= 0 or not (self.running or self.waiting):
            return -1
        self.step += 1
        self.scheduled = {}
        before = self.preemptions
        self._schedule_running()
        if self.preemptions == before:
            self._schedule_waiting(self.started_at if is_ahead else now)
            if is_ahead and not self.scheduled:  # an empty batch is not made ahead
                self._let_done_go()
                self._schedule_waiting(now)
        self._let_done_go()
        if not self.scheduled and self.preemptions == before:
            self.step -= 1
            return -1
        self.started_at = now
        self.ends_at = now + max(int(self._work_ns() * self.slowdown + 0.5), 1)
        return self.ends_at

    def end(self, now: int) -> Report:
        if self.ends_at < 0:
            return ()
        self.ends_at, self.ended_at = -1, now
        self.steps += 1
        self.step_ns += now - self.started_at
        for block in [block for blocks in self.dying for block in blocks]:
            self.pool.give_up(block)
        self.dying = []
        report = []
        for sequence in list(self.running):
            if sequence not in self.scheduled:
                continue
            known = sequence.prompt + sequence.generated
            sequence.computed += self.scheduled[sequence]
            if sequence.computed < known:
                continue
            given = min(1 + self._verify(sequence, known), sequence.output - sequence.generated)
            sequence.computed = known + given - 1
            bits = self._emit(sequence, given, now)
            if bits:
                report.append((sequence.slot, bits))
        if not self.spec.schedules_ahead:
            self._let_done_go()
        return tuple(report)

    def _verify(self, sequence: Sequence, known: int) -> int:
        """How many of the drafted tokens computed in this step were right."""
        drafted = sequence.computed - known
        if drafted == 0:
            return 0
        key = chance.mix(chance.mix(sequence.key, chance.SPECULATION), sequence.generated)
        accepted = rightly_drafted(float(chance.uniform(key)), self.acceptance, drafted)
        for place, count in enumerate((1, drafted, accepted)):
            self.speculation[place] += count
        return accepted

    def abort(self, slot: int, now: int) -> int:  # noqa: ARG002  the server's face
        sequence = self.calls[slot]
        if sequence in self.waiting:
            self.waiting.remove(sequence)
        elif sequence in self._alive():
            self.running.remove(sequence)
            if self.ends_at >= 0:
                self._free_shared(sequence)
                self.dying.append(sequence.blocks[::-1])
                sequence.blocks = []
            else:
                self._free(sequence)
        else:
            return 0
        return 1

    def retime(self, now: int, slowdown: float) -> int:
        old, self.slowdown = self.slowdown, slowdown
        if self.ends_at < 0:
            return -1
        if old > 0:
            self.remaining = (self.ends_at - now) / old
        stands = slowdown <= 0
        self.ends_at = llm_tables.NEVER if stands else now + int(self.remaining * slowdown + 0.5)
        return -1 if stands else self.ends_at

    def set_acceptance(self, value: float) -> None:
        self.acceptance = value

    def set_seqs(self, value: int) -> None:
        self.max_num_seqs = min(value, self.spec.max_num_seqs, self.spec.max_num_batched_tokens)

    def set_kv_tokens(self, value: int) -> None:
        self.pool.resize(value // 16)

    def reset(self) -> None:
        self.waiting, self.running, self.dying = deque(), [], []
        self.pool = Pool(self.pool.total)
        self.loras = Loaded(self.spec.adapters)
        self.ends_at = -1

    def row(self) -> Row:
        return Row(
            len(self._alive()),
            len(self.waiting),
            self.pool.used,
            self.pool.total,
            self.steps,
            self.step_ns,
            self.preemptions,
            self.prompt_tokens,
            self.generation_tokens,
            tuple(self.inter_token),
            self.prefix_hits,
            self.prefix_misses,
            tuple(self.speculation),
            tuple(sorted(self.loras.on_gpu)),
        )

    def call(self, slot: int) -> tuple[int, ...]:
        s = self.calls[slot]
        return (s.generated, s.scheduled_at, s.first_token_at, s.preempted, s.cached)

    def _alive(self) -> list[Sequence]:
        return [sequence for sequence in self.running if not sequence.done]

    def _let_done_go(self) -> None:
        for sequence in self.running:
            if sequence.done:
                self._free(sequence)
        self.running = self._alive()

    def _schedule_running(self) -> None:
        while self.pool.used > self.pool.total:  # the cache was made smaller
            self._preempt()
        self.budget = self.spec.max_num_batched_tokens
        place = 0
        while place < len(self.running) and self.budget:
            sequence = self.running[place]
            if sequence.done:
                place += 1
                continue
            wanted = sequence.prompt + sequence.generated + sequence.drafted - sequence.computed
            longest = self.spec.model_tokens_max - 1 - sequence.computed
            tokens = min(wanted, self.budget, longest)
            while not self._allocate(sequence, tokens, self.lookahead):
                victim = self._preempt()
                place = next((i for i, s in enumerate(self.running) if s is sequence), -1)
                if victim is sequence:
                    return
            self.scheduled[sequence] = tokens
            self.budget -= tokens
            place += 1

    def _schedule_waiting(self, made_at: int) -> None:
        for sequence in [*self.waiting]:
            if not self.budget or len(self.running) >= self.max_num_seqs:
                break
            if sequence.arrived_at > made_at or not self._adapter_finds_place(sequence):
                continue
            if not self._finds_room(sequence):
                break
            self._admit(sequence, min(sequence.left, self.budget), made_at)

    def _finds_room(self, sequence: Sequence) -> bool:
        """Take over what is cached of a prompt, if there are blocks for its next chunk."""
        whole = sequence.prompt + sequence.generated
        found = self._cached(sequence)
        idle = sum(block not in self.pool.holders for block in found)
        free = self.pool.total - self.pool.used - idle
        if self.spec.whole_prompt_fits and -(-whole // 16) - len(found) > free:
            return False
        tokens = min(whole - 16 * len(found), self.budget)
        if -(-(16 * len(found) + tokens) // 16) - len(found) > free:
            return False
        self._take_over(sequence, found)
        return True

    def _admit(self, sequence: Sequence, tokens: int, made_at: int) -> None:
        """Make a waiting sequence part of the batch with so many tokens."""
        self._allocate(sequence, tokens, 0)
        self.waiting.remove(sequence)
        self.running.append(sequence)
        if sequence.scheduled_at < 0:
            sequence.scheduled_at = made_at
        self.scheduled[sequence] = tokens
        self.budget -= tokens

    def _in_batch(self) -> set[int]:
        return {each.adapter for each in self.scheduled if each.adapter}

    def _adapter_finds_place(self, sequence: Sequence) -> bool:
        batch = self._in_batch()
        if not self.spec.adapters or sequence.adapter in {0, *batch}:
            return True
        return len(batch) < self.spec.adapters.on_gpu_max

    def _emit(self, sequence: Sequence, given: int, now: int) -> int:
        first = sequence.first_token_at < 0
        if first:
            sequence.first_token_at = now
            self.prompt_tokens += sequence.prompt
        else:
            gap = (now - sequence.last_token_at) / 1e9
            bounds = [*llm_tables.INTER_TOKEN_BOUNDS_S, float("inf")]
            self.inter_token[next(i for i, bound in enumerate(bounds) if gap <= bound)] += 1
        sequence.last_token_at = now
        sequence.generated += given
        sequence.prefilling = False
        sequence.drafted = self.drafts
        self.generation_tokens += given
        self._tell_until(sequence, sequence.computed)
        sequence.done = sequence.generated == sequence.output
        return (llm.FIRST_TOKEN if first else 0) | (llm.DONE if sequence.done else 0)

    def _name(self, sequence: Sequence, place: int) -> Name:
        """What a full block holds: known by whoever shares it, else by its sequence alone."""
        for key, end in sequence.shared:
            if 16 * (place + 1) <= min(end, sequence.prompt):
                return ("shared", key, place)
        return ("own", sequence.serial, place)

    def _cached(self, sequence: Sequence) -> list[int]:
        """The leading blocks that are still there; one token at least is computed anew."""
        found: list[int] = []
        if not self.spec.prefix_caching:
            return found
        for place in range((sequence.prompt + sequence.generated - 1) // 16):
            block = self.pool.found.get(self._name(sequence, place))
            if block is None:
                break
            found.append(block)
        return found

    def _take_over(self, sequence: Sequence, found: list[int]) -> None:
        for block in found:
            self.pool.hold(block)
        # What is left of its own blocks behind a gap is not looked for again.
        for block, name in [*self.pool.named.items()]:
            if name[:2] == ("own", sequence.serial) and block not in found:
                self.pool.forget(block)
        sequence.blocks = list(found)
        sequence.computed = 16 * len(found)
        sequence.told = len(found)
        sequence.shares = True
        if self.spec.prefix_caching and not sequence.preempted:
            sequence.cached = sequence.computed
            self.prefix_hits += sequence.computed
            self.prefix_misses += sequence.prompt - sequence.computed

    def _allocate(self, sequence: Sequence, tokens: int, lookahead: int) -> bool:
        until = min(sequence.computed + tokens + lookahead, self.spec.model_tokens_max)
        wanted = max(-(-until // 16) - len(sequence.blocks), 0)
        if wanted > self.pool.total - self.pool.used:
            return False
        sequence.blocks += [self.pool.take() for _ in range(wanted)]
        known = sequence.prompt + sequence.generated
        self._tell_until(sequence, min(sequence.computed + tokens, known))
        return True

    def _tell_until(self, sequence: Sequence, tokens: int) -> None:
        while self.spec.prefix_caching and sequence.told < tokens // 16:
            self._tell(sequence, sequence.told)
            sequence.told += 1

    def _tell(self, sequence: Sequence, place: int) -> None:
        """Let others find a block that is full, unless there is such a one already."""
        name = self._name(sequence, place)
        if name[0] == "shared":
            sequence.shares = sequence.shares and name not in self.pool.found
            if not sequence.shares:
                return
        self.pool.named[sequence.blocks[place]] = name
        self.pool.found[name] = sequence.blocks[place]

    def _free(self, sequence: Sequence) -> None:
        for block in reversed(sequence.blocks):
            self.pool.give_up(block)
        sequence.blocks = []

    def _free_shared(self, sequence: Sequence) -> None:
        shared = [b for b in sequence.blocks if self.pool.named.get(b, ("",))[0] == "shared"]
        sequence.blocks = [b for b in sequence.blocks if b not in shared]
        for block in reversed(shared):
            self.pool.give_up(block)

    def _preempt(self) -> Sequence:
        sequence = self.running[-1]
        if self.spec.by_priority and self._alive():
            sequence = max(self._alive(), key=lambda each: (-each.priority, each.arrived_at))
        self.running.remove(sequence)
        self.budget += self.scheduled.pop(sequence, 0)
        self._free(sequence)
        self.preemptions += 1
        if sequence.done:  # which the server does not know yet
            return sequence
        sequence.computed = sequence.drafted = 0
        sequence.prefilling = True
        sequence.preempted += 1
        self.waiting.appendleft(sequence)
        self._order()
        return sequence

    def _work_ns(self) -> float:
        """The formula of plant.md §3.2, its terms in the order the engine adds them."""
        spec = self.spec
        new = sum(self.scheduled.values())
        if new == 0:
            return spec.o_ms * 1e6
        context = pairs = sampled = 0
        for sequence, tokens in self.scheduled.items():
            if sequence.prefilling:
                pairs += tokens * (2 * sequence.computed + tokens)
            else:
                context += sequence.computed + tokens
            sampled += sequence.computed + tokens >= sequence.prompt + sequence.generated
        linear = knee_ns(spec.w_ms, spec.s_us_per_token, spec.p, new)
        if spec.adapters and self._in_batch():
            linear *= 1.0 + spec.adapters.overhead_share
        work = (spec.o_ms + spec.head_ms + spec.m0_ms) * 1e6
        work = work + spec.r_us_per_sequence * 1e3 * sampled + linear
        work += spec.c_ns_per_kv_token * context + 0.5 * spec.q_ns_per_pair * pairs
        work += spec.m_us_per_token * 1e3 * new
        if spec.speculation and self.lookahead and sampled:
            w, s = spec.speculation.w_ms, spec.speculation.s_us_per_token
            passes = (self.drafts - 1) * knee_ns(w, s, spec.p, sampled)
            work += knee_ns(w, s, spec.p, new) + passes
        if spec.step_noise_sigma > 0:
            u = chance.uniform(chance.mix(chance.mix(self.key, chance.NOISE), self.step))
            work *= arithmetic.exp(spec.step_noise_sigma * arithmetic.normal_quantile(u))
        return work + self.loras.load_ns(self._in_batch())
