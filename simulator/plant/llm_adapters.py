"""LoRA adapters on a model server: which may be in a batch, and what loading them takes.

A batch has at most as many different ones as there are places on the GPU, as in vLLM. Those of a
batch that are not on the GPU are copied there as the step begins, from the host's memory or, where
they are not there either, from disk; everybody in the batch waits for it. The least recently used
give way.
"""

from simulator.plant.jit import compiled, internal
from simulator.plant.llm_tables import (
    ADAPTER,
    CHUNK,
    HOST_LORAS_MAX,
    LOAD_FROM_DISK,
    LOAD_FROM_HOST,
    LORAS_MAX,
    NEXT,
    ON_GPU,
    ON_HOST,
    RUN_HEAD,
    STEP,
    USED_AT,
    LlmTables,
)


@compiled
def llm_use_adapter(tables: LlmTables, slot: int, adapter: int) -> None:
    """Say of a call just queued which adapter it asks for; 0 for the model itself."""
    tables.extras[slot, ADAPTER] = adapter


@internal
def note_adapters(tables: LlmTables, replica: int) -> int:
    """Mark the adapters of the running sequences scheduled in this step; say how many."""
    row, found = tables.ints[replica], 0
    slot = row[RUN_HEAD]
    while slot >= 0:
        if tables.calls[slot, CHUNK] > 0:
            found += use_adapter(tables, replica, slot)
        slot = tables.calls[slot, NEXT]
    return found


@internal
def use_adapter(tables: LlmTables, replica: int, slot: int) -> int:
    """Mark a sequence's adapter as one of this step's: 1 if it was not before."""
    number = tables.extras[slot, ADAPTER]
    used = tables.adapters[replica, number]
    if number == 0 or used[USED_AT] == tables.ints[replica, STEP]:
        return 0
    used[USED_AT] = tables.ints[replica, STEP]
    return 1


@internal
def finds_place(tables: LlmTables, replica: int, slot: int, in_batch: int) -> bool:
    """Say whether a sequence may join a batch that has so many adapters in it."""
    row, number = tables.ints[replica], tables.extras[slot, ADAPTER]
    is_there = tables.adapters[replica, number, USED_AT] == row[STEP]
    return bool(number == 0 or is_there or row[LORAS_MAX] == 0 or in_batch < row[LORAS_MAX])


@internal
def load_adapters(tables: LlmTables, replica: int) -> float:
    """Bring the adapters of this step where they are computed; say how many ns that takes."""
    row, floats, table = tables.ints[replica], tables.floats[replica], tables.adapters[replica]
    lasts = 0.0
    for number in range(1, table.shape[0]):
        if table[number, USED_AT] != row[STEP] or table[number, ON_GPU]:
            continue
        if not table[number, ON_HOST]:
            lasts += floats[LOAD_FROM_DISK]
            _make_room(tables, replica, ON_HOST, row[HOST_LORAS_MAX])
            table[number, ON_HOST] = 1
        lasts += floats[LOAD_FROM_HOST]
        _make_room(tables, replica, ON_GPU, row[LORAS_MAX])
        table[number, ON_GPU] = 1
    return lasts


@internal
def _make_room(tables: LlmTables, replica: int, where: int, room: int) -> None:
    """Let the least recently used go that this step does not need, if all places are taken.

    Who goes from the host's memory goes from the GPU as well.
    """
    table, step = tables.adapters[replica], tables.ints[replica, STEP]
    taken, oldest = 0, 0
    for number in range(1, table.shape[0]):
        if table[number, where]:
            taken += 1
            is_older = oldest == 0 or table[number, USED_AT] < table[oldest, USED_AT]
            if table[number, USED_AT] != step and is_older:
                oldest = number
    if taken >= room and oldest > 0:
        table[oldest, where] = 0
        if where == ON_HOST:
            table[oldest, ON_GPU] = 0
