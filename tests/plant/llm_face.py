"""The face that the compiled model server and the plain one share, and what is known of a call."""

from collections.abc import Sequence as Sequenced
from dataclasses import dataclass, field
from typing import Protocol

Report = tuple[tuple[int, int], ...]
Shared = Sequenced[tuple[int, int]]
"""Key and end (tokens) of each segment that a prompt shares."""


@dataclass(slots=True, eq=False)
class Sequence:
    slot: int
    prompt: int
    output: int
    generated: int = 0
    computed: int = 0
    prefilling: bool = True
    blocks: list[int] = field(default_factory=list)
    scheduled_at: int = -1
    first_token_at: int = -1
    last_token_at: int = -1
    preempted: int = 0
    arrived_at: int = 0
    done: bool = False  # but still in the list of a server that schedules ahead
    serial: int = 0
    priority: int = 0
    key: int = 0
    adapter: int = 0
    drafted: int = 0  # tokens to verify in its next step
    shared: tuple[tuple[int, int], ...] = ()  # key and end of each segment
    shares: bool = True  # False once a block of it was there already
    cached: int = 0
    told: int = 0  # of its leading blocks

    @property
    def left(self) -> int:
        """Tokens known and not computed."""
        return self.prompt + self.generated - self.computed


@dataclass(frozen=True, slots=True)
class Row:
    running: int
    waiting: int
    kv_used: int
    kv_total: int
    steps: int
    step_ns: int
    preemptions: int
    prompt_tokens: int
    generation_tokens: int
    inter_token: tuple[int, ...]
    prefix_hits: int = 0
    prefix_misses: int = 0
    speculation: tuple[int, ...] = (0, 0, 0)  # verifications, tokens drafted, accepted
    adapters: tuple[int, ...] = ()  # on the GPU


@dataclass(frozen=True, slots=True)
class Asks:
    """What of a call matters to a server that goes one by one."""

    priority: int = 0
    adapter: int = 0
    key: int = 0


NONE = Asks()


class Server(Protocol):
    def arrive(
        self, slot: int, prompt: int, output: int, now: int, shared: Shared = (), asks: Asks = NONE
    ) -> int: ...
    def start(self, now: int) -> int: ...
    def end(self, now: int) -> Report: ...
    def abort(self, slot: int, now: int) -> int: ...
    def retime(self, now: int, slowdown: float) -> int: ...
    def set_seqs(self, value: int) -> None: ...
    def set_acceptance(self, value: float) -> None: ...
    def set_kv_tokens(self, value: int) -> None: ...
    def reset(self) -> None: ...
    def row(self) -> Row: ...
    def call(self, slot: int) -> tuple[int, ...]: ...
