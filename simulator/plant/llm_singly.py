"""A model server that goes through its batch sequence by sequence, for what sums cannot hold.

Speculation gives each sequence a number of tokens of its own; adapters and priorities let calls
overtake others. The rules are those of `llm`, which is the same server where nothing of it is
asked for: running ones first, then waiting ones, blocks taken from others when they are short.

A sequence's next step computes what is known of it and not computed, and the tokens drafted for it
(`TO_VERIFY`). It holds blocks for those, and `LOOKAHEAD` more tokens for the drafting model's next.
Tokens found wrong keep their blocks, for the next ones.
"""

from simulator.plant import chance
from simulator.plant.jit import internal
from simulator.plant.llm_adapters import finds_place, note_adapters, use_adapter
from simulator.plant.llm_ahead import newest_lingers, preempt_lingering, release_lingering
from simulator.plant.llm_batch import (
    FETCHED,
    FREED,
    KEPT,
    LINGERS,
    admit,
    note_preempted,
    stand_first,
    take_leave,
)
from simulator.plant.llm_chunks import first_chunk
from simulator.plant.llm_prefix import name_answer, name_blocks, take_blocks
from simulator.plant.llm_remote import ask_for, start_decoding
from simulator.plant.llm_segments import is_conversation
from simulator.plant.llm_singly_work import singly_work
from simulator.plant.llm_tables import (
    ACCEPTANCE,
    ACCEPTED_TOKENS,
    AHEAD,
    ARRIVED_AT,
    BLOCK,
    BUDGET,
    BY_PRIORITY,
    CACHES,
    CAME_AT,
    CHUNK,
    COME,
    COMING,
    COMPUTED,
    DRAFT_TOKENS,
    DRAFTS,
    DRAFTS_MAX,
    DRAW_KEY,
    DUE,
    FIRST_PREFILL,
    GENERATED,
    HELD,
    IN_QUEUE,
    KEEPS,
    KV_TOTAL,
    KV_USED,
    LAST_END_AT,
    LINGERING,
    LOOKAHEAD,
    LORAS_MAX,
    MAX_SEQS,
    MODEL_MAX,
    NAMEABLE,
    NAMED,
    NEXT,
    OFFERED,
    OLDEST,
    OUTPUT,
    PREEMPTIONS,
    PREVIOUS,
    PRIORITY,
    PROMPT,
    RECEIVING,
    REMOTE,
    RUN_HEAD,
    RUN_TAIL,
    RUNNING,
    SEGMENTS,
    SINGLE,
    SLOWDOWN,
    STATE,
    STEP,
    STEP_ENDS_AT,
    STEP_STARTED_AT,
    STEPS,
    TO_VERIFY,
    VERIFYING,
    WAIT_HEAD,
    WAIT_TAIL,
    WAITING,
    LlmTables,
    Row,
    blocks,
)
from simulator.plant.llm_work import count_step, give_tokens, stretched

_FIRST_TOKEN, _DONE = 1, 2  # as `llm` says them


@internal
def start_singly(tables: LlmTables, replica: int, now: int) -> int:
    """Schedule a step and say when it ends; -1 while one runs or when nothing can be scheduled."""
    row, slowdown = tables.ints[replica], tables.floats[replica, SLOWDOWN]
    if row[STEP_ENDS_AT] >= 0:
        return -1
    is_ahead = row[AHEAD] != 0 and row[LAST_END_AT] == now and row[STEPS] > 0
    stands = slowdown <= 0.0 or row[RUNNING] + row[WAITING] == 0
    if stands or not is_ahead:
        release_lingering(tables, replica)
    if stands:
        return -1
    preemptions = row[PREEMPTIONS]
    row[STEP] += 1
    budget = _schedule_running(tables, replica)
    adapters = note_adapters(tables, replica) if row[LORAS_MAX] > 0 else 0
    made_at = row[STEP_STARTED_AT] if is_ahead else now
    while row[PREEMPTIONS] == preemptions:
        budget = _schedule_waiting(tables, replica, budget, adapters, made_at)
        if made_at == now or budget < row[BUDGET]:
            break
        made_at = now  # it would have been empty, so it is made now
        release_lingering(tables, replica)
    release_lingering(tables, replica)
    if budget == row[BUDGET] and row[PREEMPTIONS] == preemptions:
        row[STEP] -= 1  # asking must not shift the noise of later steps
        return -1
    row[STEP_STARTED_AT] = now
    row[STEP_ENDS_AT] = now + stretched(singly_work(tables, replica), slowdown)
    return int(row[STEP_ENDS_AT])


