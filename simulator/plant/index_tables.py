"""What vector indexes are made of: a row per pool, who holds which shards, and their knobs."""

from collections.abc import Sequence

import numpy as np

from simulator.plant import layout as at
from simulator.plant.api import PoolKnob
from simulator.plant.index import (
    I_BATCH,
    I_COPIES,
    I_CORES,
    I_DEAD,
    I_DELETES,
    I_DIMENSIONS,
    I_DISK_NS,
    I_EF,
    I_FAILS,
    I_FROM,
    I_INSERTS,
    I_LIVE,
    I_LOST,
    I_MATCH,
    I_MEMORY,
    I_SHARDS,
    I_SLOTS,
    I_SPEED,
    I_TAIL,
    I_VACUUM,
    INDEX_COLUMNS,
    advance_index,
)
from simulator.plant.layout import Floats, State
from simulator.plant.spec import PoolSpec, VectorIndex, Workers

_SECOND = 1e9
_INDEXED_FROM_BYTES = 10_000 * 1024  # Qdrant's default indexing_threshold_kb, as float32
_FLOAT = 4

_KNOBS = {
    PoolKnob.VECTORS: I_LIVE,
    PoolKnob.MEMORY_BYTES: I_MEMORY,
    PoolKnob.UNINDEXED: I_TAIL,
    PoolKnob.SHARDS_LOST: I_LOST,
    PoolKnob.EMBEDDING_MATCH: I_MATCH,
    PoolKnob.EF: I_EF,
}
_RATES = {
    PoolKnob.INSERTS_PER_SECOND: I_INSERTS,
    PoolKnob.DELETES_PER_SECOND: I_DELETES,
    PoolKnob.INDEXES_PER_SECOND: I_SPEED,
}
INDEX_KNOBS = {*_KNOBS, *_RATES}
"""Those that a vector index has."""


def index_of(pool: PoolSpec) -> VectorIndex | None:
    """Say what a pool searches, if it is an index."""
    served = pool.discipline
    if isinstance(served, Workers) and isinstance(served.content, VectorIndex):
        return served.content
    return None


def index_table(pools: Sequence[PoolSpec]) -> Floats:
    """Lay out a row per pool; those that are no index stay empty."""
    table = np.zeros((len(pools), INDEX_COLUMNS))
    for row, pool in zip(table, pools, strict=True):
        index = index_of(pool)
        if index is not None:
            _fill(row, index, pool.replicas)
    return table


def _fill(row: Floats, index: VectorIndex, replicas: int) -> None:
    row[I_LIVE], row[I_TAIL], row[I_DIMENSIONS] = index.vectors, index.unindexed, index.dimensions
    row[I_EF], row[I_MATCH] = index.ef, 1.0
    row[I_INSERTS], row[I_DELETES] = index.inserts_per_s / _SECOND, index.deletes_per_s / _SECOND
    row[I_SPEED], row[I_CORES] = index.indexes_per_s / _SECOND, index.optimizer_cores
    whole = max(_INDEXED_FROM_BYTES // (_FLOAT * index.dimensions), 1)
    row[I_FROM], row[I_VACUUM] = index.indexes_from or whole, index.vacuum_above
    row[I_MEMORY], row[I_DISK_NS] = index.memory_bytes, index.disk_read_ns
    row[I_SHARDS], row[I_COPIES] = index.shards, min(index.copies, max(replicas, 1))
    row[I_SLOTS], row[I_FAILS] = max(replicas, 1), index.partial == "fail"


def free_slot_of(s: State, pool: int, replicas: int) -> int:
    """Say whose data a new replica of an index finds on its volume: the lowest place nobody has.

    -1 where all are taken: it coordinates searches and holds no shards.
    """
    rows = s.replicas[:replicas]
    mine = rows[(rows[:, at.R_POOL] == pool) & (rows[:, at.R_REMOVED] == 0)]
    taken: set[int] = {int(slot) for slot in mine[:, at.R_SLOT]}
    slots = int(s.indexes[pool, I_SLOTS])
    return next((slot for slot in range(slots) if slot not in taken), -1)


def pass_on_slot(s: State, pool: int, slot: int, replicas: int) -> None:
    """Give the volume of a replica that is gone to one that has none."""
    rows = s.replicas[:replicas]
    mine = (rows[:, at.R_POOL] == pool) & (rows[:, at.R_REMOVED] == 0) & (rows[:, at.R_SLOT] < 0)
    heirs = np.flatnonzero(mine)
    if slot >= 0 and len(heirs):
        rows[heirs[0], at.R_SLOT] = slot


def turn_index(s: State, pool: int, knob: PoolKnob, value: float, now: int) -> None:
    """Turn one of INDEX_KNOBS; what has come about until now stays."""
    row = s.indexes[pool]
    advance_index(row, now)
    if knob is not PoolKnob.EF:
        s.pools[pool, at.P_OPTIONS] = 1
    if knob in _RATES:
        row[_RATES[knob]] = value / _SECOND
    else:
        row[_KNOBS[knob]] = value
    if knob is PoolKnob.VECTORS:
        row[I_TAIL] = min(row[I_TAIL], value)
        row[I_DEAD] = 0.0
        row[I_BATCH] = min(row[I_BATCH], row[I_TAIL])
    if knob is PoolKnob.UNINDEXED:
        row[I_LIVE] = max(row[I_LIVE], value)
