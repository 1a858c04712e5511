"""Prefill chunks: how many tokens a call computes in a step, and the KV blocks for them."""

from simulator.plant.jit import internal
from simulator.plant.llm_prefix import cached_chunk, name_blocks, take_blocks
from simulator.plant.llm_tables import (
    CACHES,
    CHUNK,
    COMPUTED,
    GENERATED,
    KV_TOTAL,
    KV_USED,
    NAMEABLE,
    NAMED,
    OLDEST,
    PREEMPTED,
    PREFIX_MISSES,
    PROMPT,
    WHOLE,
    LlmTables,
    Row,
    blocks,
)


@internal
def first_chunk(tables: LlmTables, replica: int, slot: int, budget: int) -> int:
    """Give a waiting call its first chunk and the blocks for it; 0 when they are not there."""
    row, call = tables.ints[replica], tables.calls[slot]
    if row[CACHES] and (call[NAMEABLE] > 0 or call[PREEMPTED] > 0):
        return cached_chunk(tables, replica, slot, budget)
    whole = call[PROMPT] + call[GENERATED]
    if row[WHOLE] and blocks(whole) > row[KV_TOTAL] - row[KV_USED]:
        return 0
    chunk = take_chunk(tables, replica, slot, budget)
    if row[CACHES] and chunk > 0:
        row[PREFIX_MISSES] += call[PROMPT]
    return chunk


@internal
def take_chunk(tables: LlmTables, replica: int, slot: int, budget: int) -> int:
    """Give a prefill its next chunk and the blocks for it; 0 when the blocks are not there."""
    row, call = tables.ints[replica], tables.calls[slot]
    computed = call[COMPUTED]
    chunk = min(call[PROMPT] + call[GENERATED] - computed, budget)
    wanted = blocks(computed + chunk) - blocks(computed)
    if wanted > row[KV_TOTAL] - row[KV_USED]:
        return 0
    if row[OLDEST] > 0:
        take_blocks(tables, replica, wanted)
    row[KV_USED] += wanted
    call[CHUNK] = chunk
    if row[CACHES] and call[NAMED] < call[NAMEABLE]:
        name_blocks(tables, replica, slot)
    return int(chunk)


@internal
def completes(call: Row) -> int:
    """Count the token that the chunk just scheduled leads to: 1 if it ends the prefill."""
    return 1 if call[COMPUTED] + call[CHUNK] == call[PROMPT] + call[GENERATED] else 0
