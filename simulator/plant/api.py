"""What may be turned and how the plant speaks up; long because it is its whole vocabulary.

`simulator.plant.plant.Plant` implements `PlantPort`. Rows (replicas, edges, classes, pools) are
whole numbers; edges, classes and pools count in the order of their spec, replicas as they are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.plant.kept import Served, Traced
from simulator.plant.spec import Distribution

__all__ = ["Served", "Traced"]  # what this module is asked for besides its own


class Outcome(IntEnum):
    """What became of one user intent; the first that applies, in this order."""

    REFUSED = 0
    ABANDONED = 1
    FAILED = 2
    WRONG = 3
    LATE = 4
    GOOD = 5


class ReplicaKnob(IntEnum):
    """What may be turned on one replica; the value in brackets means healthy."""

    SLOWDOWN = 0  # service or step time x value (1.0); work in progress is re-timed
    ERROR_SHARE = 1  # of calls that fail at once with a 500 (0.0)
    REACHABLE = 2  # 0.0: nothing runs and nothing answers (1.0)
    QUALITY = 3  # share of right answers of the release it runs (the pool's)
    WEIGHT = 4  # share of the balancer's choices relative to others (1.0)
    WORKERS = 5  # servers (the spec's); fewer lets running work finish
    MAX_NUM_SEQS = 6  # llm only (the spec's)
    ACCEPTANCE = 7  # llm that speculates: of drafted tokens (the spec's)
    CORES = 8  # cpu only (the spec's): what is left of them, in parts of a core too
    CPU_LIMIT = 9  # cpu only, in cores (the spec's); 0: none
    # Where the pool has limits, what grows beside what its spec has (0.0); bytes or files:
    MEMORY_LEAK = 40  # a second
    FD_LEAK = 41
    DISK_LEAK = 42
    GPU_MEMORY_LEAK = 43
    MEMORY_LEAK_PER_CALL = 44  # left behind by each call
    FD_LEAK_PER_CALL = 45
    DISK_LEAK_PER_CALL = 46
    GPU_MEMORY_LEAK_PER_CALL = 47


class PoolKnob(IntEnum):
    """What may be turned on a component as a whole."""

    QUEUE_MAX = 0
    KEYS_MAX = 1  # cache
    TTL_NS = 2  # cache
    EF = 3  # vector index
    QUOTA_REQUESTS_PER_MINUTE = 4  # external
    QUOTA_TOKENS_PER_MINUTE = 5  # external
    QUOTA_INPUT_TOKENS_PER_MINUTE = 6  # external
    QUOTA_OUTPUT_TOKENS_PER_MINUTE = 7  # external
    BUDGET = 8  # external: money to be spent in all; 0: no limit
    OTHERS = 9  # external: share of its streams that other customers want (the spec's)
    CUT_SHARE = 10  # external: of answers that end midway (the spec's)
    QUALITY = 11  # external: share of right answers (the spec's)
    DETECTED = 12  # guardrail: share of unsafe requests it stops (the spec's)
    FALSE_ALARMS = 13  # guardrail: share of safe ones (the spec's)
    LIFT = 14  # reranking: share of what retrieval missed that it puts right (the spec's)
    TOKENS_MAX = 15  # batch: computed in one batch; 0: any
    BATCH_MAX = 16  # batch: calls in one, at most the spec's
    WINDOW_NS = 17  # batch
    SHED_PERCENT = 18  # of the spec's loads, from which on classes are refused (100)
    # Where the pool has limits, for each of its replicas; 0: no limit.
    MEMORY_MAX = 40
    FDS_MAX = 41
    DISK_MAX = 42
    GPU_MEMORY_MAX = 43
    CONNECTIONS_MAX = 44
    EVICTS = 60  # cache: place in `spec.EVICTS`
    TTL_JITTER = 61  # cache, as all to CHANGES_EVERY_NS
    STALE_NS = 62
    NEGATIVE_TTL_NS = 63
    EARLY_REFRESH = 64
    CHANGES_EVERY_NS = 65
    SIMILARITY_MIN = 66  # cache by meaning
    EMBEDDING_VERSION = 67  # cache by meaning: of the model that embeds requests (0)
    VECTORS = 68  # vector index, as all that follow: how many it holds
    MEMORY_BYTES = 69  # for vectors, of each replica; 0: as much as they need
    UNINDEXED = 70  # how many of them wait to be indexed
    INSERTS_PER_SECOND = 71
    DELETES_PER_SECOND = 72
    INDEXES_PER_SECOND = 73
    SHARDS_LOST = 74  # whoever is there (0)
    EMBEDDING_MATCH = 75  # share of vectors by the model that embeds the queries (1.0)
    BACKENDS_MAX = 20  # relational: connections to a server; those too many stay open
    LOCK_HOLD_NS = 21  # relational: how long a write holds its lock when its work is done (0)
    LOCK_TIMEOUT_NS = 22  # relational; those who wait keep the timer they have
    HOT_SHARE = 23  # relational: share of requests that ask for one row (0.0)
    REPLAY_NS = 24  # relational: a replica's time to apply a write (the spec's); below 0: never
    VISIBLE_NS = 30  # queue: how long a message is out before it is handed out again (the spec's)
    RECEIVES_MAX = 31  # queue
    PREFETCH = 32  # queue
    POISON_SHARE = 33  # queue: share of messages that fail whoever handles them (the spec's)
    PAUSED = 34  # queue: 1.0: no message is handed out (0.0)
    DEPTH_MAX = 35  # queue: at most the spec's
    BYTES_PER_SECOND = 50  # objects: of a replica (the spec's)
    PREFIX_REQUESTS_PER_SECOND = 51  # objects; 0: no limit (the spec's)


class EdgeKnob(IntEnum):
    """What may be turned on an edge."""

    DELAY_NS = 0
    TIMEOUT_NS = 1
    RETRIES_MAX = 2
    RETRY_BUDGET = 3
    BACKOFF_NS = 4
    CONCURRENCY_MAX = 5
    DIVERT_TO = 6  # row of the edge that takes this one's calls instead; -1: none
    DIVERT_SHARE = 7  # of calls diverted (1.0)
    CANCELS = 8  # 1.0: a timed-out call is cancelled downstream
    RATE_MAX = 9  # calls per second let through (token bucket of one second); 0: no limit
    LOSS = 10  # share of packets, either way
    JITTER_NS = 11  # a message takes up to so much longer
    POOL_MAX = 20  # connections of each caller's pool; those too many close as they come back
    POOL_TIMEOUT_NS = 21  # longest wait for one; those who wait keep the timer they have


class ClassKnob(IntEnum):
    """What may be turned on a request class, at the door of its entry component."""

    SHED_SHARE = 0  # of arrivals refused at once (0.0)
    RATE_MAX = 1  # arrivals per second let in (token bucket of one second); 0: no limit
    CONCURRENCY_MAX = 2  # in flight let in; 0: no limit
    PROMPT_TOKENS_MAX = 3  # longer prompts are refused with a 413; 0: no limit
    OUTPUT_TOKENS_MAX = 4  # longer answers are cut; 0: no limit
    MIX_SHARE = 5  # of arrivals whose token counts follow the class's other mix (0.0)
    UNSAFE_SHARE = 6  # of arrivals that must not be answered (the spec's)
    HOT_TENANT_SHARE = 7  # of users who are the first tenant's, besides its own (0.0)


class TenantKnob(IntEnum):
    """What may be turned for one tenant of a class, or all; 0 means no such quota."""

    REQUESTS_PER_MINUTE = 0
    TOKENS_PER_MINUTE = 1
    CONCURRENCY_MAX = 2


class SignalKind(IntEnum):
    """Why the plant speaks up; NO_REPLICA, DRAINED and DIED make `advance` return early."""

    NO_REPLICA = 0  # a call found nobody ready (at most one per pool and second)
    DRAINED = 1  # a draining replica has emptied
    RATE_LIMITED = 2
    REJECTED = 3
    TIMED_OUT = 4
    CONNECT_FAILED = 5
    ABANDONED = 6
    FAILED = 7
    PREEMPTED = 8
    SLOW = 9  # a root request beyond twice its class's limit
    RESET = 10  # a replica died with the call in flight
    DIED = 11  # a replica's process: what ran out is the value, by limits_spec.RESOURCES
    EXHAUSTED = 12  # a call was refused or failed for it; 4: connections
    PROMOTED = 16  # a read replica has become the primary


@dataclass(frozen=True, slots=True)
class Impairment:
    """Trouble on the way: which messages it meets, and what becomes of them.

    Rows and zones of -1 are any. `blocked` is the share of connections that nothing gets through,
    `loss` of packets; delay and jitter are added, one way.
    """

    edge: int = -1
    caller: int = -1  # replica
    callee: int = -1  # replica
    from_zone: int = -1  # the sender's, be it the caller or the callee
    to_zone: int = -1
    requests: bool = True
    answers: bool = True
    blocked: float = 0.0
    loss: float = 0.0
    delay_ns: int = 0
    jitter_ns: int = 0


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing the plant noticed; rows are -1 where they do not apply."""

    at: int
    kind: SignalKind
    pool: int
    replica: int
    edge: int
    request_class: int
    key: int  # the root request's key: a trace id
    value: int  # ns or a count, by kind


