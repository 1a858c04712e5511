"""What may be turned while a system runs."""

from enum import IntEnum


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
