"""Leaving out the steps of a model server at which nothing happens, without being approximate.

A step is quiet when it only decodes, nobody waits for more than a finished sequence, nobody
finishes and the next finds its blocks.
`llm_due` says when the first step that is not quiet ends, so that only this needs an event;
`llm_settle` makes up for the quiet steps passed over. Both walk the steps one by one, at a few
nanoseconds each: every step has the time it would have had, rounding and noise included.

The caller settles before every look at the replica and every other transition of it, and asks for
what is due after it. Of a step and something else at the same instant, the step comes first.
"""

from simulator.plant.jit import compiled, inlined
from simulator.plant.llm import count_step, step_work, stretched
from simulator.plant.llm_tables import (
    BASES,
    BLOCK,
    DECODING,
    DYING_BLOCKS,
    FIRST_PREFILL,
    KV_TOTAL,
    KV_USED,
    MAX_SEQS,
    RESIDUES,
    RUNNING,
    SLOWDOWN,
    STEP,
    STEP_ENDS_AT,
    STEP_STARTED_AT,
    WAITING,
    LlmTables,
    Row,
)

STEPS_AHEAD_MAX = 64
"""How far `llm_due` looks: what an arrival makes it forget is then little."""


@compiled
def llm_due(tables: LlmTables, replica: int) -> int:
    """Say when `llm_end_step` is due; -1 when no step runs or everything stands still."""
    row, slowdown = tables.ints[replica], tables.floats[replica, SLOWDOWN]
    ends_at = row[STEP_ENDS_AT]
    if ends_at < 0 or slowdown <= 0.0:
        return -1
    if not _may_be_quiet(row):
        return int(ends_at)
    step, decoding = row[STEP], row[DECODING]
    free = row[KV_TOTAL] - row[KV_USED] + row[DYING_BLOCKS]
    for _ in range(min(STEPS_AHEAD_MAX, tables.heaps[replica, 0, 0] - step)):
        free -= _blocks_wanted(row, step + 1)
        if free < 0:
            break
        step += 1
        ends_at += stretched(_decode_work(tables, replica, step, decoding), slowdown)
    return int(ends_at)


@compiled
def llm_settle(tables: LlmTables, replica: int, now: int) -> None:
    """End all quiet steps that ended by now, and start those after them."""
    row, slowdown = tables.ints[replica], tables.floats[replica, SLOWDOWN]
    if not 0 <= row[STEP_ENDS_AT] <= now or slowdown <= 0.0 or not _may_be_quiet(row):
        return
    decoding, finish = row[DECODING], tables.heaps[replica, 0, 0]
    while row[STEP_ENDS_AT] <= now and row[STEP] < finish:
        free = row[KV_TOTAL] - row[KV_USED] + row[DYING_BLOCKS]
        wanted = _blocks_wanted(row, row[STEP] + 1)
        if free < wanted:
            return
        ended_at = row[STEP_ENDS_AT]
        count_step(row, ended_at)
        row[STEP] += 1
        row[KV_USED] += wanted
        work = _decode_work(tables, replica, row[STEP], decoding)
        row[STEP_STARTED_AT] = ended_at
        row[STEP_ENDS_AT] = ended_at + stretched(work, slowdown)


@inlined
def _may_be_quiet(row: Row) -> bool:
    is_shut = row[WAITING] == 0 or row[RUNNING] >= row[MAX_SEQS]
    return bool(is_shut and row[FIRST_PREFILL] < 0 and row[DECODING] > 0)


@inlined
def _blocks_wanted(row: Row, step: int) -> int:
    return int(row[RESIDUES + ((1 - step) & (BLOCK - 1))])


@inlined
def _decode_work(tables: LlmTables, replica: int, step: int, decoding: int) -> float:
    context = tables.ints[replica, BASES] + decoding * step
    return step_work(tables, replica, step, decoding, decoding, context, 0)
