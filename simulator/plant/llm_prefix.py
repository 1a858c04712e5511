"""Prefix caching: which KV blocks hold what, and which of the free ones is given away next.

As vLLM V1 does it: a full block of 16 tokens is named by all that stands before it; free blocks
keep what they hold and are given away in the order they came free, a sequence's last block first.
A request takes over the longest run of leading blocks that are still there.

Only blocks that another call could ask for have a row in `blocks`: those of the segments a call
shares (`llm_segments`), and what a preempted call has computed, as one entry. All others are
counts: an entry of the queue of free blocks says how many nameless ones stand before it (`GAP`),
and whatever is free beyond `QUEUED` stands behind the newest entry. While there is no entry, giving
blocks away costs nothing.

Whoever holds a block holds those before it, and gives it up first, so a block's parent outlives it
in the queue, and the rows of a call hang on the last one by `PARENT`. A block that is there already
is not named a second time, nor are those behind it.
"""

from simulator.plant import chance
from simulator.plant.jit import internal
from simulator.plant.llm_segments import segment_count, segment_end, segment_key
from simulator.plant.llm_tables import (
    BASE,
    BLOCK,
    CACHED,
    CACHES,
    CHUNK,
    COMPUTED,
    CURSOR,
    DECODE,
    FREE_ROW,
    GENERATED,
    KV_TOTAL,
    KV_USED,
    NAMEABLE,
    NAMED,
    NAMED_ROW,
    NEWEST,
    OLDEST,
    OWN_ROW,
    PREEMPTED,
    PREFIX_HITS,
    PREFIX_MISSES,
    PROBED,
    PROBED_FREE,
    PROBED_ROW,
    PROMPT,
    QUEUED,
    ROWS_USED,
    SINGLE,
    STATE,
    STEP,
    STEP_ENDS_AT,
    WHOLE,
    LlmTables,
    Row,
    blocks,
)

ID, REFS, CHAIN, OLDER, NEWER, GAP, PARENT, BUCKET = range(8)
"""Columns of `blocks` [replica, row]. Row 0 is none; BUCKET heads the chain of a hash."""
OWN = -1
"""REFS of a preempted call's entry: ID is its slot, PARENT how many blocks are left of it."""


@internal
def take_blocks(tables: LlmTables, replica: int, count: int) -> None:
    """Give away the free blocks that came free first; what they held is forgotten."""
    row, table = tables.ints[replica], tables.blocks[replica]
    while count > 0 and row[OLDEST] > 0:
        entry = row[OLDEST]
        part = min(table[entry, GAP], count)
        if part > 0:
            table[entry, GAP] -= part
        elif table[entry, REFS] == OWN:
            part = min(table[entry, PARENT], count)
            table[entry, PARENT] -= part
            if table[entry, PARENT] == 0:
                tables.calls[table[entry, ID], OWN_ROW] = 0
                _unlink(row, table, entry, 0, 0)
                _give_row(row, table, entry)
        else:
            part = 0
            count -= 1
            _unlink(row, table, entry, 1, 0)
            _forget(row, table, entry)
        row[QUEUED] -= part
        count -= part


@internal
def cached_chunk(tables: LlmTables, replica: int, slot: int, budget: int) -> int:
    """Admit a waiting call's first chunk behind what is cached of it; 0 where blocks are short.

    On success COMPUTED says how much was cached, and all blocks of it are held.
    """
    row, call, table = tables.ints[replica], tables.calls[slot], tables.blocks[replica]
    _probe(tables, replica, slot)
    held, wanted_back = row[PROBED], row[PROBED_FREE]
    own, mine = call[OWN_ROW], 0
    if own > 0 and held == call[NAMEABLE]:
        mine = table[own, PARENT]
    held += mine
    wanted_back += mine
    whole, free = call[PROMPT] + call[GENERATED], row[KV_TOTAL] - row[KV_USED]
    if row[WHOLE] and blocks(whole) - held + wanted_back > free:
        return 0
    chunk = min(whole - held * BLOCK, budget)
    wanted = blocks(held * BLOCK + chunk) - held
    if wanted + wanted_back > free:
        return 0
    entry = row[PROBED_ROW]
    while entry > 0:
        if table[entry, REFS] == 0:
            _unlink(row, table, entry, 1, 0)
            row[KV_USED] += 1
        table[entry, REFS] += 1
        entry = table[entry, PARENT]
    if own > 0:
        drop_own(tables, replica, slot, mine)
        row[KV_USED] += mine
    take_blocks(tables, replica, wanted)
    row[KV_USED] += wanted
    call[COMPUTED], call[CHUNK] = held * BLOCK, chunk
    call[NAMED], call[NAMED_ROW] = row[PROBED], row[PROBED_ROW]
    name_blocks(tables, replica, slot)
    if call[PREEMPTED] == 0:
        call[CACHED] = held * BLOCK
        row[PREFIX_HITS] += held * BLOCK
        row[PREFIX_MISSES] += call[PROMPT] - held * BLOCK
    return int(chunk)


