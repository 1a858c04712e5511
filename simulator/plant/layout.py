"""Where everything is: the columns of the kernel's tables, and the bundle it is called with.

One row per call in flight (`slots`), replica, pool, edge and class; probes and histograms are the
last columns of the row they describe. `head` holds the loop's own variables.

A slot is a *frame*: a root (a user's intent), a call (one attempt over an edge, running its
callee's program) or a branch of a parallel step. A frame waits for its children, which are linked
through FIRST_CHILD / NEXT_SIBLING, and owns at most one live timer, marked by its STAMP.
"""

from simulator.plant.api import Outcome
from simulator.plant.handle import Floats, Ints
from simulator.plant.probes import ClassProbe, EdgeProbe, ReplicaProbe
from simulator.plant.state import State

__all__ = ["Floats", "Ints", "State"]

ONE = 1 << 30
"""Quality 1.0: qualities are whole numbers, so that products are the same everywhere."""
ONE_BITS = 30

# head: one row.
(
    NOW, STAMPS, SERIALS, FREE, FREE_COUNT, HEAP_COUNT, LANES_USED, WORK_AT, WORK_COUNT,
    ARRIVAL_AT, ARRIVAL_COUNT, SIGNAL_COUNT, SIGNALS_LOST, SCRAPE_COUNT, SCRAPE_NEXT_AT,
    TARGETS, EVENTS, STOPPED, OPEN_INTENTS, KEYS_FREE, KEYS_FREE_COUNT, BIN_NS, MARGIN, SEED,
    TURN, REQUESTS, TRACED_BELOW, ENDS_AT,
) = range(28)  # fmt: skip
HEAD_COLUMNS = 32

# slots: eight columns are a line of the processor's cache; those a new row begins with alike stand
# together, so that they are written as one.
(
    STATE, KIND, SERIAL, REPLICA, POOL, EDGE, CLASS, PARENT,
    FIRST_CHILD, NEXT_SIBLING, PREVIOUS_SIBLING, MISS_0, MISS_1, ENTRY, CALL_PC, FIRST_AT,
    STAMP, PC, RESULT, HOLDS, PENDING, RETRYING, DEADLINE, TRIES,
    ATTEMPT, PARKED, ENTERED, RETRY_AT, LINK, QUALITY, BEFORE_MISS_0, BEFORE_MISS_1,
    ROOT_KEY, KEY, PROMPT, OUTPUT, PREFIX, SENT_AT, ARRIVED_AT, QUEUED_AT,
    NEXT, PREVIOUS, INTENT_AT, JOIN_FIRST, CALLING, END_AT, MISSED_AT_0, MISSED_AT_1,
) = range(48)  # fmt: skip
SLOT_COLUMNS = 48
# RETRY_AT: of a call that was refused, when it may come again (Retry-After), 0 if nobody said; of
# its caller the same, until it has decided.
# LINK: what a call over a pooled edge has of its connection (`connections.py`).
# PREFIX: first row and count of a listed prompt's segments in one word, -1 for none.
SEGMENT_COUNT_BITS, SEGMENT_COUNT_MASK = 24, (1 << 24) - 1

ROOT, CALL, USER, BRANCH, RENEWAL, KEEPER = range(6)  # USER: between two requests
WRITES = JOIN_FIRST  # of a call to a relational store, which has no branches
NO_ROW = 1 << 40  # in ENTRY of a write that locks nothing anybody else would

# Values of STATE.
(
    VACANT, SENT, CONNECTING, HUNG, QUEUED, WORKING, FROZEN, OVERHEAD, IN_ENGINE, IN_BATCH,
    STREAMING, WAITING, BACKING_OFF, RETURNING, CLIENT_WAITS, IN_FLIGHT_WAIT, RUNNING,
    THINKING, READING, STRAYED, HOLDING, SENDING, SHARING,
) = range(23)  # fmt: skip
IN_LINE, GRANTED = 40, 41  # of those who wait for a connection, and have just got one
LOCK_WAIT, COMMITTING = 42, 43  # of writes: for a row's lock; holding it when all work is done
IN_TRANSFER = 45  # of an object
KEEPING = 44  # of the frame whose timer is a component's own

