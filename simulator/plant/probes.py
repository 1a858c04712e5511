"""What is counted: the columns of every row of probes, and the histograms of a replica."""

from enum import IntEnum


class ReplicaProbe(IntEnum):
    """Columns of a replica's row; those in `REPLICA_GAUGES` are gauges, the others counters."""

    ARRIVED = 0
    STARTED = 1
    COMPLETED = 2
    FAILED = 3  # of its own doing, or because a callee failed
    REJECTED = 4  # queue full, or too long for the model
    CANCELLED = 5  # caller timed out or left
    BUSY_NS = 6  # server-nanoseconds of work done; llm: nanoseconds of steps
    WAIT_NS = 7  # summed queueing delay of started calls
    RESPONSE_NS = 8  # summed response time of completed calls
    HITS = 9  # of a cache; llm: prompt tokens found in the prefix cache; guardrail: blocked
    MISSES = 10  # and not found; guardrail: passed
    EVICTED = 11
    EXPIRED = 12
    STEPS = 13
    PREEMPTIONS = 14
    PROMPT_TOKENS = 15  # llm; batch: of all batches started
    GENERATION_TOKENS = 16  # llm; batch: computed for padding alone
    FINISHED_STOP = 17
    FINISHED_ABORT = 18
    RATE_LIMITED = 19  # external: calls answered 429
    QUEUED = 20
    RUNNING = 21
    KEYS = 22
    KV_BLOCKS_USED = 23
    KV_BLOCKS_TOTAL = 24
    CPU_NS = 25  # core-nanoseconds used so far (a counter, settled when read)
    TTFT_NS = 26  # llm, counters again: summed times to first token
    INTER_TOKEN_NS = 27  # summed gaps between tokens, or answers' mean times per token
    FINISHED_PROMPT_TOKENS = 28  # of finished calls; batch: items of all batches started
    FINISHED_GENERATION_TOKENS = 29
    SHED = 30  # of REJECTED, for their priority
    DRAFTS = 31  # llm that speculates: verifications
    DRAFT_TOKENS = 32  # verified by them
    ACCEPTED_TOKENS = 33  # and found right
    CFS_PERIODS = 34  # cpu with a limit: enforcement periods in which it ran
    CFS_THROTTLED = 35  # of those, periods in which it used its quota up
    CFS_THROTTLED_NS = 36  # summed over cores with something to run
    MEMORY_BYTES = 37  # where the pool has limits, gauges again
    OPEN_FDS = 38
    DISK_BYTES = 39
    GPU_MEMORY_BYTES = 40
    THREADS = 41
    CONNECTIONS = 42  # calls inside
    STALE = 43  # cache: of the hits, values past their time to live
    RENEWED = 44  # fetches asked for by a hit, stale or early
    NEGATIVE = 45  # of the hits, fetches remembered as failed
    FILLS_REFUSED = 46  # values that found no room
    PAGE_FAULTS = 47  # vector index: reads from disk
    UNINDEXED = 48  # gauge, as all that follow: vectors that are scanned
    OPTIMIZING = 49  # 1 while the optimizer runs
    SHARDS_MISSING = 50  # nobody who is there holds them
    LAG_NS = 51  # relational, gauges: age of the oldest write that is not applied
    IS_REPLICA = 52  # 0: the primary
    BACKENDS = 53  # open connections
    BACKENDS_MAX = 54
    LOCKS = 55  # of rows, held or waited for
    BACKENDS_REFUSED = 56  # relational, counters: too many clients already
    LOCK_TIMEOUTS = 57
    HELD_OPEN = 58  # relational, a gauge: transactions that have done their work and not committed
    MESSAGES = 59  # gauges: held by a consumer
    MESSAGES_READY = 60  # of a queue, waiting
    MESSAGES_UNACKED = 61  # handed out
    AGE_NS = 62  # of the oldest that waits
    PUBLISHED = 63  # counters
    DELIVERED = 64
    REDELIVERED = 65
    ACKNOWLEDGED = 66
    DEAD_LETTERS = 67
    BYTES_SENT = 68  # of objects


REPLICA_GAUGES = (
    ReplicaProbe.QUEUED, ReplicaProbe.RUNNING, ReplicaProbe.KEYS, ReplicaProbe.KV_BLOCKS_USED,
    ReplicaProbe.KV_BLOCKS_TOTAL, ReplicaProbe.UNINDEXED, ReplicaProbe.OPTIMIZING,
    ReplicaProbe.SHARDS_MISSING, ReplicaProbe.MEMORY_BYTES, ReplicaProbe.OPEN_FDS,
    ReplicaProbe.DISK_BYTES, ReplicaProbe.GPU_MEMORY_BYTES, ReplicaProbe.THREADS,
    ReplicaProbe.CONNECTIONS,
    *range(ReplicaProbe.LAG_NS, ReplicaProbe.BACKENDS_REFUSED),
    *range(ReplicaProbe.HELD_OPEN, ReplicaProbe.PUBLISHED),
)  # fmt: skip


