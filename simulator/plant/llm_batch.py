"""Who is in a model server's batch: joining, leaving, giving way; a heap and two linked lists."""

from simulator.plant.jit import compiled, internal
from simulator.plant.llm_ahead import keep_place, linger
from simulator.plant.llm_prefix import drop_own, keep_own, let_go
from simulator.plant.llm_tables import (
    ABSENT,
    AHEAD,
    BASE,
    BASES,
    BLOCK,
    CACHES,
    CHUNK,
    COMPUTED,
    DECODE,
    DECODING,
    DYING_BLOCKS,
    FINISH,
    FIRST_PREFILL,
    GENERATED,
    HEAP_PLACE,
    IN_QUEUE,
    KEEPING,
    KEPT_FOR,
    KV_USED,
    LAST_END_AT,
    LAST_TOKEN_AT,
    LAST_VICTIM,
    NAMEABLE,
    NAMED,
    NAMED_ROW,
    NEXT,
    ORDER,
    ORDER_NEXT,
    OUTPUT,
    OWN_ROW,
    PREEMPTED,
    PREEMPTIONS,
    PREFILL,
    PREVIOUS,
    PROMPT,
    RESIDUES,
    RUN_HEAD,
    RUN_TAIL,
    RUNNING,
    SCHEDULED_AT,
    STATE,
    STEP,
    STEP_ENDS_AT,
    WAIT_HEAD,
    WAIT_TAIL,
    WAITING,
    LlmTables,
    Row,
    blocks,
)

FREED, DYING, KEPT, LINGERS, FETCHED = range(5)
"""What becomes of blocks: free, free when the running step ends, free but findable for a while,
free when the next batch is made, free when another server has fetched what they hold."""


@compiled
def llm_generated(tables: LlmTables, replica: int, slot: int) -> int:
    """Say how many tokens a call has been given so far."""
    row, call = tables.ints[replica], tables.calls[slot]
    if call[STATE] != DECODE:
        return int(call[GENERATED])
    ended = 1 if row[STEP_ENDS_AT] < 0 else 0
    return int(call[BASE] + row[STEP] + ended - call[PROMPT])


@internal
def enqueue(tables: LlmTables, replica: int, slot: int) -> None:
    """Put a call at the end of the wait queue."""
    row = tables.ints[replica]
    tables.calls[slot, STATE] = IN_QUEUE
    append_call(row, tables.calls, WAIT_HEAD, WAIT_TAIL, slot)
    row[WAITING] += 1


@internal
def dequeue(tables: LlmTables, replica: int, slot: int) -> None:
    """Take a call out of the wait queue, wherever it stands."""
    row = tables.ints[replica]
    tables.calls[slot, STATE] = ABSENT
    if tables.calls[slot, OWN_ROW] > 0:
        drop_own(tables, replica, slot, 0)
    unlink_call(row, tables.calls, WAIT_HEAD, WAIT_TAIL, slot)
    row[WAITING] -= 1


@internal
def admit(tables: LlmTables, replica: int, slot: int, now: int) -> None:
    """Move a call from the wait queue to the end of the running ones, as a prefill."""
    row, call = tables.ints[replica], tables.calls[slot]
    dequeue(tables, replica, slot)
    append_call(row, tables.calls, RUN_HEAD, RUN_TAIL, slot)
    row[RUNNING] += 1
    call[STATE] = PREFILL
    call[ORDER] = row[ORDER_NEXT]
    row[ORDER_NEXT] += 1
    if call[SCHEDULED_AT] < 0:
        call[SCHEDULED_AT] = now
    if row[FIRST_PREFILL] < 0:
        row[FIRST_PREFILL] = slot


@internal
def join_decodes(tables: LlmTables, replica: int, slot: int) -> None:
    """Make a prefilled sequence part of the sums, from the step after this one."""
    row, call = tables.ints[replica], tables.calls[slot]
    call[STATE] = DECODE
    call[BASE] = call[PROMPT] + call[GENERATED] - row[STEP] - 1
    call[FINISH] = row[STEP] + call[OUTPUT] - call[GENERATED]
    row[BASES] += call[BASE]
    row[RESIDUES + (call[BASE] & (BLOCK - 1))] += 1
    row[DECODING] += 1
    _sift_up(tables, replica, row[DECODING] - 1, slot)


@internal
def leave(tables: LlmTables, replica: int, slot: int, fate: int) -> None:
    """Take a running sequence out of everything; `fate` says what becomes of its blocks."""
    row, call = tables.ints[replica], tables.calls[slot]
    if call[STATE] == DECODE:
        tokens = call[BASE] + row[STEP]
        row[BASES] -= call[BASE]
        row[RESIDUES + (call[BASE] & (BLOCK - 1))] -= 1
        _heap_remove(tables, replica, call[HEAP_PLACE])
    else:
        tokens = call[COMPUTED] + call[CHUNK]
        if row[FIRST_PREFILL] == slot:
            row[FIRST_PREFILL] = call[NEXT]
    own = tokens // BLOCK - call[NAMEABLE] if fate == KEPT and row[CACHES] else 0
    take_leave(tables, replica, slot, blocks(tokens) - call[NAMED], own, fate)