# Values of RESULT.
(
    OK, MISSED, FAILED, REJECTED, LIMITED, REFUSED, TIMED_OUT, RESET, NOT_CONNECTED, NOBODY,
    OVERFLOWED, TOO_LONG, LEFT, RENEW, NEGATIVE,
) = range(15)  # fmt: skip
# RENEW: a value its caller is to fetch anew; NEGATIVE: a fetch that failed before.

# Heap and lanes hold time, stamp and entity; an entity is a slot, or -2 - replica.
TIME, ENTRY_STAMP, ENTITY = range(3)
# A lane's head: its first entry's time (NEVER: none) and stamp, where that is, how many there are.
LANE_TIME, LANE_STAMP, LANE_AT, LANE_COUNT = range(4)
NEVER = 1 << 62
LANES_MAX = 16

# Work is a list of what to do, on which row, if it has that serial still.
(
    NOTHING, STEP, SEND, ARRIVE, ACQUIRE, BEGIN, RELEASE, FINISH, ANSWER, ATTEMPT_FAILED, DROP,
    TIMER, DOOR, END, JOIN, ENTER, ENGINE, TICK, ABANDON,
) = range(19)  # fmt: skip
DELIVER, CONNECTED = 30, 31  # of a queue; of a frame in line

OP_BITS, OP_MASK = 5, 31

# prog: one instruction a row; OTHER and LAST are places in the program or tables by OP.
OP, A, B, C, PLACE, DEPTH, OWN_PROMPT, OWN_OUTPUT = range(8)
PROGRAM_COLUMNS = 8
LANE = DEPTH  # of a DO_WORK that always lasts as long: where its timers wait; -1: in the heap
# OWN_PROMPT: of a call the law of its prompt, -1 if only its answer has one, -2 if neither has.
(
    DO_WORK, DO_CALL, DO_FORK, DO_BRANCH, DO_CHANCE, DO_JUMP, DO_RETURN, DO_FILL, DO_LOOK_UP,
    DO_RECALL, DO_SERVE, DO_VERDICT, DO_LOOP, DO_AGAIN, DO_STREAM,
) = range(15)  # fmt: skip
STANDS = -2  # B of a DO_CALL: the callee's own refusal is final, whatever else may go wrong
DO_LOCK, DO_COMMIT, DO_READ = 20, 21, 22  # of stores; those from DO_LOCK on are rare
DO_ENQUEUE = 23  # of queues
DO_ADMIT, DO_TRANSFER = 24, 25  # of object stores
CHANCE_ONE = 1 << 52
# loops [slot]: rounds left of each loop around, when each began, and the model's last answer.
LOOPS_MAX = 2
L_LEFT, L_BEGAN, L_ANSWER = 0, LOOPS_MAX, 2 * LOOPS_MAX
LOOP_COLUMNS = 2 * LOOPS_MAX + 1