@internal
def name_blocks(tables: LlmTables, replica: int, slot: int) -> None:
    """Let others find the full blocks that the chunk just scheduled completes."""
    call = tables.calls[slot]
    _name_until(tables, replica, slot, min(call[NAMEABLE], (call[COMPUTED] + call[CHUNK]) // BLOCK))


@internal
def name_answer(tables: LlmTables, replica: int, slot: int) -> None:
    """Let the next turn find the full blocks of an answer, which is about to leave the batch.

    The keys and values of its last token have not been computed, nor has what a running step adds.
    """
    row, call = tables.ints[replica], tables.calls[slot]
    if (call[STATE] != DECODE and call[STATE] != SINGLE) or not row[CACHES]:
        return
    running = 1 if row[STEP_ENDS_AT] >= 0 else 0
    is_single = call[STATE] == SINGLE
    computed = call[COMPUTED] if is_single else call[BASE] + row[STEP] - running
    call[NAMEABLE] = computed // BLOCK
    _name_until(tables, replica, slot, call[NAMEABLE])


@internal
def _name_until(tables: LlmTables, replica: int, slot: int, until: int) -> None:
    row, call, table = tables.ints[replica], tables.calls[slot], tables.blocks[replica]
    count = segment_count(tables, slot)
    while call[NAMED] < until and call[CURSOR] < count:
        if call[NAMED] >= segment_end(tables, slot, call[CURSOR]) // BLOCK:
            call[CURSOR] += 1
            continue
        name = chance.mix(segment_key(tables, slot, call[CURSOR]), call[NAMED])
        entry = _take_row(row, table) if _find(table, name) == 0 else 0
        if entry == 0:
            call[CURSOR] = count  # there already, or no room: no more of this call is named
            return
        bucket = name & (table.shape[0] - 1)
        table[entry, ID], table[entry, REFS] = name, 1
        table[entry, CHAIN], table[bucket, BUCKET] = table[bucket, BUCKET], entry
        table[entry, PARENT] = call[NAMED_ROW]
        call[NAMED_ROW] = entry
        call[NAMED] += 1


@internal
def let_go(tables: LlmTables, replica: int, last: int) -> None:
    """Give up the named blocks of a call, its last first; those nobody else holds come free."""
    row, table = tables.ints[replica], tables.blocks[replica]
    entry = last
    while entry > 0:
        parent = table[entry, PARENT]
        table[entry, REFS] -= 1
        if table[entry, REFS] == 0:
            row[KV_USED] -= 1
            if _room(row) > 0:
                _append(row, table, entry, 1)
            else:
                _forget(row, table, entry)
        entry = parent


@internal
def keep_own(tables: LlmTables, replica: int, slot: int, count: int) -> None:
    """Free the blocks only a preempted call can ask for again, in one entry of the queue."""
    row, table = tables.ints[replica], tables.blocks[replica]
    row[KV_USED] -= count
    count = min(count, _room(row))
    entry = _take_row(row, table) if count > 0 else 0
    if entry == 0:
        return
    table[entry, ID], table[entry, REFS], table[entry, PARENT] = slot, OWN, count
    _append(row, table, entry, count)
    tables.calls[slot, OWN_ROW] = entry


@internal
def drop_own(tables: LlmTables, replica: int, slot: int, taken: int) -> None:
    """Dissolve a preempted call's entry: `taken` of its blocks leave the queue, others stay."""
    row, table = tables.ints[replica], tables.blocks[replica]
    entry = tables.calls[slot, OWN_ROW]
    _unlink(row, table, entry, taken, table[entry, PARENT] - taken)
    _give_row(row, table, entry)
    tables.calls[slot, OWN_ROW] = 0


@internal
def empty_cache(tables: LlmTables, replica: int) -> None:
    """Forget all that is cached, as a new process does; nothing may be held."""
    row, table = tables.ints[replica], tables.blocks[replica]
    if row[ROWS_USED] > 0:
        table[:] = 0
    row[OLDEST] = row[NEWEST] = row[QUEUED] = row[FREE_ROW] = row[ROWS_USED] = 0


@internal
def _probe(tables: LlmTables, replica: int, slot: int) -> None:
    """Find the leading blocks that are cached: how many, how many of them free, and the last.

    At least one token is always computed anew.
    """
    row, call, table = tables.ints[replica], tables.calls[slot], tables.blocks[replica]
    row[PROBED] = row[PROBED_FREE] = row[PROBED_ROW] = 0
    until = min(call[NAMEABLE], (call[PROMPT] + call[GENERATED] - 1) // BLOCK)
    call[CURSOR] = 0
    while row[PROBED] < until:
        if row[PROBED] >= segment_end(tables, slot, call[CURSOR]) // BLOCK:
            call[CURSOR] += 1
            continue
        entry = _find(table, chance.mix(segment_key(tables, slot, call[CURSOR]), row[PROBED]))
        if entry == 0:
            return
        row[PROBED] += 1
        row[PROBED_FREE] += 1 if table[entry, REFS] == 0 else 0
        row[PROBED_ROW] = entry


@internal
def _find(table: Row, name: int) -> int:
    entry = table[name & (table.shape[0] - 1), BUCKET]
    while entry > 0 and table[entry, ID] != name:
        entry = table[entry, CHAIN]
    return int(entry)


@internal
def _room(row: Row) -> int:
    """Free blocks that no entry of the queue accounts for."""
    return int(row[KV_TOTAL] - row[KV_USED] - row[QUEUED])


@internal
def _append(row: Row, table: Row, entry: int, size: int) -> None:
    """Put blocks that have just come free behind all others."""
    table[entry, GAP] = _room(row) - size
    row[QUEUED] += table[entry, GAP] + size
    table[entry, OLDER], table[entry, NEWER] = row[NEWEST], 0
    if row[NEWEST] > 0:
        table[row[NEWEST], NEWER] = entry
    else:
        row[OLDEST] = entry
    row[NEWEST] = entry


@internal
def _unlink(row: Row, table: Row, entry: int, taken: int, left: int) -> None:
    """Take an entry out of the queue; `left` of its blocks stay where they are, nameless."""
    older, newer = table[entry, OLDER], table[entry, NEWER]
    row[QUEUED] -= taken
    if newer > 0:
        table[newer, OLDER] = older
        table[newer, GAP] += table[entry, GAP] + left
    else:
        row[NEWEST] = older
        row[QUEUED] -= table[entry, GAP] + left
    if older > 0:
        table[older, NEWER] = newer
    else:
        row[OLDEST] = newer


@internal
def _take_row(row: Row, table: Row) -> int:
    entry = row[FREE_ROW]
    if entry > 0:
        row[FREE_ROW] = table[entry, CHAIN]
    elif row[ROWS_USED] + 1 < table.shape[0]:
        row[ROWS_USED] += 1
        entry = row[ROWS_USED]
    return int(entry)


@internal
def _give_row(row: Row, table: Row, entry: int) -> None:
    table[entry, CHAIN] = row[FREE_ROW]
    row[FREE_ROW] = entry


@internal
def _forget(row: Row, table: Row, entry: int) -> None:
    """Let nobody find a block any more."""
    bucket = table[entry, ID] & (table.shape[0] - 1)
    before = table[bucket, BUCKET]
    if before == entry:
        table[bucket, BUCKET] = table[entry, CHAIN]
    else:
        while table[before, CHAIN] != entry:
            before = table[before, CHAIN]
        table[before, CHAIN] = table[entry, CHAIN]
    _give_row(row, table, entry)
