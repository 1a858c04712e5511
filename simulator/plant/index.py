"""Searches of a vector index: how long they take and what they find, by how the index stands.

The graph's time is a + b x ef x log10(N) x dimensions / 1536, its recall 1 - A x ef^-k
(the constants say whence). Beside it:

- What has been inserted since is scanned vector by vector, until the optimizer has indexed it:
  Qdrant begins when its threshold is reached, and swaps the new segment in when it is done.
- Deleted points stay in the graph, found in vain: they take their share of `ef`, until their share
  reaches the vacuum's threshold and the segment is written anew.
- While the optimizer runs it takes cores; a search that finds none free shares one.
- Where vectors x dimensions x 4 bytes x 1.5 (Qdrant's rule) exceed the memory, that share of the
  vectors a search looks at is read from disk.
- Shards lie on places, a replica each, so many copies of each on neighbouring places. A search asks
  all shards. Each replica does the shard searches of what it is asked, which is as many as it would
  do of others'; a shard's search is as slow as the replica that holds it.

Between searches everything grows by constant rates, so a row is settled in closed form.
"""

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import Floats, State

(
    I_SETTLED_AT, I_LIVE, I_DEAD, I_TAIL, I_INSERTS, I_DELETES, I_SPEED, I_FROM, I_VACUUM, I_TASK,
    I_BATCH, I_LEFT, I_CORES, I_MEMORY, I_DISK_NS, I_DIMENSIONS, I_EF, I_MATCH, I_SHARDS, I_COPIES,
    I_SLOTS, I_FAILS, I_LOST,
) = range(23)  # fmt: skip
INDEX_COLUMNS = 23
# LIVE holds the TAIL too; rates are per ns. BATCH are the vectors a task indexes or the dead ones
# it drops, LEFT those it has yet to write. LOST shards are gone whoever is there.
IDLE, INDEXING, VACUUM = range(3)

# Search time and recall 1 - A x ef^-k, fitted to pgvector on 250,000 x 1536 (ef 10: recall .75,
# 2.9 ms; ef 80: .93, p50 3.7 and p99 7.1 ms).
INDEX_BASE_NS = 2_786_000.0
INDEX_NS_PER_EF_DECADE = 2_117.0
INDEX_SIGMA = 0.28
RECALL_LOSS = 1.0236
RECALL_POWER = 0.6122
_LN10 = 2.302585092994046
_SCAN_NS = 0.4  # per dimension: 4 bytes at 10 GB/s, what one core reads (an estimate)
_LOOKED_AT = 10.0  # vectors compared per candidate kept (an estimate; M is 16 and most are known)
_BYTES = 6.0  # per dimension: 4 bytes x 1.5
_ALMOST = 1e-3  # vectors: rates and times are rounded
NOT_A_SEARCH = -2  # in a piece of work's row, where the number of a shard stands


@internal
def _begin_task(row: Floats) -> None:
    """Let an idle optimizer take what is due: new vectors first, then deleted ones."""
    if row[I_SPEED] == 0.0:
        return
    if row[I_TAIL] >= row[I_FROM] - _ALMOST:
        row[I_TASK], row[I_BATCH], row[I_LEFT] = INDEXING, row[I_TAIL], row[I_TAIL]
        return
    written = row[I_LIVE] + row[I_DEAD] - row[I_TAIL]
    drops = row[I_VACUUM] > 0.0 and row[I_DEAD] > 0.0
    if drops and row[I_DEAD] >= row[I_VACUUM] * written - _ALMOST:
        row[I_TASK], row[I_BATCH] = VACUUM, row[I_DEAD]
        row[I_LEFT] = max(written - row[I_DEAD], 1.0)


@internal
def _until_due(row: Floats, most: float) -> float:
    """Say how long an idle optimizer stays idle, if less than `most`."""
    if row[I_SPEED] == 0.0:
        return most
    if row[I_INSERTS] > 0.0:
        most = min(most, (row[I_FROM] - row[I_TAIL]) / row[I_INSERTS])
    if row[I_VACUUM] > 0.0 and row[I_DELETES] > 0.0:
        written = row[I_LIVE] + row[I_DEAD] - row[I_TAIL]
        most = min(most, (row[I_VACUUM] * written - row[I_DEAD]) / row[I_DELETES])
    return max(most, 0.0)


@compiled
def advance_index(row: Floats, now: int) -> None:
    """Bring an index up to now: inserts, deletes, and what its optimizer has begun and done."""
    left = now - row[I_SETTLED_AT]
    row[I_SETTLED_AT] = now
    while left >= 0.0:
        if row[I_TASK] == IDLE:
            _begin_task(row)
        if row[I_TASK] == IDLE:
            lasts = _until_due(row, left)
        elif row[I_SPEED] == 0.0:
            lasts = left
        else:
            lasts = min(left, row[I_LEFT] / row[I_SPEED])
        row[I_TAIL] += row[I_INSERTS] * lasts
        row[I_LIVE] += row[I_INSERTS] * lasts
        deleted = min(row[I_DELETES] * lasts, row[I_LIVE] - row[I_TAIL])
        row[I_LIVE] -= deleted
        row[I_DEAD] += deleted
        left -= lasts
        if row[I_TASK] != IDLE:
            row[I_LEFT] -= row[I_SPEED] * lasts
            if row[I_LEFT] <= _ALMOST:
                if row[I_TASK] == INDEXING:
                    row[I_TAIL] -= row[I_BATCH]
                else:
                    row[I_DEAD] -= row[I_BATCH]
                row[I_TASK] = IDLE
                continue
        if left <= 0.0:
            if row[I_TASK] == IDLE:
                _begin_task(row)
            return