# replicas (whole numbers); probes are the columns from R_PROBE, histograms those from R_HISTOGRAM.
(
    R_POOL, R_READY, R_ALIVE, R_DRAINING, R_REMOVED, R_STAMP, R_QUEUE_HEAD, R_QUEUE_TAIL,
    R_WORKERS, R_TAKEN, R_WORKING, R_BUSY_SINCE, R_PRESENT, R_IN_FLIGHT, R_REACHABLE, R_QUALITY,
    R_KEY_NEWEST, R_KEY_OLDEST, R_BORN_AT, R_ORDINAL, R_CPU_BUSY_NS, R_CPU_SETTLED_AT,
    R_WORKERS_SET, R_MAX_SEQS, R_ZONE, R_PLACE, R_SLOT,
) = range(27)  # fmt: skip
R_PROBE = 27
R_HISTOGRAM = R_PROBE + len(ReplicaProbe)
(
    R_ARRIVED, R_STARTED, R_COMPLETED, R_FAILED, R_REJECTED, R_CANCELLED, R_BUSY_NS, R_WAIT_NS,
    R_RESPONSE_NS, R_HITS, R_MISSES, R_EVICTED, R_EXPIRED, R_STEPS, R_PREEMPTIONS,
    R_PROMPT_TOKENS, R_GENERATION_TOKENS, R_FINISHED_STOP, R_FINISHED_ABORT, R_RATE_LIMITED,
    R_QUEUED, R_RUNNING, R_KEYS, R_KV_USED, R_KV_TOTAL, R_CPU_NS, R_TTFT_NS, R_INTER_TOKEN_NS,
    R_FINISHED_PROMPTS, R_FINISHED_TOKENS, R_SHED, R_DRAFTS, R_DRAFT_TOKENS, R_ACCEPTED_TOKENS,
    R_CFS_PERIODS, R_CFS_THROTTLED, R_CFS_THROTTLED_NS,
    R_MEMORY, R_FDS, R_DISK, R_GPU_MEMORY, R_THREADS, R_CONNECTIONS,
    R_STALE, R_RENEWED, R_NEGATIVE,
    R_FILLS_REFUSED, R_PAGE_FAULTS, R_UNINDEXED, R_OPTIMIZING, R_SHARDS_MISSING,
    R_LAG_NS, R_IS_REPLICA, R_BACKENDS, R_BACKENDS_MAX, R_LOCKS, R_BACKENDS_REFUSED,
    R_LOCK_TIMEOUTS, R_HELD_OPEN, R_MESSAGES, R_READY_MESSAGES, R_UNACKED, R_AGE_NS,
    R_PUBLISHED, R_DELIVERED,
    R_REDELIVERED, R_ACKNOWLEDGED, R_DEAD_LETTERS, R_BYTES_SENT,
) = (R_PROBE + int(column) for column in ReplicaProbe)  # fmt: skip
# The fractions of a replica.
R_SLOWDOWN, R_ERROR_SHARE, R_WEIGHT, R_TURN = range(4)
REPLICA_FLOATS = 4

# pools
(
    P_DISCIPLINE, P_HOLDS_WORKER, P_LIFO, P_QUEUE_MAX, P_QUEUE_TIMEOUT_NS, P_QUEUE_LANE, P_CONTENT,
    P_KEYS_MAX, P_TTL_NS, P_SINGLE_FLIGHT, P_READY_COUNT, P_UNEQUAL, P_NOBODY_AT, P_OVERHEAD_NS,
    P_OVERHEAD_LANE, P_TTFT_LAW, P_RECALL, P_QUALITY, P_OPTIONS, P_READY, P_BY_PRIORITY,
    P_SHEDS_LOWEST, P_SHEDS, P_LIMITED, P_PER_TOKEN,
) = range(25)  # fmt: skip
P_BOUNDS = 25  # row of `bounds` of each replica histogram, -1: has none
P_COLUMN = 31  # and its first column in the replica's row
P_PROGRAM = 37  # first instruction for class k at P_PROGRAM + k; ready replicas follow the classes
WORKERS, BATCHES, MODEL, PROVIDER, PROCESSORS = range(5)
NO_CONTENT, CACHE, INDEX = range(3)
STORE, BROKER, OBJECTS = 8, 9, 10
# The fractions of a pool.
P_INDEX_NS, P_CPU_IDLE, P_CPU_BUSY, P_INDEX_SIGMA = range(4)
POOL_FLOATS = 4

