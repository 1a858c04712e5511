"""Read replicas: how far behind their primary they are, and who follows when it is lost.

Writes are numbered as they commit. A replica applies them in order, one at a time: each arrives a
constant time after its commit and takes a constant time to apply, so a replica that is given more
than it can apply falls behind. What it has applied is worked out when somebody asks.
"""

from simulator.plant import layout as at
from simulator.plant import store_tables as st
from simulator.plant.api import SignalKind
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import set_timer, signal_replica, take_slot, then

_SECOND = 1_000_000_000
_PROMOTED = int(SignalKind.PROMOTED)


@internal
def _committed_at(s: State, pool: int, number: int) -> int:
    """Say when a write was committed; of one long past, when the oldest that is kept was."""
    store = s.databases[pool]
    place, newest = number >> store[st.S_SHIFT], store[st.S_WRITTEN] >> store[st.S_SHIFT]
    place = max(place, newest - st.RING + 1)
    return s.commits[store[st.S_RING], place & (st.RING - 1)]


@compiled
def catch_up(s: State, r: int, now: int) -> None:
    """Apply what a replica has had the time to apply."""
    pool = s.replicas[r, at.R_POOL]
    store, replay = s.databases[pool], s.replays[r]
    each = replay[st.Y_EACH_NS]
    if each < 0 or r == store[st.S_PRIMARY]:
        return
    while replay[st.Y_APPLIED] < store[st.S_WRITTEN]:
        there = _committed_at(s, pool, replay[st.Y_APPLIED] + 1) + store[st.S_SHIP_NS]
        done = max(there, replay[st.Y_AT]) + each
        if done > now:
            return
        replay[st.Y_APPLIED] += 1
        replay[st.Y_AT] = done


@internal
def _oldest_needed(s: State, pool: int) -> int:
    """Count the writes that every replica which is alive has applied."""
    oldest = s.databases[pool, st.S_WRITTEN]
    for r in range(s.replicas.shape[0]):
        if s.replicas[r, at.R_POOL] == pool and s.replicas[r, at.R_ALIVE]:
            catch_up(s, r, s.head[at.NOW])
            if r != s.databases[pool, st.S_PRIMARY]:
                oldest = min(oldest, s.replays[r, st.Y_APPLIED])
    return oldest


@internal
def _make_room(s: State, pool: int) -> None:
    """Keep every other commit time only, where too many writes wait to be applied."""
    store = s.databases[pool]
    store[st.S_OLDEST] = _oldest_needed(s, pool)
    if store[st.S_OLDEST] == store[st.S_WRITTEN]:
        store[st.S_SHIFT] = 0
    if ((store[st.S_WRITTEN] - store[st.S_OLDEST]) >> store[st.S_SHIFT]) < st.RING - 2:
        return
    ring, spare = s.commits[store[st.S_RING]], s.commits[store[st.S_RING] + 1]
    for i in range(st.RING):
        spare[i] = ring[i]
    shift = store[st.S_SHIFT] + 1
    store[st.S_SHIFT] = shift
    for place in range(store[st.S_OLDEST] >> shift, (store[st.S_WRITTEN] >> shift) + 1):
        ring[place & (st.RING - 1)] = spare[(2 * place) & (st.RING - 1)]


@internal
def note_commit(s: State, pool: int) -> int:
    """Number a write that commits now, for replicas to apply."""
    store = s.databases[pool]
    if ((store[st.S_WRITTEN] + 1 - store[st.S_OLDEST]) >> store[st.S_SHIFT]) >= st.RING - 1:
        _make_room(s, pool)
    number = store[st.S_WRITTEN] + 1
    store[st.S_WRITTEN] = number
    if number & ((1 << store[st.S_SHIFT]) - 1) == 0:
        place = (number >> store[st.S_SHIFT]) & (st.RING - 1)
        s.commits[store[st.S_RING], place] = s.head[at.NOW]
    return number


@compiled
def lag_of(s: State, r: int, now: int) -> int:
    """Say how old the oldest write is that a replica has not applied."""
    catch_up(s, r, now)
    pool = s.replicas[r, at.R_POOL]
    store = s.databases[pool]
    if r == store[st.S_PRIMARY] or s.replays[r, st.Y_APPLIED] >= store[st.S_WRITTEN]:
        return 0
    return now - _committed_at(s, pool, s.replays[r, st.Y_APPLIED] + 1)


@compiled
def take_keeper(s: State) -> int:
    """Take a row for a frame that keeps a component's time."""
    return take_slot(s.head, s.slots)


@compiled
def wake_keeper(s: State, slot: int, time: int) -> None:
    """Have a keeper's timer ring."""
    set_timer(s, slot, time, -1)


@rare
def promote(s: State, slot: int) -> int:
    """Make the replica that has applied most the primary; what it had not applied is lost."""
    pool = s.slots[slot, at.POOL]
    store, now = s.databases[pool], s.head[at.NOW]
    best = -1
    for r in range(s.replicas.shape[0]):
        row = s.replicas[r]
        fit = row[at.R_POOL] == pool and row[at.R_READY] and row[at.R_REACHABLE]
        if fit and r != store[st.S_PRIMARY]:
            catch_up(s, r, now)
            if best < 0 or s.replays[r, st.Y_APPLIED] > s.replays[best, st.Y_APPLIED]:
                best = r
    if best < 0:
        set_timer(s, slot, now + _SECOND, -1)
        return then(at.NOTHING, 0)
    has = s.replays[best, st.Y_APPLIED]
    store[st.S_LOST] += store[st.S_WRITTEN] - has
    store[st.S_WRITTEN] = has
    store[st.S_OLDEST] = min(store[st.S_OLDEST], has)
    store[st.S_PRIMARY] = best
    store[st.S_DUE_AT] = 0
    store[st.S_PROMOTIONS] += 1
    for r in range(s.replicas.shape[0]):
        if s.replicas[r, at.R_POOL] == pool:
            s.replays[r, st.Y_APPLIED] = min(s.replays[r, st.Y_APPLIED], has)
    signal_replica(s, _PROMOTED, best, 0)
    return then(at.NOTHING, 0)
