"""What prompts share: segments of tokens, each named by itself and all that stands before it.

A call has up to four segments of its own, or a run of rows of `segments` [row, (key, end)], as
traces that name their blocks have. `end` counts tokens from the prompt's start.
"""

from simulator.plant import chance
from simulator.plant.jit import compiled, internal
from simulator.plant.llm_tables import (
    BLOCK,
    CALL_SEGMENTS,
    NAMEABLE,
    PROMPT,
    SEGMENT_0,
    SEGMENT_AT,
    SEGMENTS,
    LlmTables,
)

UNENDED = 1 << 40
"""The end of a conversation: the answer is part of it, and whatever is said after."""


@compiled
def llm_share_own(tables: LlmTables, slot: int, key: int, end: int) -> None:
    """Say of a call just queued that it shares its tokens up to `end` with all of the same key.

    Said again, of a segment behind those said before; more than four are not kept.
    """
    call = tables.calls[slot]
    count = call[SEGMENTS]
    if count == CALL_SEGMENTS:
        return
    call[SEGMENT_0 + 2 * count], call[SEGMENT_0 + 2 * count + 1] = key, end
    call[SEGMENTS] = count + 1
    call[SEGMENT_AT] = -1
    call[NAMEABLE] = min(end, call[PROMPT]) // BLOCK


@internal
def llm_share_listed(tables: LlmTables, slot: int, at: int, count: int, adapter: int) -> None:
    """Say of a call just queued that its segments are rows `at` and following of the table.

    Those computed by another adapter are others.
    """
    call = tables.calls[slot]
    call[SEGMENTS], call[SEGMENT_AT], call[SEGMENT_0] = count, at, adapter
    if count > 0:
        call[NAMEABLE] = min(tables.segments[at + count - 1, 1], call[PROMPT]) // BLOCK


@internal
def segment_count(tables: LlmTables, slot: int) -> int:
    """How many segments a call shares."""
    return int(tables.calls[slot, SEGMENTS])


@internal
def segment_key(tables: LlmTables, slot: int, place: int) -> int:
    """Name a segment and all before it."""
    call = tables.calls[slot]
    if call[SEGMENT_AT] >= 0:
        key = tables.segments[call[SEGMENT_AT] + place, 0]
        return int(key if call[SEGMENT_0] == 0 else chance.mix(key, call[SEGMENT_0]))
    return int(call[SEGMENT_0 + 2 * place])


@internal
def segment_end(tables: LlmTables, slot: int, place: int) -> int:
    """Where a segment ends, in tokens from the start of the prompt."""
    call = tables.calls[slot]
    if call[SEGMENT_AT] >= 0:
        return int(tables.segments[call[SEGMENT_AT] + place, 1])
    return int(call[SEGMENT_0 + 2 * place + 1])


@internal
def is_conversation(tables: LlmTables, slot: int) -> bool:
    """Say whether a call's answer will be part of later prompts."""
    call = tables.calls[slot]
    last = SEGMENT_0 + 2 * call[SEGMENTS] - 1
    return bool(call[SEGMENTS] > 0 and call[SEGMENT_AT] < 0 and call[last] == UNENDED)