class Pause(IntEnum):
    """Why `advance` returned."""

    DONE = 0
    SIGNAL = 1
    SLICE = 2  # many events done: lets Ctrl-C and the progress bar in


class ScrapeKind(IntEnum):
    """What a scrape target is a row of."""

    REPLICA = 0
    EDGE = 1
    CLASS = 2
    PROVIDER = 3  # of an edge to one, as its caller's client sees it
    TENANT = 4


@dataclass(frozen=True, slots=True)
class Scrape:
    """One target's row as it stood at its own instant.

    `values` holds the probe columns of its kind (int64); `histograms` the bucket counts of each of
    its histograms in turn, not cumulative, the last bucket open-ended.
    """

    at: int
    target: int
    values: NDArray[np.int64]
    histograms: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SharedSegments:
    """What listed prompts share: rows of (key, end) for `Arrivals.prefixes` to point at.

    A row names a segment and all before it by a key from 0 to 2^63 - 1, and says where it ends in
    tokens from the prompt's start. A request has rows `at` to `at + count`.
    """

    rows: NDArray[np.int64]

    @staticmethod
    def of(at: int, count: int) -> int:
        """Point at consecutive rows, as a value of `Arrivals.prefixes`."""
        return (at << 24) + count  # layout.SEGMENT_COUNT_BITS


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One minute of one stream: sorted times; tokens and keys are drawn by the plant where -1."""

    times: NDArray[np.int64]
    prompt_tokens: NDArray[np.int64] | None = None
    output_tokens: NDArray[np.int64] | None = None
    prefixes: NDArray[np.int64] | None = None  # see `SharedSegments`; -1: what its class shares


class ArrivalSource(Protocol):
    """A stream of arrivals of one class, asked for one simulated minute at a time.

    `stream` 0 is the class's base; 1, 2, ... are the extra streams a rate multiplier above 1 adds.
    Request k of a stream is the same request whatever else happens.
    """

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals: ...


class PlantPort(Protocol):
    """The plant as the rest of the simulator sees it."""

    now: int

    def advance(self, until: int, *, inclusive: bool) -> Pause:
        """Run events before `until` (and at it, if inclusive); may return early with a reason."""
        ...

    def turn_replica(self, replica: int, knob: ReplicaKnob, value: float) -> None: ...
    def turn_pool(self, pool: int, knob: PoolKnob, value: float) -> None: ...
    def turn_edge(self, edge: int, knob: EdgeKnob, value: float) -> None: ...
    def turn_class(self, request_class: int, knob: ClassKnob, value: float) -> None: ...

    def turn_tenant(self, request_class: int, tenant: int, knob: TenantKnob, value: float) -> None:
        """Turn a quota of one tenant, of all of them with -1."""
        ...

    def set_arrival_multiplier(self, request_class: int, value: float) -> None:
        """Thin the base stream below 1; add streams of the same rate above 1."""
        ...

    def set_other_mix(
        self, request_class: int, prompt: Distribution | None, output: Distribution | None
    ) -> None:
        """Say what MIX_SHARE of the class's arrivals ask for; None keeps the class's own."""
        ...

    def impair(self, impairment: Impairment) -> int:
        """Let trouble begin on the network; its number, to end it by."""
        ...

    def repair(self, number: int) -> None:
        """End it. What was sent meanwhile arrives when it is sent again, or has been given up."""
        ...

    def add_replica(self, pool: int, ordinal: int, zone: int = 0) -> int:
        """Make a row for the pool's ordinal-th pod, not ready; draws are keyed by the ordinal.

        Zones are numbered by who calls; 0 is a place of its own, for pods of no zone.
        """
        ...

    def set_ready(self, replica: int, *, ready: bool) -> None:
        """Let the balancer choose it, or not; calls in flight go on."""
        ...

    def drain(self, replica: int) -> None:
        """Take no new calls, finish those in flight, then signal DRAINED."""
        ...

    def kill(self, replica: int) -> None:
        """Fail its calls at once, lose its content; not ready until told so again."""
        ...

    def revive(self, replica: int) -> None:
        """Start the process of a killed row afresh: empty, healthy knobs kept as set, not ready."""
        ...

    def remove(self, replica: int) -> None:
        """Kill it and never use the row again."""
        ...

    def flush_cache(self, pool: int) -> int:
        """Delete every key; return how many there were."""
        ...

    def warm_cache(self, pool: int, share: float) -> int:
        """Fill up to `share` of capacity with the most popular keys; return how many were added."""
        ...

    def replica_row(self, replica: int) -> NDArray[np.int64]:
        """Probe columns of one replica now (settled copy), by ReplicaProbe."""
        ...

    def edge_row(self, edge: int) -> NDArray[np.int64]: ...
    def class_row(self, request_class: int) -> NDArray[np.int64]: ...
    def tenant_rows(self, request_class: int) -> NDArray[np.int64]:
        """Probe columns of a class's tenants now, by [tenant, TenantProbe]; largest first."""
        ...

    def tenant_target(self, request_class: int, tenant: int) -> int:
        """Say which row a tenant has as a scrape target."""
        ...

    def histogram_bounds(self, kind: ScrapeKind, row: int) -> tuple[tuple[float, ...], ...]:
        """Upper bounds (without +Inf) of each histogram in a scrape of that row, in its order.

        Replica: by ReplicaHistogram where its discipline has it, else empty. Edge: latency (s).
        Class: TTFT (s) then end-to-end (s), of answered requests. Provider: latency (s) then TTFT
        (s), of answers.
        """
        ...

    def scrape_every(self, kind: ScrapeKind, row: int, period_ns: int, offset_ns: int) -> int:
        """Add a target on the grid offset + k x period (k such that it is not past); its number."""
        ...

    def stop_scraping(self, target: int) -> None: ...

    def drain_scrapes(self) -> Sequence[Scrape]:
        """Rows copied since the last call, in order of (time, target)."""
        ...

    def drain_signals(self) -> tuple[Sequence[Signal], int]:
        """Signals since the last call in order, and how many did not fit."""
        ...

    def drain_spans(self) -> tuple[NDArray[np.int64], int]:
        """Rows of sampled calls that are done, by [row, Traced], and how many found no room."""
        ...

    def outcomes(self) -> NDArray[np.int64]:
        """Intents by [bin of arrival, class, Outcome]; still-open ones are not in it."""
        ...

    def ttft_bins(self) -> NDArray[np.int64]:
        """Answered intents by [bin of arrival, class, log bucket]: 20 per decade from 1 ms."""
        ...

    def stop_arrivals(self, at: int) -> None:
        """Admit no arrival from `at` on: the horizon."""
        ...

    def in_flight(self) -> int:
        """Root requests not yet answered."""
        ...

    def check_no_idling(self) -> None:
        """Raise InvariantViolated where a replica idles while it has work that it could do."""
        ...

    def check_conservation(self) -> None:
        """Raise InvariantViolated unless every arrival is in exactly one place, everywhere."""
        ...
