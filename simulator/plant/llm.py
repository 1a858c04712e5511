"""A continuous-batching model server, one step at a time, as vLLM's V1 scheduler works.

Each step, the running sequences come first (a decode is one token, an unfinished prompt a chunk of
what is left of the token budget), then waiting ones are admitted in order while there are
sequences, budget and KV blocks left. Who cannot get a block takes it from the most recently
admitted, which goes back to the front of the queue and computes everything again.

A step does no work per sequence: the decode batch is sums and a heap of finishing steps
(`llm_tables`). Because running ones come first, all decodes stand before all prefills in the list
of running sequences, and at most one prefill is carried from step to step: the last one.

Per replica the caller: `llm_arrive` and `llm_start_step`; at the time that returns `llm_end_step`,
then `llm_start_step` again. Aborts and knobs may come at any time between.
"""

from simulator.plant.jit import compiled, inlined_entry
from simulator.plant.llm_ahead import newest_lingers, preempt_lingering, release_lingering
from simulator.plant.llm_batch import (
    DYING,
    FETCHED,
    FREED,
    LINGERS,
    admit,
    dequeue,
    enqueue,
    join_decodes,
    leave,
    llm_generated,
    preempt,
)
from simulator.plant.llm_chunks import completes, first_chunk, take_chunk
from simulator.plant.llm_prefix import empty_cache, name_answer, take_blocks
from simulator.plant.llm_remote import give_up_room, llm_fetched
from simulator.plant.llm_segments import is_conversation
from simulator.plant.llm_singly import end_singly, leave_singly, queue_by_priority, start_singly
from simulator.plant.llm_tables import (
    ABSENT,
    AHEAD,
    AHEAD_LEFT,
    ARRIVED_AT,
    ASKING_HEAD,
    ASKING_TAIL,
    BASES,
    BLOCK,
    BUDGET,
    BY_PRIORITY,
    CHUNK,
    COMPUTED,
    DECODING,
    DRAFTS_MAX,
    DRAW_KEY,
    DUE,
    DYING_BLOCKS,
    FIRST_PREFILL,
    FIRST_TOKEN_AT,
    GENERATED,
    IN_QUEUE,
    KEEPING,
    KEEPS,
    KEPT_FOR,
    KV_TOTAL,
    KV_USED,
    LAST_END_AT,
    LAST_TOKEN_AT,
    LINGERING,
    LINK_FREE_AT,
    LOOKAHEAD,
    MAX_SEQS,
    MODEL_MAX,
    NEVER,
    NEXT,
    OLDEST,
    OUTPUT,
    PREEMPTIONS,
    PRIORITY,
    PROMPT,
    QUEUE_MAX,
    RECEIVING,
    REMAINING,
    RESIDUES,
    RUN_HEAD,
    RUN_TAIL,
    RUNNING,
    SCHEDULED_AT,
    SEGMENTS,
    SINGLY,
    SLOWDOWN,
    STATE,
    STEP,
    STEP_ENDS_AT,
    STEP_STARTED_AT,
    STEPS,
    WAIT_HEAD,
    WAITING,
    LlmTables,
    Row,
)
from simulator.plant.llm_work import count_step, give_tokens, step_work, stretched

QUEUED, TOO_LONG, QUEUE_FULL = range(3)
"""What `llm_arrive` answers."""
FIRST_TOKEN, DONE = 1, 2
"""Bits of what `llm_end_step` reports per sequence."""


@compiled
def llm_arrive(
    tables: LlmTables,
    replica: int,
    slot: int,
    prompt_tokens: int,
    output_tokens: int,
    now: int,
    priority: int,
    key: int,
) -> int:
    """Put a call into the wait queue, or refuse it: TOO_LONG for model or cache, or QUEUE_FULL.

    By `priority` it may overtake others, by `key` its drafts are judged, where there are such.
    """
    row = tables.ints[replica]
    prompt, output = max(prompt_tokens, 1), max(output_tokens, 1)
    spare = row[DRAFTS_MAX] + row[LOOKAHEAD]  # what it may hold beyond its last token
    if prompt + output > row[MODEL_MAX] or prompt + output + spare > row[KV_TOTAL] * BLOCK:
        return TOO_LONG
    if row[WAITING] >= row[QUEUE_MAX]:
        return QUEUE_FULL
    call = tables.calls[slot]
    call[:] = 0
    call[PROMPT], call[OUTPUT] = prompt, output
    call[ARRIVED_AT] = now
    call[SCHEDULED_AT] = call[FIRST_TOKEN_AT] = call[LAST_TOKEN_AT] = -1
    if row[SINGLY]:
        extra = tables.extras[slot]
        extra[:] = 0
        extra[PRIORITY], extra[DRAW_KEY] = priority, key
        if row[BY_PRIORITY]:
            queue_by_priority(tables, replica, slot, False)
            return QUEUED
    enqueue(tables, replica, slot)
    return QUEUED