# edges
(
    E_POOL, E_DELAY_NS, E_DELAY_LANE, E_TIMEOUT_NS, E_TIMEOUT_LANE, E_CONNECT_NS, E_CONNECT_LANE,
    E_RETRIES_MAX, E_FULL_JITTER, E_RETRY_ON, E_BALANCE, E_CANCELS, E_CONCURRENCY_MAX,
    E_DIVERT_TO, E_TURN, E_RETRYING, E_BOUNDS, E_BACKOFF_NS, E_ROUTED, E_FOLLOWED,
    E_GUARDED,
) = range(21)  # fmt: skip
E_PROBE = 21
E_HISTOGRAM = E_PROBE + len(EdgeProbe)
(
    E_CALLS, E_OK, E_FAILED, E_RATE_LIMITED, E_TIMED_OUT, E_CONNECT_FAILED, E_NO_REPLICA,
    E_OVERFLOWED, E_RETRIES, E_RETRIES_REFUSED, E_CANCELLED, E_LATENCY_NS, E_ACTIVE,
    E_NOT_PERMITTED, E_HEDGED, E_EJECTIONS, E_PANICS, E_EJECTED, E_BREAKER, E_EXPIRED,
    E_RETRANSMITTED, E_BLOCKED, E_LIMIT, E_MIN_RTT_US, E_SAMPLE_RTT_US, E_GRADIENT, E_HEADROOM,
    E_MEASURING,
    E_POOL_BUSY, E_POOL_IDLE, E_POOL_PENDING, E_POOL_TIMEOUTS, E_POOL_WAIT_NS, E_MEMBERS, E_HEALTHY,
) = (E_PROBE + int(column) for column in EdgeProbe)  # fmt: skip
ROUND_ROBIN, LEAST_REQUEST, LEAST_LOADED, RANDOM, CONSISTENT_HASH, PREFIX_AWARE = range(6)
# The fractions of an edge.
E_RETRY_BUDGET, E_DIVERT_SHARE, E_RATE_PER_NS, E_LEFT, E_FILLED_AT = range(5)
EDGE_FLOATS = 5

# E_RETRY_ON: bit `1 << RESULT` for each result that is tried again.
# guards: bits of E_GUARDED, then breaker, ejection and hedging of an edge; a ring of results last.
HAS_BREAKER, EJECTS, HEDGES, HONOURS, PROPAGATES, STOPS = 1, 2, 4, 8, 16, 32
BUYS = 1 << 12  # leads to a provider outside
FAR, ADAPTS = 64, 128  # see network.py, adaptive.py
POOLED, TO_STORE = 1 << 10, 1 << 11  # has a connection pool; leads to a relational store
CLOSED, OPEN, HALF_OPEN = range(3)
(
    G_STATE, G_OPEN_UNTIL, G_OPEN_NS, G_WINDOW, G_CALLS_MIN, G_COUNTED, G_FAILED, G_RING_AT,
    G_PROBES, G_PROBES_OUT, G_PROBES_DONE, G_PROBES_FAILED, G_OUTLIERS, G_CONSECUTIVE,
    G_INTERVAL_NS, G_EJECT_NS, G_HEDGE_NS, G_HEDGES_MAX, G_RING,
) = range(19)  # fmt: skip
WINDOW_MAX = 256
GUARD_COLUMNS = G_RING + WINDOW_MAX
G_FAILURES, G_EJECTED_MAX, G_PANIC = range(3)
GUARD_FLOATS = 3
# outliers: failures in a row, when an ejection ends (0: none), its multiple, and the last one's end
O_FAILED, O_UNTIL, O_TIMES, O_RETURNED_AT = range(4)
OUTLIER_COLUMNS = 4

# routes: an edge's row of `views`, when it was looked at and how long it does; then fractions.
T_VIEW, T_VIEWED_AT, T_REFRESH_NS = range(3)
ROUTE_COLUMNS = 3
T_BOUND, T_NEAR_UNTIL = range(2)
ROUTE_FLOATS = 2
# ready: leaves of a pool's trees, calls in flight at its ready replicas, its row of `cells` and if
# those must be shared out anew; from B_ZONES on per zone its calls in flight and ready replicas.
B_SIZE, B_LOAD, B_CELLS, B_CELLS_OLD = range(4)
B_ZONES = 4
LOADS, TURNS, SUMS = range(3)  # trees: three rows per pool
PLACE_BITS, PLACE_MASK = 24, (1 << 24) - 1

