"""What a system is to the plant: names and numbers only, and long because it is all of them.

Times are int nanoseconds, token counts and keys are whole numbers, shares run from 0 to 1.
"""

from dataclasses import dataclass, field
from typing import Literal

from simulator.plant.client_spec import Client, Session
from simulator.plant.content_spec import (
    EVICTS,
    Cache,
    Evicts,
    Likeness,
    Meaning,
    VectorIndex,
)
from simulator.plant.laws import Distribution
from simulator.plant.limits_spec import Limits
from simulator.plant.llm_spec import Adapters, RemotePrefill, Speculation
from simulator.plant.provider_spec import Terms
from simulator.plant.spec_parts import (
    Adaptive,
    Breaker,
    ConnectionPool,
    Content,
    NetworkSpec,
    Outliers,
    Shedding,
)

__all__ = [  # what this module is asked for besides its own
    "EVICTS",
    "Cache",
    "Client",
    "Distribution",
    "Evicts",
    "Likeness",
    "Meaning",
    "Session",
    "VectorIndex",
]
_NO_TOKENS = Distribution("fixed", 0)

USERS = "users"
"""The caller of every entry edge: the people and programs outside."""
PRIORITY_MIN, PRIORITY_MAX = -9, 9
"""How unimportant and how important requests of a class may be."""


