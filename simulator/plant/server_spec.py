"""How a component serves: its discipline, with names and numbers only."""

from dataclasses import dataclass, field
from typing import Literal

from simulator.plant.content_spec import Cache, VectorIndex
from simulator.plant.laws import Distribution
from simulator.plant.llm_spec import Adapters, RemotePrefill, Speculation
from simulator.plant.provider_spec import Terms
from simulator.plant.spec_parts import Content, Shedding


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