@internal
def take_leave(
    tables: LlmTables, replica: int, slot: int, nameless: int, own: int, fate: int
) -> None:
    """Take a call out of the running ones and say what becomes of its blocks.

    Of those without a name that others could ask for, `own` can be found again if it is preempted.
    """
    row, call = tables.ints[replica], tables.calls[slot]
    if fate == DYING:
        row[DYING_BLOCKS] += nameless
    elif fate == LINGERS:
        linger(tables, replica, slot, nameless)
    elif fate == FETCHED:
        call[CHUNK] = nameless
        row[KEEPING] += 1
        if row[AHEAD]:
            keep_place(tables, replica, slot, 0, 0)
    elif own > 0:
        # The last block first: an unfinished one, the call's own, then copies of others' blocks.
        copies = call[NAMEABLE] - call[NAMED]
        row[KV_USED] -= nameless - own - copies
        keep_own(tables, replica, slot, own)
        row[KV_USED] -= copies
    else:
        row[KV_USED] -= nameless
    if call[NAMED] > 0 and fate < LINGERS:
        let_go(tables, replica, call[NAMED_ROW])
        call[NAMED] = call[NAMED_ROW] = 0
    unlink_call(row, tables.calls, RUN_HEAD, RUN_TAIL, slot)
    row[RUNNING] -= 1
    call[STATE] = KEPT_FOR if fate == FETCHED else ABSENT


@internal
def preempt(tables: LlmTables, replica: int, slot: int) -> None:
    """Send a sequence back to the front of the queue, to compute its context again."""
    row, call = tables.ints[replica], tables.calls[slot]
    if call[STATE] == DECODE:
        call[GENERATED] = llm_generated(tables, replica, slot)
        call[LAST_TOKEN_AT] = row[LAST_END_AT]
    leave(tables, replica, slot, KEPT)
    note_preempted(row, call, slot)
    stand_first(tables, replica, slot)


@internal
def note_preempted(row: Row, call: Row, slot: int) -> None:
    """Count a preemption; nothing of what its victim had computed is left to it."""
    call[COMPUTED] = call[CHUNK] = 0
    call[PREEMPTED] += 1
    row[PREEMPTIONS] += 1
    row[LAST_VICTIM] = slot


@internal
def stand_first(tables: LlmTables, replica: int, slot: int) -> None:
    """Put a call at the front of the wait queue."""
    row = tables.ints[replica]
    tables.calls[slot, STATE] = IN_QUEUE
    prepend_call(row, tables.calls, WAIT_HEAD, WAIT_TAIL, slot)
    row[WAITING] += 1


@internal
def append_call(row: Row, calls: Row, head: int, tail: int, slot: int) -> None:
    """Put a call at the end of a list."""
    last = row[tail]
    calls[slot, PREVIOUS], calls[slot, NEXT] = last, -1
    row[tail] = slot
    if last >= 0:
        calls[last, NEXT] = slot
    else:
        row[head] = slot


@internal
def prepend_call(row: Row, calls: Row, head: int, tail: int, slot: int) -> None:
    """Put a call at the front of a list."""
    first = row[head]
    calls[slot, PREVIOUS], calls[slot, NEXT] = -1, first
    row[head] = slot
    if first >= 0:
        calls[first, PREVIOUS] = slot
    else:
        row[tail] = slot


@internal
def unlink_call(row: Row, calls: Row, head: int, tail: int, slot: int) -> None:
    """Take a call out of a list."""
    before, after = calls[slot, PREVIOUS], calls[slot, NEXT]
    if before >= 0:
        calls[before, NEXT] = after
    else:
        row[head] = after
    if after >= 0:
        calls[after, PREVIOUS] = before
    else:
        row[tail] = before


@internal
def _comes_before(calls: Row, slot: int, other: int) -> bool:
    if calls[slot, FINISH] != calls[other, FINISH]:
        return bool(calls[slot, FINISH] < calls[other, FINISH])
    return bool(calls[slot, ORDER] < calls[other, ORDER])


@internal
def _put(tables: LlmTables, replica: int, place: int, slot: int) -> None:
    tables.heaps[replica, place, 0] = tables.calls[slot, FINISH]
    tables.heaps[replica, place, 1] = slot
    tables.calls[slot, HEAP_PLACE] = place


@internal
def _sift_up(tables: LlmTables, replica: int, place: int, slot: int) -> None:
    while place > 0:
        above = (place - 1) >> 1
        other = tables.heaps[replica, above, 1]
        if not _comes_before(tables.calls, slot, other):
            break
        _put(tables, replica, place, other)
        place = above
    _put(tables, replica, place, slot)


@internal
def _sift_down(tables: LlmTables, replica: int, place: int, slot: int, size: int) -> None:
    heaps, calls = tables.heaps, tables.calls
    below = 2 * place + 1
    while below < size:
        other = heaps[replica, below, 1]
        if below + 1 < size and _comes_before(calls, heaps[replica, below + 1, 1], other):
            below += 1
            other = heaps[replica, below, 1]
        if not _comes_before(calls, other, slot):
            break
        _put(tables, replica, place, other)
        place = below
        below = 2 * place + 1
    _put(tables, replica, place, slot)


@internal
def _heap_remove(tables: LlmTables, replica: int, place: int) -> None:
    row = tables.ints[replica]
    row[DECODING] -= 1
    size = row[DECODING]
    if place == size:
        return
    moved = tables.heaps[replica, size, 1]
    above = tables.heaps[replica, max(place - 1, 0) >> 1, 1]
    if place > 0 and _comes_before(tables.calls, moved, above):
        _sift_up(tables, replica, place, moved)
    else:
        _sift_down(tables, replica, place, moved, size)