@internal
def _holder(s: State, pool: int, shard: int, key: int) -> int:
    """Find a replica that is there and holds a shard; -1 where there is none."""
    row, index = s.pools[pool], s.indexes[pool]
    if shard < int(index[I_LOST]):
        return -1
    slots, copies = int(index[I_SLOTS]), int(index[I_COPIES])
    for k in range(copies):
        slot = (shard + (key + k) % copies) % slots
        for place in range(row[at.P_READY_COUNT]):
            r = row[row[at.P_READY] + place]
            if s.replicas[r, at.R_SLOT] == slot and s.replicas[r, at.R_REACHABLE]:
                return r
    return -1


@internal
def _shards_missing(s: State, pool: int) -> int:
    missing = 0
    for shard in range(int(s.indexes[pool, I_SHARDS])):
        missing += 1 if _holder(s, pool, shard, 0) < 0 else 0
    return missing


@rare
def search_ns(s: State, slot: int, shard: int) -> float:
    """Say how long a search of an index, or of one shard, takes at the median; 0: it is missing."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    pool = s.replicas[r, at.R_POOL]
    row = s.indexes[pool]
    advance_index(row, s.head[at.NOW])
    shards, others = row[I_SHARDS], 1.0
    if shards > 1.0:
        holder = _holder(s, pool, shard, chance.mix(call[at.KEY], chance.BALANCE))
        if holder < 0:
            return 0.0
        own = s.replica_floats[r, at.R_SLOWDOWN]
        if own > 0.0:
            others = s.replica_floats[holder, at.R_SLOWDOWN] / own
    points = row[I_LIVE] + row[I_DEAD]
    decades = arithmetic.log(max((points - row[I_TAIL]) / shards, 10.0)) / _LN10
    graph = INDEX_NS_PER_EF_DECADE * row[I_EF] * decades * row[I_DIMENSIONS] / 1536.0
    lasts = INDEX_BASE_NS + graph + row[I_TAIL] / shards * row[I_DIMENSIONS] * _SCAN_NS
    needs = points * row[I_DIMENSIONS] * _BYTES
    if shards > 1.0:
        needs = needs * row[I_COPIES] / row[I_SLOTS]
    if row[I_MEMORY] > 0.0 and needs > row[I_MEMORY]:
        reads = _LOOKED_AT * row[I_EF] * (1.0 - row[I_MEMORY] / needs)
        lasts += reads * row[I_DISK_NS]
        s.replicas[r, at.R_PAGE_FAULTS] += int(reads + 0.5)
    if row[I_TASK] != IDLE:
        cores = s.replicas[r, at.R_WORKERS]
        wanted = s.replicas[r, at.R_TAKEN] + row[I_CORES]
        if wanted > cores > 0:
            lasts = lasts * wanted / cores
    return lasts * others


@rare
def found_share(s: State, pool: int) -> float:
    """Say which share of the true neighbours a search finds; -1 where it must fail instead."""
    row = s.indexes[pool]
    graph = row[I_LIVE] - row[I_TAIL]
    dead = row[I_DEAD] / max(row[I_DEAD] + graph, 1.0)
    ef = max(row[I_EF] * (1.0 - dead), 1.0)
    recall = 1.0 - RECALL_LOSS * arithmetic.power(ef, -RECALL_POWER)
    share = (graph * max(recall, 0.0) + row[I_TAIL]) / max(row[I_LIVE], 1.0)
    share *= row[I_MATCH]
    if row[I_SHARDS] > 1.0:
        missing = _shards_missing(s, pool)
        if missing > 0 and row[I_FAILS] > 0.0:
            return -1.0
        share *= 1.0 - missing / row[I_SHARDS]
    elif row[I_LOST] > 0.0:
        share = 0.0 if row[I_FAILS] == 0.0 else -1.0
    return min(share, 1.0)


@internal
def settle_index(s: State, r: int, now: int) -> None:
    """Write what a replica shows of its index."""
    replica = s.replicas[r]
    pool = replica[at.R_POOL]
    row = s.indexes[pool]
    advance_index(row, now)
    replica[at.R_KEYS] = int(row[I_LIVE] + 0.5)
    replica[at.R_UNINDEXED] = int(row[I_TAIL] + 0.5)
    replica[at.R_OPTIMIZING] = 1 if row[I_TASK] != IDLE else 0
    replica[at.R_SHARDS_MISSING] = _shards_missing(s, pool) if row[I_SHARDS] > 1.0 else 0