class ReplicaHistogram(IntEnum):
    """Histograms of a replica; bounds in `PlantPort.histogram_bounds`."""

    RESPONSE = 0  # seconds, arrival to answer
    QUEUE_TIME = 1  # llm
    TTFT = 2  # llm
    INTER_TOKEN = 3  # llm: gaps, or answers' mean times per token
    PROMPT_TOKENS = 4  # llm
    GENERATION_TOKENS = 5  # llm


class EdgeProbe(IntEnum):
    """Columns of an edge's row."""

    CALLS = 0  # attempts sent
    OK = 1
    FAILED = 2  # answered 5xx, or reset
    RATE_LIMITED = 3  # answered 429
    TIMED_OUT = 4
    CONNECT_FAILED = 5
    NO_REPLICA = 6  # nobody ready
    OVERFLOWED = 7  # concurrency or rate limit
    RETRIES = 8
    RETRIES_REFUSED = 9  # by the budget
    CANCELLED = 10
    LATENCY_NS = 11  # summed, of answered attempts
    ACTIVE = 12  # gauge
    NOT_PERMITTED = 13  # by the breaker
    HEDGED = 14  # attempts sent beside another
    EJECTIONS = 15  # of replicas
    PANICS = 16  # calls balanced over all replicas, because too many were ejected
    EJECTED = 17  # gauge
    BREAKER = 18  # gauge: 0 closed, 1 open, 2 half open
    EXPIRED = 19  # the callee gave up or refused, because the deadline had passed
    RETRANSMITTED = 20  # packets sent again
    BLOCKED = 21  # by the adaptive limit
    LIMIT = 22  # gauges of the adaptive limit from here on; calls in flight
    MIN_RTT_US = 23
    SAMPLE_RTT_US = 24
    GRADIENT = 25  # thousandths
    HEADROOM = 26  # calls
    MEASURING = 27  # 1 while minRTT is measured
    POOL_BUSY = 28  # gauge: connections of all callers' pools in use
    POOL_IDLE = 29  # gauge: open and idle
    POOL_PENDING = 30  # gauge: calls waiting for a connection
    POOL_TIMEOUTS = 31  # calls that waited too long for one
    POOL_WAIT_NS = 32  # summed, of all that waited
    MEMBERS = 33  # gauges, brought up to date when read: replicas that are ready
    HEALTHY = 34  # and of them, those that are not ejected


class ClassProbe(IntEnum):
    """Columns of a class's row, as its entry component sees them (no truth about wrong answers)."""

    ARRIVED = 0
    ANSWERED_2XX = 1
    REFUSED_429 = 2
    REFUSED_413 = 3
    FAILED_5XX = 4
    FAILED_504 = 5
    ABANDONED = 6
    CLIENT_RETRIES = 7
    EVALUATED = 8
    EVALUATED_WRONG = 9  # by the judge, who errs
    THUMBS_DOWN = 10
    PROMPT_TOKENS = 11
    OUTPUT_TOKENS = 12
    TTFT_NS = 13
    E2E_NS = 14
    IN_FLIGHT = 15  # gauge


class ProviderProbe(IntEnum):
    """Columns of what a caller's client sees of a provider, a row per edge to one."""

    OK = 0  # answers, and from here on counters
    RATE_LIMITED = 1  # answered 429
    OVERLOADED = 2  # answered 529: the provider has no room
    FAILED = 3  # answered 500, or reset
    TIMED_OUT = 4
    CONNECT_FAILED = 5
    INPUT_TOKENS = 6  # of answers
    OUTPUT_TOKENS = 7
    SPENT_NANO = 8  # nano units of money, charged for answers and for what was cut short
    LATENCY_NS = 9  # summed, of answers
    TTFT_NS = 10
    REQUESTS_LEFT = 11  # gauges, as the newest answer's headers say
    TOKENS_LEFT = 12
    BUDGET_LEFT_NANO = 13  # below 0: there is no budget


class TenantProbe(IntEnum):
    """Columns of a tenant's row, as the entry component of its class counts its requests."""

    ARRIVED = 0
    ANSWERED_2XX = 1
    REFUSED_429 = 2
    FAILED = 3
    ABANDONED = 4
    PROMPT_TOKENS = 5
    OUTPUT_TOKENS = 6
    IN_FLIGHT = 7  # gauge
