"""A server that makes each batch a step ahead: what it does not know yet when it makes it.

vLLM's asynchronous scheduling makes the batch of a step as the step before it starts. Who arrives
during that step is not in it, and who finishes with that step still has its place and its KV
blocks: it lingers from the step's end until the next batch is made, which is at the same instant
here. Lingering sequences stand at the far end of the replica's heap as (row of the last named
block, blocks without a name, order of admission), in that order.
"""

from simulator.plant.jit import inlined, internal
from simulator.plant.llm_prefix import let_go
from simulator.plant.llm_tables import (
    KV_USED,
    LINGERING,
    NAMED,
    NAMED_ROW,
    ORDER,
    PREEMPTIONS,
    RUN_TAIL,
    LlmTables,
)


@internal
def linger(tables: LlmTables, replica: int, slot: int, nameless: int) -> None:
    """Keep the blocks of a sequence that finished, and its place, for one more batch."""
    call = tables.calls[slot]
    keep_place(tables, replica, slot, call[NAMED_ROW], nameless)
    call[NAMED] = call[NAMED_ROW] = 0


@internal
def keep_place(tables: LlmTables, replica: int, slot: int, named: int, nameless: int) -> None:
    """Let a sequence that has finished count for one more batch, with blocks if it has any."""
    row, heap = tables.ints[replica], tables.heaps[replica]
    row[LINGERING] += 1
    place = heap[heap.shape[0] - row[LINGERING]]
    place[0], place[1], place[2] = named, nameless, tables.calls[slot, ORDER]


@internal
def release_lingering(tables: LlmTables, replica: int) -> None:
    """Free what lingers, in the order of admission."""
    row, heap = tables.ints[replica], tables.heaps[replica]
    for n in range(row[LINGERING]):
        place = heap[heap.shape[0] - 1 - n]
        row[KV_USED] -= place[1]
        if place[0] > 0:
            let_go(tables, replica, place[0])
    row[LINGERING] = 0


@inlined
def newest_lingers(tables: LlmTables, replica: int) -> bool:
    """Say whether the most recently admitted of all that hold blocks has finished."""
    row, heap = tables.ints[replica], tables.heaps[replica]
    if row[LINGERING] == 0:
        return False
    tail = row[RUN_TAIL]
    newest = heap[heap.shape[0] - row[LINGERING], 2]
    return bool(tail < 0 or newest > tables.calls[tail, ORDER])


@internal
def preempt_lingering(tables: LlmTables, replica: int) -> None:
    """Take the blocks of the newest, which the server does not know to have finished."""
    row, heap = tables.ints[replica], tables.heaps[replica]
    place = heap[heap.shape[0] - row[LINGERING]]
    row[LINGERING] -= 1
    row[KV_USED] -= place[1]
    if place[0] > 0:
        let_go(tables, replica, place[0])
    row[PREEMPTIONS] += 1