# classes
(
    C_ENTRY, C_PROMPT_LAW, C_OUTPUT_LAW, C_OTHER_PROMPT_LAW, C_OTHER_OUTPUT_LAW, C_KEYS,
    C_KEYS_AT, C_PATIENCE_NS, C_PATIENCE_LANE, C_RETRIES_MAX, C_BACKOFF_NS, C_BACKOFF_LANE,
    C_LATE_TTFT_NS, C_LATE_E2E_NS, C_CONCURRENCY_MAX, C_PROMPT_MAX, C_OUTPUT_MAX,
    C_TTFT_BOUNDS, C_E2E_BOUNDS, C_PRIORITY, C_ZONE, C_ADAPTER, C_LEVELS, C_MANNERS,
) = range(24)  # fmt: skip
C_LEVEL_0 = 24  # and so on for three levels of shared prompt
LEVEL_KEY, LEVEL_END, LEVEL_VARIANTS, LEVEL_POPULAR_AT = range(4)
LEVEL_COLUMNS, LEVELS_MAX = 4, 3
C_PROBE = C_LEVEL_0 + LEVEL_COLUMNS * LEVELS_MAX
C_HISTOGRAM = C_PROBE + len(ClassProbe)
(
    C_ARRIVED, C_2XX, C_429, C_413, C_5XX, C_504, C_ABANDONED, C_RETRIED, C_EVALUATIONS,
    C_EVALUATED_WRONG, C_THUMBS_DOWN, C_PROMPT_TOKENS, C_OUTPUT_TOKENS, C_TTFT_NS, C_E2E_NS,
    C_IN_FLIGHT,
) = (C_PROBE + int(column) for column in ClassProbe)  # fmt: skip
# The fractions of a class.
(
    C_SHED_SHARE, C_RATE_PER_NS, C_LEFT, C_FILLED_AT, C_MIX_SHARE, C_EVALUATED, C_JUDGE_ERROR,
    C_DOWN_WRONG, C_DOWN_GOOD, C_UNSAFE,
) = range(10)  # fmt: skip
CLASS_FLOATS = 10

# bounds: how many there are; by the octave of a value, how many lie below; then the bounds.
BOUND_BEGINS, BOUND_0 = 1, 65
# bins [bin, class, column]: outcomes, then time to first token on a log scale.
TTFT_BINS = len(Outcome)
TTFT_BUCKETS = 122  # below 1 ms, 20 per decade up to 1000 s, above
BIN_COLUMNS = TTFT_BINS + TTFT_BUCKETS

# Arrivals hold time, class, key, prompt, output and PREFIX.
ARRIVAL_COLUMNS = 6
# Signals hold time, kind, pool, replica, edge, class, key and value.
SIGNAL_COLUMNS = 8
SIGNALS_MAX = 4096
SIGNALS_RESERVED = 256  # for those that stop the loop: they are never lost
SIGNALS_PER_SECOND = 20  # of each other kind; behind the ring a row per kind holds second and count
# keys: entries of all caches, chained by bucket, linked from newest to oldest use per replica
(
    K_KEY, K_REPLICA, K_CHAIN, K_NEWER, K_OLDER, K_EXPIRES_AT, K_QUALITY, K_PENDING, K_WAIT_HEAD,
    K_WAIT_TAIL,
) = range(10)  # fmt: skip
KEY_COLUMNS = 10
# targets: (kind, row, period, next instant, alive); scrapes: (time, target, row as it stood)
T_KIND, T_ROW, T_PERIOD, T_NEXT_AT, T_ALIVE = range(5)
SCRAPE_VALUES = 2
SCRAPES_MAX = 512

State.fix_widths(
    head=HEAD_COLUMNS, slots=SLOT_COLUMNS, heap=3, lanes=3, lane_heads=4, work=3,
    prog=PROGRAM_COLUMNS, replica_floats=REPLICA_FLOATS, pool_floats=POOL_FLOATS,
    edge_floats=EDGE_FLOATS, class_floats=CLASS_FLOATS, bins=BIN_COLUMNS, arrivals=ARRIVAL_COLUMNS,
    signals=SIGNAL_COLUMNS, keys=KEY_COLUMNS, popularity=2, targets=5, guards=GUARD_COLUMNS,
    guard_floats=GUARD_FLOATS, outliers=OUTLIER_COLUMNS, routes=ROUTE_COLUMNS,
    route_floats=ROUTE_FLOATS, loops=LOOP_COLUMNS,
)  # fmt: skip
