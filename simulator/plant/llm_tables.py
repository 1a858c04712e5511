"""The tables of the model servers: one row per replica, one row per call slot.

`ints` [replica, column] holds counters, gauges and the batch as sums; `floats` [replica, column]
the step-time formula in ns; `linear` [replica, tokens] the linear-layer time of small steps;
`calls` [slot, column] one sequence; `heaps` [replica, place, 3] the decode batch as a heap of
(finishing step, slot), and from its far end finished sequences as long as they linger
(`llm_ahead`). A row of zeros is a free slot; link columns hold slots, -1 for none.

A decode sequence is never touched between joining and leaving. It stores `BASE` = its context
minus the step's number, which stays the same as both grow by one per step: context at step k is
BASE + k, and it needs a new block of 16 at the steps where BASE + k leaves 1 modulo 16.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from simulator.plant import arithmetic
from simulator.plant.handle import FLOATS_2, INTS_2, INTS_3, Handle
from simulator.plant.jit import compiled, internal
from simulator.plant.spec import Llm

Row = NDArray[np.int64]
FloatRow = NDArray[np.float64]

BLOCK = 16
"""Tokens per KV block."""
NEVER = 1 << 62
"""The end of a step that stands still."""

INTER_TOKEN_BOUNDS_S = (
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0,
    40.0, 80.0,
)  # fmt: skip
"""Upper bounds of vLLM's `inter_token_latency_seconds` (vllm/v1/metrics/loggers.py)."""
BOUNDS_NS = np.array([round(bound * 1e9) for bound in INTER_TOKEN_BOUNDS_S], dtype=np.int64)
INTER_TOKEN_BUCKETS = len(INTER_TOKEN_BOUNDS_S) + 1  # the last one is open

# Columns of `ints`: what may be read at any time (gauges, then counters) ...
RUNNING, WAITING, KV_USED, KV_TOTAL = range(4)
STEPS, STEP_NS, PREEMPTIONS, PROMPT_TOKENS, GENERATION_TOKENS = range(4, 9)
INTER_TOKEN = 9  # and the buckets after it, not cumulative
PREFIX_HITS, PREFIX_MISSES = 29, 30  # prompt tokens found in the prefix cache, and not
COUNTERS_END = INTER_TOKEN + INTER_TOKEN_BUCKETS
INTER_TOKEN_NS = 31  # the sum of all that is in the buckets
# ... what is set from outside ...
MAX_SEQS, BUDGET, MODEL_MAX, QUEUE_MAX, KEY, AHEAD, WHOLE = range(32, 39)
LINGERING = 39  # finished sequences that a batch made ahead still counts in
# ... and the state of the engine.
STEP, STEP_STARTED_AT, STEP_ENDS_AT, LAST_END_AT = range(40, 44)  # STEP_ENDS_AT -1: no step runs
DECODING, BASES, DYING_BLOCKS, ORDER_NEXT, LAST_VICTIM = range(44, 49)
RUN_HEAD, RUN_TAIL, WAIT_HEAD, WAIT_TAIL, FIRST_PREFILL = range(49, 54)
RESIDUES = 54  # and 15 after it: decode sequences by BASE modulo 16
# The prefix cache (`llm_prefix`): the queue of free blocks, rows of `blocks`, the last look-up.
OLDEST, NEWEST, QUEUED, FREE_ROW, ROWS_USED = range(RESIDUES + BLOCK, RESIDUES + BLOCK + 5)
PROBED, PROBED_FREE, PROBED_ROW, CACHES = range(ROWS_USED + 1, ROWS_USED + 5)
# Steps looked ahead (`llm_jumps`): when the server's timer rings, the next and how many are left.
DUE, AHEAD_AT, AHEAD_LEFT = range(CACHES + 1, CACHES + 4)
AHEAD_ENDS = AHEAD_LEFT + 1  # and those after it: the ends of the steps
AHEAD_MIN, AHEAD_MAX = 4, 32
# A server that goes through its batch one by one (`llm_singly`), and what only such do.
SINGLY = AHEAD_ENDS + AHEAD_MAX
BY_PRIORITY, DRAFTS_MAX, LOOKAHEAD, LORAS_MAX, HOST_LORAS_MAX = range(SINGLY + 1, SINGLY + 6)
DRAFTS, DRAFT_TOKENS, ACCEPTED_TOKENS = range(SINGLY + 6, SINGLY + 9)  # counters
# Prompts computed elsewhere (`llm_remote`): calls that hold blocks while their KV cache comes,
# those that have just begun to, how long a transfer is under way; calls whose KV cache is to be
# fetched from here, and when the link they are sent over is free.
RECEIVING, ASKING_HEAD, ASKING_TAIL, LINK_LATENCY = range(SINGLY + 9, SINGLY + 13)
KEEPING, LINK_FREE_AT = SINGLY + 13, SINGLY + 14
STREAM_NS = SINGLY + 15  # that every token takes to the client, after its step
LAW = SINGLY + 16  # its row of `linear`
AHEAD_NEXT = SINGLY + 17  # how many steps to look ahead next time
INT_COLUMNS = SINGLY + 18