@internal
def end_singly(tables: LlmTables, replica: int, now: int, out: Row) -> int:
    """End the running step, as `llm.llm_end_step` does."""
    row, calls = tables.ints[replica], tables.calls
    if row[STEP_ENDS_AT] < 0 or row[STEP_ENDS_AT] > now:
        return 0
    count_step(row, now)
    row[STEP_ENDS_AT] = row[DUE] = -1
    n, slot = 0, row[RUN_HEAD]
    while slot >= 0:
        following = calls[slot, NEXT]
        if calls[slot, CHUNK] > 0:
            bits = _advance(tables, replica, slot, now)
            if bits != 0:
                out[n, 0], out[n, 1] = slot, bits
                n += 1
        slot = following
    return n


@internal
def leave_singly(tables: LlmTables, replica: int, slot: int, fate: int) -> None:
    """Take a running sequence out of everything; `fate` says what becomes of its blocks."""
    row, call, extra = tables.ints[replica], tables.calls[slot], tables.extras[slot]
    own = 0
    if fate == KEPT and row[CACHES]:
        # Of the tokens being verified none is known: no block with one of them can be found.
        known = min(call[COMPUTED] + call[CHUNK], call[PROMPT] + call[GENERATED] - 1)
        own = max(known // BLOCK - call[NAMEABLE], 0)
    take_leave(tables, replica, slot, extra[HELD] - call[NAMED], own, fate)
    extra[HELD] = extra[TO_VERIFY] = extra[VERIFYING] = 0


@internal
def queue_by_priority(tables: LlmTables, replica: int, slot: int, was_in: bool) -> None:
    """Put a call before all that are less important, or as important and came later.

    Of two that came together, one that was running already goes first.
    """
    row, calls, extras = tables.ints[replica], tables.calls, tables.extras
    before = row[WAIT_TAIL]
    while before >= 0:
        stays = not _goes_first(calls, extras, slot, before)
        if stays and (not was_in or _goes_first(calls, extras, before, slot)):
            break
        before = calls[before, PREVIOUS]
    after = row[WAIT_HEAD] if before < 0 else calls[before, NEXT]
    calls[slot, PREVIOUS], calls[slot, NEXT] = before, after
    if before >= 0:
        calls[before, NEXT] = slot
    else:
        row[WAIT_HEAD] = slot
    if after >= 0:
        calls[after, PREVIOUS] = slot
    else:
        row[WAIT_TAIL] = slot
    calls[slot, STATE] = IN_QUEUE
    row[WAITING] += 1


@internal
def _goes_first(calls: Row, extras: Row, slot: int, other: int) -> bool:
    if extras[slot, PRIORITY] != extras[other, PRIORITY]:
        return bool(extras[slot, PRIORITY] > extras[other, PRIORITY])
    return bool(calls[slot, ARRIVED_AT] < calls[other, ARRIVED_AT])


@internal
def _schedule_running(tables: LlmTables, replica: int) -> int:
    """Give running sequences their tokens and blocks; say what is left of the budget."""
    row, calls, extras = tables.ints[replica], tables.calls, tables.extras
    budget = row[BUDGET]
    while row[KV_USED] > row[KV_TOTAL] and (row[RUNNING] > 0 or row[LINGERING] > 0):
        _give_way(tables, replica)  # the cache was made smaller
    slot = row[RUN_HEAD]
    while slot >= 0 and budget > 0:
        call, extra = calls[slot], extras[slot]
        known = call[PROMPT] + call[GENERATED]
        tokens = min(known + extra[TO_VERIFY] - call[COMPUTED], budget)
        tokens = min(tokens, row[MODEL_MAX] - 1 - call[COMPUTED])
        until = min(call[COMPUTED] + tokens + row[LOOKAHEAD], row[MODEL_MAX])
        wanted = max(blocks(until) - extra[HELD], 0)
        while wanted > row[KV_TOTAL] - row[KV_USED] and call[STATE] != IN_QUEUE:
            budget += _give_way(tables, replica)
        if call[STATE] == IN_QUEUE:
            break  # it took its own blocks
        if row[OLDEST] > 0:
            take_blocks(tables, replica, wanted)
        row[KV_USED] += wanted
        extra[HELD] += wanted
        call[CHUNK] = tokens
        extra[VERIFYING] = max(call[COMPUTED] + tokens - known, 0)
        if row[CACHES] and call[NAMED] < call[NAMEABLE]:
            name_blocks(tables, replica, slot)
        budget -= tokens
        slot = call[NEXT]
    return int(budget)


@internal
def _schedule_waiting(
    tables: LlmTables, replica: int, budget: int, adapters: int, made_at: int
) -> int:
    """Admit those known when the batch is made, while there is room; say what is left of it."""
    row, calls, in_batch = tables.ints[replica], tables.calls, adapters
    is_blocked = False
    slot = row[WAIT_HEAD]
    while slot >= 0 and budget > 0 and row[RUNNING] + row[LINGERING] < row[MAX_SEQS]:
        following = calls[slot, NEXT]
        where = tables.extras[slot, REMOTE]
        known_at = tables.extras[slot, CAME_AT] if where == COME else calls[slot, ARRIVED_AT]
        if known_at > made_at or not finds_place(tables, replica, slot, in_batch):
            slot = following
            continue
        if where == COMING or (is_blocked and where != COME):
            slot = following
            continue
        if where == OFFERED:
            is_blocked = not ask_for(tables, replica, slot)
            slot = following
            continue
        chunk = 1 if where == COME else first_chunk(tables, replica, slot, budget)
        if chunk == 0:
            if row[RECEIVING] == 0:
                break
            is_blocked = True  # but what has come has its blocks already
            slot = following
            continue
        admit(tables, replica, slot, made_at)
        row[FIRST_PREFILL] = -1
        if where == COME:
            start_decoding(tables, replica, slot)
            budget -= 1
            slot = following
            continue
        in_batch += use_adapter(tables, replica, slot)
        tables.extras[slot, HELD] = blocks(calls[slot, COMPUTED] + chunk)
        budget -= chunk
        slot = following
    return int(budget)


@internal
def _give_way(tables: LlmTables, replica: int) -> int:
    """Send the least important, else the newest, back to the queue; say what it was to compute."""
    row, calls, extras = tables.ints[replica], tables.calls, tables.extras
    victim = row[RUN_TAIL]
    if row[BY_PRIORITY] and row[RUNNING] > 0:
        slot = victim = row[RUN_HEAD]
        while slot >= 0:
            victim = slot if _goes_first(calls, extras, victim, slot) else victim
            slot = calls[slot, NEXT]
    elif newest_lingers(tables, replica):
        preempt_lingering(tables, replica)
        return 0
    tokens = int(calls[victim, CHUNK])
    leave_singly(tables, replica, victim, KEPT)
    note_preempted(row, calls[victim], victim)
    if row[BY_PRIORITY]:
        queue_by_priority(tables, replica, victim, True)
    else:
        stand_first(tables, replica, victim)
    return tokens


@internal
def _advance(tables: LlmTables, replica: int, slot: int, now: int) -> int:
    """Give a sequence the tokens of the step that ends; say what is to be reported of it."""
    row, call, extra = tables.ints[replica], tables.calls[slot], tables.extras[slot]
    known = call[PROMPT] + call[GENERATED]
    call[COMPUTED] += call[CHUNK]
    call[CHUNK] = 0
    if call[COMPUTED] < known:
        return 0
    accepted = _accepted(tables, replica, slot) if extra[VERIFYING] > 0 else 0
    given = min(accepted + 1, call[OUTPUT] - call[GENERATED])
    call[COMPUTED] = known + given - 1
    bits = _FIRST_TOKEN if give_tokens(row, call, given, now) else 0
    call[STATE] = SINGLE
    extra[TO_VERIFY], extra[VERIFYING] = row[DRAFTS_MAX], 0
    if call[GENERATED] == call[OUTPUT]:
        if call[SEGMENTS] > 0 and is_conversation(tables, slot):
            name_answer(tables, replica, slot)
        fate = LINGERS if row[AHEAD] else FREED
        leave_singly(tables, replica, slot, FETCHED if call[KEEPS] else fate)
        bits |= _DONE
    return bits


@internal
def _accepted(tables: LlmTables, replica: int, slot: int) -> int:
    """Draw how many of the tokens being verified are right: each only after those before it."""
    row, call, extra = tables.ints[replica], tables.calls[slot], tables.extras[slot]
    acceptance = tables.floats[replica, ACCEPTANCE]
    key = chance.mix(chance.mix(extra[DRAW_KEY], chance.SPECULATION), call[GENERATED])
    u, bar, accepted = chance.uniform(key), acceptance, 0
    while accepted < extra[VERIFYING] and u < bar:
        accepted += 1
        bar *= acceptance
    row[DRAFTS] += 1
    row[DRAFT_TOKENS] += extra[VERIFYING]
    row[ACCEPTED_TOKENS] += accepted
    return accepted
