"""Prompts computed at another server: room is made for their KV cache, then it is sent for.

As vLLM does with a KV connector: a waiting call whose prompt is computed elsewhere (OFFERED) takes
blocks for all of it, one token more included, as soon as they are free, without a place in the
batch; its cache is then COMING, and those behind it are looked at meanwhile. When it has COME, the
call joins the batch as a decode, its first token known. What has come never waits for blocks, so
it goes on where others must wait. At the server that computed it, the cache stays until it has
been fetched.
"""

from simulator.plant.jit import internal
from simulator.plant.llm_prefix import let_go, take_blocks
from simulator.plant.llm_tables import (
    ABSENT,
    AHEAD_LEFT,
    ASKING_HEAD,
    ASKING_NEXT,
    ASKING_TAIL,
    CAME_AT,
    CHUNK,
    COME,
    COMING,
    COMPUTED,
    FIRST_TOKEN_AT,
    GENERATED,
    HELD,
    HERE,
    KEEPING,
    KV_TOTAL,
    KV_USED,
    LAST_TOKEN_AT,
    NAMED,
    NAMED_ROW,
    OFFERED,
    OLDEST,
    PROMPT,
    RECEIVING,
    REMOTE,
    SCHEDULED_AT,
    SINGLE,
    STATE,
    LlmTables,
    blocks,
)


@internal
def llm_offer(tables: LlmTables, slot: int) -> None:
    """Say of a call just queued that its prompt has been computed at another server."""
    tables.extras[slot, REMOTE] = OFFERED


@internal
def llm_come(tables: LlmTables, slot: int, now: int, first_token_at: int) -> None:
    """Say that the KV cache of a call is here, and when its first token was given."""
    call = tables.calls[slot]
    tables.extras[slot, REMOTE], tables.extras[slot, CAME_AT] = COME, now
    call[COMPUTED], call[GENERATED] = call[PROMPT], 1
    call[LAST_TOKEN_AT] = first_token_at


@internal
def llm_asks(tables: LlmTables, replica: int) -> int:
    """Name a call that has got room since this was last asked, in order; -1: there is none."""
    row = tables.ints[replica]
    slot = row[ASKING_HEAD]
    if slot >= 0:
        row[ASKING_HEAD] = tables.extras[slot, ASKING_NEXT]
        if row[ASKING_HEAD] < 0:
            row[ASKING_TAIL] = -1
    return int(slot)


@internal
def llm_lose_offer(tables: LlmTables, replica: int, slot: int) -> None:
    """Let a call compute its prompt itself: what was computed elsewhere will not come."""
    give_up_room(tables, replica, slot)
    tables.extras[slot, REMOTE] = HERE


@internal
def llm_fetched(tables: LlmTables, replica: int, slot: int) -> int:
    """Free the blocks of a call whose KV cache another server has fetched, or will not."""
    row, call = tables.ints[replica], tables.calls[slot]
    row[AHEAD_LEFT] = 0
    row[KEEPING] -= 1
    row[KV_USED] -= call[CHUNK]
    if call[NAMED] > 0:
        let_go(tables, replica, call[NAMED_ROW])
        call[NAMED] = call[NAMED_ROW] = 0
    call[STATE] = ABSENT
    return 1


@internal
def ask_for(tables: LlmTables, replica: int, slot: int) -> bool:
    """Take the blocks for a prompt computed elsewhere and have it sent; False: they are short."""
    row, extra = tables.ints[replica], tables.extras[slot]
    wanted = blocks(tables.calls[slot, PROMPT] + 1)
    if wanted > row[KV_TOTAL] - row[KV_USED]:
        return False
    if row[OLDEST] > 0:
        take_blocks(tables, replica, wanted)
    row[KV_USED] += wanted
    extra[HELD], extra[REMOTE], extra[ASKING_NEXT] = wanted, COMING, -1
    row[RECEIVING] += 1
    if row[ASKING_TAIL] >= 0:
        tables.extras[row[ASKING_TAIL], ASKING_NEXT] = slot
    else:
        row[ASKING_HEAD] = slot
    row[ASKING_TAIL] = slot
    return True


@internal
def start_decoding(tables: LlmTables, replica: int, slot: int) -> None:
    """Make a call just admitted, whose KV cache has come, part of the batch as a decode.

    Its first token was given elsewhere; here it is there from when it is scheduled.
    """
    call = tables.calls[slot]
    tables.ints[replica, RECEIVING] -= 1
    tables.extras[slot, REMOTE] = HERE
    call[CHUNK], call[STATE] = 1, SINGLE
    call[FIRST_TOKEN_AT] = call[SCHEDULED_AT]


@internal
def give_up_room(tables: LlmTables, replica: int, slot: int) -> None:
    """Free the blocks a waiting call holds for a KV cache that comes, or has come."""
    row, extra = tables.ints[replica], tables.extras[slot]
    if extra[REMOTE] == COMING or extra[REMOTE] == COME:
        row[KV_USED] -= extra[HELD]
        row[RECEIVING] -= 1
        extra[HELD] = 0