LINEAR_TOKENS = 8192  # of a step; what more take is worked out each time

# Columns of `floats`, in ns where they are times.
FIXED, PER_SEQUENCE, PER_CONTEXT, PER_PAIR, PER_TOKEN, IDLE = range(6)
WEIGHTS, LINEAR_PER_TOKEN, SHARPNESS, SIGMA, SLOWDOWN, REMAINING = range(6, 12)
ACCEPTANCE, DRAFT_WEIGHTS, DRAFT_PER_TOKEN = range(12, 15)
LORA_SHARE, LOAD_FROM_DISK, LOAD_FROM_HOST = range(15, 18)
LINK_PER_TOKEN = 18
FLOAT_COLUMNS = 19

# Columns of `calls`.
STATE, PROMPT, OUTPUT, GENERATED, COMPUTED, CHUNK = range(6)
BASE, FINISH, HEAP_PLACE, ORDER, NEXT, PREVIOUS = range(6, 12)
ARRIVED_AT, SCHEDULED_AT, FIRST_TOKEN_AT, LAST_TOKEN_AT, PREEMPTED = range(12, 17)
# ... and of what it shares: leading blocks that can be named and are, and the last one's row.
NAMEABLE, NAMED, NAMED_ROW, CURSOR, OWN_ROW, CACHED = range(17, 23)
SEGMENTS, SEGMENT_AT, SEGMENT_0 = range(23, 26)  # then key and end of up to four
CALL_SEGMENTS = 4
KEEPS = SEGMENT_0 + 2 * CALL_SEGMENTS  # its KV cache is fetched when its prompt is computed
CALL_COLUMNS = KEEPS + 1
BLOCK_COLUMNS = 8  # of `blocks`, named in `llm_prefix`
ABSENT, IN_QUEUE, PREFILL, DECODE, SINGLE, KEPT_FOR = range(6)  # values of STATE
# Columns of `extras`, of calls at servers that go one by one: KV blocks it holds, tokens drafted
# for its next step and those being verified, what its draws are keyed by; when its cache came.
HELD, TO_VERIFY, VERIFYING, DRAW_KEY, PRIORITY, ADAPTER, REMOTE, ASKING_NEXT, CAME_AT = range(9)
EXTRA_COLUMNS = 9
HERE, OFFERED, COMING, COME = range(4)  # values of REMOTE: where a call's prompt is computed
# Columns of `adapters`: the step that last used it, and if it is on the GPU and in host memory.
USED_AT, ON_GPU, ON_HOST = range(3)
ADAPTER_COLUMNS = 3

_LINKS = (RUN_HEAD, RUN_TAIL, WAIT_HEAD, WAIT_TAIL, FIRST_PREFILL, LAST_VICTIM, STEP_ENDS_AT, DUE,
          ASKING_HEAD, ASKING_TAIL)  # fmt: skip