@inlined_entry
def llm_start_step(tables: LlmTables, replica: int, now: int) -> int:
    """Schedule a step and say when it ends; -1 while one runs or when nothing can be scheduled.

    After -1 with calls waiting, ask again after whatever may have freed them: a knob, an abort.
    """
    row, floats = tables.ints[replica], tables.floats[replica]
    if row[SINGLY]:
        return start_singly(tables, replica, now)
    if row[STEP_ENDS_AT] >= 0:
        return -1
    is_ahead = row[AHEAD] != 0 and row[LAST_END_AT] == now and row[STEPS] > 0
    if floats[SLOWDOWN] <= 0.0 or row[RUNNING] + row[WAITING] == 0:
        release_lingering(tables, replica)
        return -1
    if row[LINGERING] > 0 and not is_ahead:
        release_lingering(tables, replica)
    preemptions = row[PREEMPTIONS]
    step = row[STEP] + 1
    while row[RESIDUES + ((1 - step) & (BLOCK - 1))] > row[KV_TOTAL] - row[KV_USED]:
        if newest_lingers(tables, replica):
            preempt_lingering(tables, replica)
        else:
            preempt(tables, replica, row[RUN_TAIL])
    row[STEP] = step
    if row[OLDEST] > 0:
        take_blocks(tables, replica, row[RESIDUES + ((1 - step) & (BLOCK - 1))])
    row[KV_USED] += row[RESIDUES + ((1 - step) & (BLOCK - 1))]
    decoding = row[DECODING]
    context = row[BASES] + decoding * step
    budget = row[BUDGET] - decoding
    pairs = 0  # twice the sum of chunk x (context + chunk / 2)
    sampled = decoding
    carried = row[FIRST_PREFILL]
    if carried >= 0:
        chunk = take_chunk(tables, replica, carried, budget)
        if chunk == 0:
            preempt(tables, replica, carried)
        else:
            call = tables.calls[carried]
            budget -= chunk
            pairs += chunk * (2 * call[COMPUTED] + chunk)
            sampled += completes(call)
    made_at = row[STEP_STARTED_AT] if is_ahead else now
    while row[PREEMPTIONS] == preemptions:
        while budget > 0 and row[RUNNING] + row[LINGERING] < row[MAX_SEQS]:
            slot = row[WAIT_HEAD]
            if slot < 0 or tables.calls[slot, ARRIVED_AT] > made_at:
                break
            chunk = first_chunk(tables, replica, slot, budget)
            if chunk == 0:
                break
            admit(tables, replica, slot, made_at)
            budget -= chunk
            pairs += chunk * (2 * tables.calls[slot, COMPUTED] + chunk)
            sampled += completes(tables.calls[slot])
        if made_at == now or budget < row[BUDGET]:
            break
        made_at = now  # it would have been empty, so it is made now
        if row[LINGERING] > 0:
            release_lingering(tables, replica)
    if row[LINGERING] > 0:
        release_lingering(tables, replica)
    tokens = row[BUDGET] - budget
    if tokens == 0 and row[PREEMPTIONS] == preemptions:
        row[STEP] = step - 1  # asking must not shift the noise of later steps
        return -1
    work = step_work(tables, replica, step, sampled, tokens, context, pairs)
    row[STEP_STARTED_AT] = now
    row[STEP_ENDS_AT] = now + stretched(work, floats[SLOWDOWN])
    return int(row[STEP_ENDS_AT])


@inlined_entry
def llm_end_step(tables: LlmTables, replica: int, now: int, out: Row) -> int:
    """End the running step; write (slot, bits) of first tokens and finished ones, say how many.

    `out` [n, 2] must hold the largest batch. Finished slots have left; those reported come in the
    order they were admitted in. What else is known of a call stands in its row of `calls`.
    """
    row, calls = tables.ints[replica], tables.calls
    if row[SINGLY]:
        return end_singly(tables, replica, now, out)
    if row[STEP_ENDS_AT] < 0 or row[STEP_ENDS_AT] > now:
        return 0
    count_step(row, now)
    row[STEP_ENDS_AT] = row[DUE] = -1
    fate = LINGERS if row[AHEAD] else FREED
    n = 0
    while row[DECODING] > 0 and tables.heaps[replica, 0, 0] == row[STEP]:
        slot = tables.heaps[replica, 0, 1]
        if calls[slot, SEGMENTS] > 0 and is_conversation(tables, slot):
            name_answer(tables, replica, slot)
        leave(tables, replica, slot, fate)
        calls[slot, GENERATED] = calls[slot, OUTPUT]
        calls[slot, LAST_TOKEN_AT] = now
        out[n, 0], out[n, 1] = slot, DONE
        n += 1
    slot = row[FIRST_PREFILL]
    while slot >= 0:
        following = calls[slot, NEXT]
        calls[slot, COMPUTED] += calls[slot, CHUNK]
        calls[slot, CHUNK] = 0
        if calls[slot, COMPUTED] < calls[slot, PROMPT] + calls[slot, GENERATED]:
            break  # only the last can be unfinished
        row[FIRST_PREFILL] = following
        bits = _finish_prefill(tables, replica, slot, fate, now)
        if bits != 0:
            out[n, 0], out[n, 1] = slot, bits
            n += 1
        slot = following
    return n


