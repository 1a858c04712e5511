"""What a system is to the plant: names and numbers only.

Times are int nanoseconds, token counts and keys are whole numbers, shares run from 0 to 1. Steps,
disciplines and edges have files of their own, and are all found here.
"""

from dataclasses import dataclass, field

from simulator.plant.client_spec import Client, Session
from simulator.plant.content_spec import (
    EVICTS,
    Cache,
    Evicts,
    Likeness,
    Meaning,
    VectorIndex,
)
from simulator.plant.edge_spec import Balance, EdgeSpec, RetryOn
from simulator.plant.laws import Distribution
from simulator.plant.limits_spec import Limits
from simulator.plant.server_spec import (
    Batch,
    Cpu,
    Discipline,
    External,
    Llm,
    Verdict,
    Workers,
)
from simulator.plant.spec_parts import NetworkSpec
from simulator.plant.step_spec import Call, Chance, Loop, Parallel, Return, Step, Work

__all__ = [  # what this module is asked for besides its own
    "EVICTS", "Balance", "Batch", "Cache", "Call", "Chance", "Client", "Cpu", "Discipline",
    "Distribution", "EdgeSpec", "Evicts", "External", "Likeness", "Llm", "Loop", "Meaning",
    "Parallel", "RetryOn", "Return", "Session", "Step", "VectorIndex", "Verdict", "Work",
    "Workers",
]  # fmt: skip
_NO_TOKENS = Distribution("fixed", 0)

USERS = "users"
"""The caller of every entry edge: the people and programs outside."""
PRIORITY_MIN, PRIORITY_MAX = -9, 9
"""How unimportant and how important requests of a class may be."""


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """The replicas of one component behind one balancer.

    `latency_bounds_s` are the exporter's own histogram bounds for its response times.
    """

    name: str
    discipline: Discipline
    replicas: int  # rows made ready at the start
    handlers: dict[str, tuple[Step, ...]] = field(default_factory=dict)  # class to program
    default_handler: tuple[Step, ...] = ()  # for classes without one of their own
    latency_bounds_s: tuple[float, ...] = (
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    )  # fmt: skip
    engine_bounds: tuple[tuple[float, ...], ...] = ()
    """Of a model server: queue time and TTFT in s, prompt and output tokens; none: vLLM's."""
    per_token_bounds_s: tuple[float, ...] = ()
    """Of a model server that counts each answer's mean time per token, not gaps between tokens."""
    quality: float = 1.0  # of the release its first replicas run
    limits: Limits | None = None  # what its replicas use and may use; none: nothing runs out
    zones: tuple[int, ...] = ()  # of its first replicas, in turn; none: all in zone 0


@dataclass(frozen=True, slots=True)
class SharedPrompt:
    """One level of what a class's prompts begin with: one of `variants`, Zipf popular.

    Levels of the same name, tokens and variant are the same for all classes.
    """

    tokens: int
    variants: int = 1
    zipf: float = 0.0
    name: str = ""  # "": the class's own


@dataclass(frozen=True, slots=True)
class ClassSpec:
    """One kind of request and the people who send it.

    `late_ttft_ns` / `late_e2e_ns` (0: none) decide late. A client retries a *failed or refused*
    answer after `client_backoff_ns`, as the same intent, unless its prompt was too long, and leaves
    after `patience_ns`.
    """

    name: str
    entry: str
    prompt_tokens: Distribution = _NO_TOKENS
    output_tokens: Distribution = _NO_TOKENS
    key_zipf: float = 0.0  # popularity exponent of the class's cache keys
    keys: int = 0  # how many distinct keys; 0: every request its own
    shared_prompt: tuple[SharedPrompt, ...] = ()  # how its prompts begin, at most three levels
    adapter: str = ""  # the LoRA adapter it asks model servers for that have any
    patience_ns: int = 0
    client_retries_max: int = 0
    client_backoff_ns: int = 1_000_000_000
    late_ttft_ns: int = 0
    late_e2e_ns: int = 0
    evaluated_share: float = 0.0  # of answers scored by a judge
    judge_error_share: float = 0.0  # of those, scored the wrong way round
    unsafe_share: float = 0.0  # of requests that must not be answered: an answer is wrong
    thumbs_down_share_wrong: float = 0.0
    thumbs_down_share_good: float = 0.0
    traced_share: float = 0.0  # of requests whose calls are kept for tracing
    zone: int = -1  # where its users are; -1: at the door
    priority: int = 0  # PRIORITY_MIN to PRIORITY_MAX; the higher, the more important
    client: Client | None = None  # habits beyond these; none: they cost nothing
    ttft_bounds_s: tuple[float, ...] = (
        0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlantSpec:
    """A whole system; pools, edges and classes are numbered by their place in these tuples."""

    pools: tuple[PoolSpec, ...]
    edges: tuple[EdgeSpec, ...]
    classes: tuple[ClassSpec, ...]
    bin_ns: int = 10_000_000_000  # of outcome counts, by arrival time
    day_ns: int = 0  # time of day at time 0
    network: NetworkSpec | None = None