class LlmTables(Handle):
    """Everything the model servers are, as arrays that compiled code changes in place."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "ints": INTS_2, "floats": FLOATS_2, "linear": FLOATS_2, "calls": INTS_2, "heaps": INTS_3,
        "blocks": INTS_3, "segments": INTS_2, "extras": INTS_2, "adapters": INTS_3,
    }  # fmt: skip
    WIDTHS: ClassVar[dict[str, int]] = {
        "ints": INT_COLUMNS, "floats": FLOAT_COLUMNS, "calls": CALL_COLUMNS, "heaps": 3,
        "blocks": BLOCK_COLUMNS, "segments": 2, "extras": EXTRA_COLUMNS,
        "adapters": ADAPTER_COLUMNS,
    }  # fmt: skip

    ints: NDArray[np.int64]
    floats: NDArray[np.float64]
    linear: NDArray[np.float64]
    calls: NDArray[np.int64]
    heaps: NDArray[np.int64]
    blocks: NDArray[np.int64]
    segments: NDArray[np.int64]
    extras: NDArray[np.int64]
    adapters: NDArray[np.int64]


def llm_tables(
    replicas: int,
    calls: int,
    max_num_seqs: int,
    kv_blocks: int = 0,
    adapters: int = 0,
    laws: int = 1,
) -> LlmTables:
    """Make room; `max_num_seqs` is the largest any replica will ever be allowed.

    `kv_blocks` is the largest cache of a replica with prefix caching, 0 where there is none. Its
    table's memory is used as blocks are named, not before. Adapters are numbered from 1.
    Replicas of one hardware and model share a law, the times of their linear layers.
    """
    ints = np.zeros((replicas, INT_COLUMNS), dtype=np.int64)
    ints[:, _LINKS] = -1
    floats = np.zeros((replicas, FLOAT_COLUMNS))
    floats[:, SLOWDOWN] = 1.0
    return LlmTables(
        ints=ints,
        floats=floats,
        linear=np.zeros((laws, LINEAR_TOKENS + 1)),
        calls=np.zeros((calls, CALL_COLUMNS), dtype=np.int64),
        heaps=np.zeros((replicas, max_num_seqs, 3), dtype=np.int64),
        blocks=np.zeros((replicas, 1 << kv_blocks.bit_length(), BLOCK_COLUMNS), dtype=np.int64),
        segments=np.zeros((0, 2), dtype=np.int64),
        extras=np.zeros((calls, EXTRA_COLUMNS), dtype=np.int64),
        adapters=np.zeros((replicas, adapters + 1, ADAPTER_COLUMNS), dtype=np.int64),
    )


def llm_grow(tables: LlmTables, replicas: int, calls: int) -> LlmTables:
    """Copy into larger tables; nothing that happens later is changed by it."""
    adapters = tables.adapters.shape[1] - 1
    grown = llm_tables(replicas, calls, tables.heaps.shape[1], tables.blocks.shape[1] - 1, adapters)
    for name in ("ints", "floats", "calls", "heaps", "extras", "adapters"):
        old = getattr(tables, name)
        getattr(grown, name)[: old.shape[0]] = old
    # Memory of blocks never named stays untouched.
    for replica in np.flatnonzero(tables.ints[:, ROWS_USED]):
        grown.blocks[replica] = tables.blocks[replica]
    same = replicas == len(tables.blocks)
    blocks_ = tables.blocks if same else grown.blocks
    grown.replace(blocks=blocks_, segments=tables.segments, linear=tables.linear)
    return grown


def llm_configure(tables: LlmTables, replica: int, spec: Llm, key: int, law: int = 0) -> None:
    """Set an idle replica up from its spec; `key` (0 to 2^63 - 1) is what its noise is drawn by.

    All replicas of a law must have the same w, s and p.
    """
    ints, floats = tables.ints[replica], tables.floats[replica]
    ints[KV_TOTAL] = spec.kv_tokens // BLOCK
    ints[BUDGET] = spec.max_num_batched_tokens
    ints[MODEL_MAX] = spec.model_tokens_max
    ints[QUEUE_MAX] = spec.queue_max
    ints[KEY] = key
    ints[LAW] = law
    ints[AHEAD] = spec.schedules_ahead
    ints[WHOLE] = spec.whole_prompt_fits
    ints[CACHES] = spec.prefix_caching and tables.blocks.shape[1] > 1
    ints[STREAM_NS] = spec.stream_ns_per_token
    _configure_singly(ints, floats, spec)
    floats[FIXED] = (spec.o_ms + spec.head_ms + spec.m0_ms) * 1e6
    floats[IDLE] = spec.o_ms * 1e6
    floats[PER_SEQUENCE] = spec.r_us_per_sequence * 1e3
    floats[PER_CONTEXT] = spec.c_ns_per_kv_token
    floats[PER_PAIR] = spec.q_ns_per_pair
    floats[PER_TOKEN] = spec.m_us_per_token * 1e3
    floats[WEIGHTS] = spec.w_ms * 1e6
    floats[LINEAR_PER_TOKEN] = spec.s_us_per_token * 1e3
    floats[SHARPNESS] = spec.p
    floats[SIGMA] = spec.step_noise_sigma
    floats[SLOWDOWN] = 1.0
    llm_set_max_num_seqs(tables, replica, spec.max_num_seqs)


def _configure_singly(ints: Row, floats: FloatRow, spec: Llm) -> None:
    ints[BY_PRIORITY] = spec.by_priority
    ints[SINGLY] = spec.by_priority or any((spec.speculation, spec.adapters, spec.prefill))
    if spec.prefill is not None:
        ints[LINK_LATENCY] = spec.prefill.latency_ns
        floats[LINK_PER_TOKEN] = spec.prefill.ns_per_token
    if spec.speculation is not None:
        ints[DRAFTS_MAX] = spec.speculation.drafts
        costs = spec.speculation.w_ms > 0.0 or spec.speculation.s_us_per_token > 0.0
        ints[LOOKAHEAD] = spec.speculation.drafts if costs else 0
        floats[ACCEPTANCE] = spec.speculation.acceptance
        floats[DRAFT_WEIGHTS] = spec.speculation.w_ms * 1e6
        floats[DRAFT_PER_TOKEN] = spec.speculation.s_us_per_token * 1e3
    if spec.adapters is not None:
        ints[LORAS_MAX] = spec.adapters.on_gpu_max
        ints[HOST_LORAS_MAX] = spec.adapters.on_host_max
        floats[LORA_SHARE] = spec.adapters.overhead_share
        floats[LOAD_FROM_DISK] = spec.adapters.load_from_disk_ns
        floats[LOAD_FROM_HOST] = spec.adapters.load_from_host_ns


@compiled
def blocks(tokens: int) -> int:
    """KV blocks that so many tokens of one sequence take."""
    return (tokens + BLOCK - 1) // BLOCK


@compiled
def llm_set_max_num_seqs(tables: LlmTables, replica: int, value: int) -> None:
    """Admit no more than so many at once from the next step on; running ones stay.

    At most what the tables have room for, and the step's token budget: a decode takes one token.
    """
    row = tables.ints[replica]
    row[MAX_SEQS] = max(min(value, tables.heaps.shape[1], row[BUDGET]), 0)


@internal
def linear_ns(tables: LlmTables, replica: int, tokens: int) -> float:
    """Time of the linear layers: the weights' read, or the tokens' compute, with a soft knee."""
    law = tables.ints[replica, LAW]
    if tokens <= LINEAR_TOKENS and tables.linear[law, tokens] > 0.0:
        return float(tables.linear[law, tokens])
    floats = tables.floats[replica]
    lasts = knee_ns(floats[WEIGHTS], floats[LINEAR_PER_TOKEN], floats[SHARPNESS], tokens)
    if tokens <= LINEAR_TOKENS:
        tables.linear[law, tokens] = lasts
    return lasts


@compiled
def knee_ns(weights: float, per_token: float, p: float, tokens: int) -> float:
    """Give (weights^p + (per token x tokens)^p)^(1/p)."""
    if weights <= 0.0:
        return float(per_token * tokens)
    # Scaled by the weights' time, so that no power can overflow.
    share = per_token * tokens / weights
    return float(weights * arithmetic.power(1.0 + arithmetic.power(share, p), 1.0 / p))