@dataclass(frozen=True, slots=True)
class Work:
    """Occupies one server of the component for a drawn time, and more for the request's tokens."""

    lasts: Distribution
    per_prompt_token_ns: int = 0
    per_output_token_ns: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Calls another component over the edge named by the callee.

    On a cache miss `on_miss` runs and, where it succeeds, fills the missed key. On any failure
    after the edge's own retries `on_failure` runs; where that is empty the request fails, unless
    `on_error` says to go on as if it had succeeded (`open`) or to refuse (`closed`); a callee's
    own refusal is one all the same. A guardrail's verdict refuses the request. Tokens are the
    request's own, unless the call has laws for them; they are drawn by the request's key. A call
    that writes is for relational stores.
    """

    callee: str
    on_miss: tuple["Step", ...] = ()
    on_failure: tuple["Step", ...] = ()
    on_error: Literal["", "open", "closed"] = ""
    prompt_tokens: Distribution | None = None
    output_tokens: Distribution | None = None
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Parallel:
    """Runs branches at once and joins when all (or the first) are done; any failure fails `all`."""

    branches: tuple[tuple["Step", ...], ...]
    join: Literal["all", "first"] = "all"


@dataclass(frozen=True, slots=True)
class Chance:
    """Takes `then` with the given probability, drawn by the request's key, else `otherwise`."""

    share: float
    then: tuple["Step", ...]
    otherwise: tuple["Step", ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """Ends the handler at once."""

    outcome: Literal["ok", "failed", "refused"] = "ok"


@dataclass(frozen=True, slots=True)
class Loop:
    """Runs steps a number of times, drawn by the request's key: an agent's turns.

    No more than `times_max` times (at most 200, all loops of a handler together); not again
    once the prompt has `context_max` tokens or `within_ns` have passed (0: no such limits). With
    `grows` the prompt of later calls is longer after each round by what the model last answered and
    a drawn number of tokens more, and begins with what it was before.
    """

    times: Distribution
    steps: tuple["Step", ...]
    times_max: int = 15
    grows: Distribution | None = None
    context_max: int = 0
    within_ns: int = 0


Step = Work | Call | Parallel | Chance | Return | Loop


@dataclass(frozen=True, slots=True)
class Workers:
    """`workers` servers behind one bounded queue per replica; the base of caches and indexes too.

    With `holds_worker` a server stays taken while the handler waits on others. CPU use of a
    replica is `cpu_idle + busy servers x cpu_per_worker`, in cores.
    """

    workers: int
    queue_max: int = 1024
    order: Literal["fifo", "lifo"] = "fifo"
    by_priority: bool = False  # higher priorities first, in `order` within each
    sheds_lowest: bool = False  # full: who matters more displaces the newest of the least important
    queue_timeout_ns: int = 0  # 0: none
    holds_worker: bool = False
    cpu_idle_cores: float = 0.0
    cpu_per_worker_cores: float = 0.0
    content: Cache | VectorIndex | Content | None = None
    shedding: Shedding | None = None


@dataclass(frozen=True, slots=True)
class Cpu:
    """Threads that share a replica's cores evenly, with an optional CPU limit in cores.

    Work is CPU time at full speed. Up to `threads_max` calls have a thread, which they hold while
    they wait on others if `holds_thread`; the others wait in one bounded queue. `contention` and
    `coherency` are the two coefficients of the Universal Scalability Law.
    """

    cores: float
    limit_cores: float = 0.0  # 0: none
    period_ns: int = 100_000_000  # of the limit's enforcement
    threads_max: int = 1 << 40
    holds_thread: bool = True
    queue_max: int = 1024
    order: Literal["fifo", "lifo"] = "fifo"
    by_priority: bool = False
    sheds_lowest: bool = False
    queue_timeout_ns: int = 0
    contention: float = 0.0
    coherency: float = 0.0
    cpu_idle_cores: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A guardrail's: the shares of unsafe and of safe requests that it stops."""

    detected: float
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Batch:
    """Serves up to `batch_max` calls together after at most `window_ns`.

    A batch takes base + per_item x items + per_token x tokens computed: those of its items or,
    where it `pads`, its items times its longest. A call has `items` of `item_tokens` each (None:
    the prompt's), cut at `item_tokens_max`.
    """

    batch_max: int
    window_ns: int
    base_ns: int
    per_item_ns: int
    queue_max: int = 4096
    cpu_idle_cores: float = 0.0
    cpu_busy_cores: float = 0.0
    per_token_ns: float = 0.0
    pads: bool = False
    tokens_max: int = 0  # computed in one batch; 0: any
    items: int = 1
    item_tokens: Distribution | None = None
    item_tokens_max: int = 0  # 0: any
    verdict: Verdict | None = None
    lift: float = 0.0  # reranking: share of what retrieval missed that it puts right


@dataclass(frozen=True, slots=True)
class Llm:
    """A continuous-batching model server; step time is the formula of plant.md §3.2.

    step_ms = o + r*n + head + (w^p + (s*T)^p)^(1/p) + c*K + q*Q + m0 + m*T, with T new tokens,
    K context tokens read by decodes, Q chunk*(context + chunk/2) over prefill chunks, n sequences.

    `schedules_ahead` is vLLM's asynchronous scheduling, `whole_prompt_fits` its
    `scheduler_reserve_full_isl`: both on by default in vLLM 0.19 and later, off before.
    """

    w_ms: float
    s_us_per_token: float
    p: float
    c_ns_per_kv_token: float
    q_ns_per_pair: float
    head_ms: float
    o_ms: float
    r_us_per_sequence: float
    m0_ms: float
    m_us_per_token: float
    kv_tokens: int
    max_num_seqs: int = 256
    max_num_batched_tokens: int = 8192
    schedules_ahead: bool = False  # a step's batch is made as the step before it starts
    whole_prompt_fits: bool = False  # to be admitted, a call needs free blocks for all of it
    prefix_caching: bool = True  # free KV blocks keep what they hold until they are needed
    model_tokens_max: int = 131_072
    request_overhead_ns: int = 12_000_000
    stream_ns_per_token: int = 0  # detokenising and sending, behind the step
    step_noise_sigma: float = 0.0
    by_priority: bool = False  # its class's, in the queue and when blocks are short; else in order
    speculation: Speculation | None = None
    adapters: Adapters | None = None
    prefill: RemotePrefill | None = None
    queue_max: int = 1_000_000
    cpu_idle_cores: float = 0.1
    cpu_busy_cores: float = 1.0


@dataclass(frozen=True, slots=True)
class External:
    """A provider outside: quotas as token buckets, latency as drawn, and its further terms.

    A refused call answers 429 after one network trip and is counted by the caller.
    """

    ttft: Distribution
    tokens_per_second: float
    requests_per_minute: float = 0.0  # 0: no quota
    tokens_per_minute: float = 0.0
    quality: float = 1.0
    terms: Terms = field(default_factory=Terms)


Discipline = Workers | Cpu | Batch | Llm | External


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


Balance = Literal[
    "round_robin", "least_request", "least_loaded", "random", "consistent_hash", "prefix_aware"
]
"""How a replica is chosen.

`least_request` compares two drawn at random, `least_loaded` all. `consistent_hash` keeps what asks
for the same at the same replica, walking on from those beyond the bound; `prefix_aware` goes from
there to the least loaded.
"""


RetryOn = Literal["connect", "reset", "timeout", "5xx", "429"]
"""What is tried again; 5xx includes a full queue (503) and nobody ready."""


@dataclass(frozen=True, slots=True)
class EdgeSpec:
    """How one component calls another.

    Attempt k (from 0) is followed, when it fails and a retry is allowed, by a pause of
    backoff x 2^k (full jitter: uniform from 0 to that). `retry_budget` is the largest share of
    retries among the edge's active calls (0: no budget), never below 3 at once.
    """

    caller: str
    callee: str
    delay_ns: int = 0  # one way
    timeout_ns: int = 0  # per attempt; 0: none
    connect_timeout_ns: int = 1_000_000_000  # an attempt to an unreachable replica
    retries_max: int = 0
    backoff_ns: int = 0
    jitter: Literal["none", "full"] = "none"
    retry_budget: float = 0.0
    retries_on: tuple[RetryOn, ...] = ("connect", "reset", "timeout", "5xx")
    honours_retry_after: bool = False  # waits as long as the answer says, in the backoff's place
    balance: Balance = "round_robin"
    load_refresh_ns: int = 0  # how old the loads may be that it compares; 0: as they are
    load_bound: float = 0.0  # hashing: a replica takes up to this x its share of calls; 0: any
    near_until: float = 0.0  # the caller's zone, up to this x its share of calls; 0: zones are one
    split_to: str = ""  # another component that takes `split_share` of the calls
    split_share: float = 0.0
    on_timeout: Literal["cancel", "leave"] = "cancel"  # leave: the work goes on unseen
    deadline: Literal["none", "check", "propagate"] = "none"  # see plant/deadlines.py
    loss: float = 0.0  # of packets, either way
    jitter_ns: int = 0  # a message takes up to so much longer
    request_bytes: int = 1024  # besides what its tokens take
    answer_bytes: int = 1024
    concurrency_max: int = 0  # 0: no limit; above it calls fail at once
    adaptive: Adaptive | None = None
    breaker: Breaker | None = None
    outliers: Outliers | None = None
    hedge_after_ns: int = 0  # another attempt beside one that has not answered; 0: none
    hedges_max: int = 1
    pool: ConnectionPool | None = None
    latency_bounds_s: tuple[float, ...] = (
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    )  # fmt: skip


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
