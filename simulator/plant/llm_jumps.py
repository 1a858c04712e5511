"""Leaving out the steps of a model server at which nothing happens, without being approximate.

A step is quiet when it only decodes, nobody waits for more than a place in a full batch, nobody
finishes and the step after it finds its blocks. `llm_due` works out when each of the next quiet
steps ends, one by one, rounding and noise included, and says when the first that is not quiet does:
only this one needs an event. `llm_settle` makes up for those passed over.

The caller settles before every look at the replica and every other transition of it, and asks for
what is due after it. Of a step and something else at the same instant, the step comes first.
"""

from simulator.plant.jit import compiled, inlined
from simulator.plant.llm_prefix import take_blocks
from simulator.plant.llm_tables import (
    AHEAD_AT,
    AHEAD_ENDS,
    AHEAD_LEFT,
    AHEAD_MAX,
    AHEAD_MIN,
    AHEAD_NEXT,
    BASES,
    BLOCK,
    DECODING,
    DUE,
    DYING_BLOCKS,
    FIRST_PREFILL,
    FIXED,
    GENERATION_TOKENS,
    INTER_TOKEN,
    INTER_TOKEN_NS,
    KEY,
    KV_TOTAL,
    KV_USED,
    LAST_END_AT,
    MAX_SEQS,
    OLDEST,
    PER_CONTEXT,
    PER_SEQUENCE,
    PER_TOKEN,
    RESIDUES,
    RUNNING,
    SIGMA,
    SLOWDOWN,
    STEP,
    STEP_ENDS_AT,
    STEP_NS,
    STEP_STARTED_AT,
    STEPS,
    WAITING,
    LlmTables,
    Row,
    linear_ns,
)
from simulator.plant.llm_work import gap_bucket, step_noise, stretched


@compiled
def llm_due(tables: LlmTables, replica: int) -> int:
    """Say when `llm_end_step` is due, also as `DUE`; -1 when no step runs or all stands still."""
    row, slowdown = tables.ints[replica], tables.floats[replica, SLOWDOWN]
    quiet = _may_be_quiet(row)
    if quiet and row[AHEAD_LEFT] > 0:
        return int(row[DUE])
    # What was worked out in vain says how far to look.
    likely = 2 * row[AHEAD_AT] if row[AHEAD_LEFT] > 0 else row[AHEAD_NEXT] + 2 * row[AHEAD_AT]
    row[AHEAD_NEXT] = min(max(likely, AHEAD_MIN), AHEAD_MAX)
    row[AHEAD_AT] = row[AHEAD_LEFT] = 0
    row[DUE] = row[STEP_ENDS_AT] if slowdown > 0.0 else -1
    if quiet and row[DUE] >= 0:
        row[DUE] = _look_ahead(tables, replica)
    return int(row[DUE])


@compiled
def _look_ahead(tables: LlmTables, replica: int) -> int:
    """Work out the ends of the quiet steps that follow; say that of the first which is not."""
    row, floats = tables.ints[replica], tables.floats[replica]
    slowdown, sigma, per_context = floats[SLOWDOWN], floats[SIGMA], floats[PER_CONTEXT]
    ends_at, step, decoding = row[STEP_ENDS_AT], row[STEP], row[DECODING]
    context = row[BASES] + decoding * step
    free = row[KV_TOTAL] - row[KV_USED] + row[DYING_BLOCKS]
    # The terms of `llm.step_work` in its order of adding, so that sums round alike.
    linear = linear_ns(tables, replica, decoding)
    fixed = floats[FIXED] + floats[PER_SEQUENCE] * decoding + linear
    per_token = floats[PER_TOKEN] * decoding
    quiet_steps = min(row[AHEAD_NEXT], tables.heaps[replica, 0, 0] - step)
    n = 0
    while n < quiet_steps:
        step += 1
        context += decoding
        free -= row[RESIDUES + ((1 - step) & (BLOCK - 1))]
        if free < 0:
            break
        work = fixed + per_context * context + per_token
        if sigma > 0.0:
            work *= step_noise(row[KEY], step, sigma)
        ends_at += stretched(work, slowdown)
        row[AHEAD_ENDS + n] = ends_at
        n += 1
    row[AHEAD_LEFT] = n
    return int(ends_at)


@compiled
def llm_settle(tables: LlmTables, replica: int, now: int) -> None:
    """End all quiet steps that ended by now, and start those after them."""
    row = tables.ints[replica]
    ends_at = row[STEP_ENDS_AT]
    if row[AHEAD_LEFT] == 0 or ends_at > now:
        return
    row[KV_USED] -= row[DYING_BLOCKS]
    row[DYING_BLOCKS] = 0
    decoding, step = row[DECODING], row[STEP]
    ended_at, passed, bucket = row[LAST_END_AT], 0, 0
    while passed < row[AHEAD_LEFT] and ends_at <= now:
        bucket = gap_bucket(ends_at - ended_at, bucket)
        row[INTER_TOKEN + bucket] += decoding
        passed += 1
        wanted = row[RESIDUES + ((1 - step - passed) & (BLOCK - 1))]
        if row[OLDEST] > 0:
            take_blocks(tables, replica, wanted)
        row[KV_USED] += wanted
        ended_at = ends_at
        ends_at = row[AHEAD_ENDS + row[AHEAD_AT] + passed - 1]
    row[INTER_TOKEN_NS] += decoding * (ended_at - row[LAST_END_AT])
    row[GENERATION_TOKENS] += decoding * passed
    row[STEPS] += passed
    row[STEP] += passed
    row[STEP_NS] += ended_at - row[STEP_STARTED_AT]
    row[LAST_END_AT] = row[STEP_STARTED_AT] = ended_at
    row[STEP_ENDS_AT] = ends_at
    row[AHEAD_AT] += passed
    row[AHEAD_LEFT] -= passed


@inlined
def _may_be_quiet(row: Row) -> bool:
    is_shut = row[WAITING] == 0 or row[RUNNING] >= row[MAX_SEQS]
    return bool(is_shut and row[FIRST_PREFILL] < 0 and row[DECODING] > 0)