@compiled
def llm_abort(tables: LlmTables, replica: int, slot: int, now: int) -> int:  # noqa: ARG001  one shape for all transitions
    """Take a call out at once, 1 if it was there; its slot is free from now on.

    Its blocks come free at once between steps, at the end of the step if one runs; those that are
    shared at once in any case, which nobody can use before.
    """
    row, call = tables.ints[replica], tables.calls[slot]
    if call[STATE] == ABSENT:
        return 0
    if call[STATE] == KEPT_FOR:
        return llm_fetched(tables, replica, slot)
    row[AHEAD_LEFT] = 0
    call[GENERATED] = llm_generated(tables, replica, slot)
    if call[STATE] == IN_QUEUE:
        if row[SINGLY]:
            give_up_room(tables, replica, slot)
        dequeue(tables, replica, slot)
        return 1
    if call[SEGMENTS] > 0 and is_conversation(tables, slot):
        name_answer(tables, replica, slot)
    fate = DYING if row[STEP_ENDS_AT] >= 0 else FREED
    if row[SINGLY]:
        leave_singly(tables, replica, slot, fate)
    else:
        leave(tables, replica, slot, fate)
    return 1


@compiled
def llm_retime(tables: LlmTables, replica: int, now: int, new_slowdown: float) -> int:
    """Turn the slowdown, also of the running step, and say its new end.

    At 0 or below everything stands still until it is turned again. -1: no step, or standing still.
    """
    row, floats = tables.ints[replica], tables.floats[replica]
    old = floats[SLOWDOWN]
    floats[SLOWDOWN] = new_slowdown
    row[AHEAD_LEFT] = 0
    row[DUE] = -1
    if row[STEP_ENDS_AT] < 0:
        return -1
    if old > 0.0:
        floats[REMAINING] = max(row[STEP_ENDS_AT] - now, 0) / old
    if new_slowdown <= 0.0:
        row[STEP_ENDS_AT] = NEVER
        return -1
    row[STEP_ENDS_AT] = now + int(floats[REMAINING] * new_slowdown + 0.5)
    row[DUE] = row[STEP_ENDS_AT]
    return int(row[STEP_ENDS_AT])


@compiled
def llm_reset(tables: LlmTables, replica: int) -> None:
    """Forget everything, as when the process dies; knobs and counters stay as they are."""
    row = tables.ints[replica]
    slot = llm_held(tables, replica)
    while slot >= 0:
        llm_abort(tables, replica, slot, 0)
        slot = llm_held(tables, replica)
    row[STEP_ENDS_AT] = row[DUE] = -1
    row[KV_USED] = row[DYING_BLOCKS] = row[LINGERING] = 0
    tables.adapters[replica] = 0
    row[RECEIVING] = row[KEEPING] = row[LINK_FREE_AT] = 0
    row[ASKING_HEAD] = row[ASKING_TAIL] = -1
    empty_cache(tables, replica)


@compiled
def llm_set_kv_tokens(tables: LlmTables, replica: int, tokens: int) -> None:
    """Change how many tokens the KV cache holds; too much in use is preempted at the next step.

    What shrinks it goes from the free blocks that would be given away first.
    """
    row = tables.ints[replica]
    free = max(row[KV_TOTAL] - row[KV_USED], 0)
    gone = row[KV_TOTAL] - tokens // BLOCK
    if gone > 0:
        take_blocks(tables, replica, min(gone, free))
    row[KV_TOTAL] = tokens // BLOCK
    row[AHEAD_LEFT] = 0


@compiled
def llm_held(tables: LlmTables, replica: int) -> int:
    """Name one call the replica holds, the longest running first; -1 when it is empty."""
    row = tables.ints[replica]
    return int(row[RUN_HEAD]) if row[RUN_HEAD] >= 0 else int(row[WAIT_HEAD])


@compiled
def _finish_prefill(tables: LlmTables, replica: int, slot: int, fate: int, now: int) -> int:
    """Give a sequence the token that ends its prefill, and let it join the decodes or leave."""
    row, call = tables.ints[replica], tables.calls[slot]
    bits = FIRST_TOKEN if give_tokens(row, call, 1, now) else 0
    if call[GENERATED] == call[OUTPUT]:
        leave(tables, replica, slot, FETCHED if call[KEEPS] else fate)
        return bits | DONE
    join_decodes(tables, replica, slot)
    return bits
