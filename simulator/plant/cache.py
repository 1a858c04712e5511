"""Caches of real keys: look up, fill, expire, evict, and the flight that others wait for."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.cache_entries import (
    enlist,
    find,
    insert,
    key_of,
    link_use,
    remove,
    unlink_use,
)
from simulator.plant.cache_eviction import make_room, note_use
from simulator.plant.cache_freshness import (
    GONE,
    faded,
    fresh_for,
    judge_value,
    note_new,
    note_value,
)
from simulator.plant.cache_meaning import answers, look_up_meaning, store_meaning
from simulator.plant.cache_tables import (
    F_RENEWING,
    O_NEGATIVE_NS,
    O_STALE_NS,
    O_TOPICS,
    UNKNOWN,
)
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import Ints, State
from simulator.plant.tables import put_work, then

_FAILED_BEFORE = -1  # K_QUALITY of what a failed fetch left


@compiled
def store(s: State, r: int, key: int, quality: int, expires_at: int, salt: int) -> int:
    """Put a value in, over an old one or into a pending entry; -1 where it finds no room.

    Another key may have to go for it; where that is by chance, `salt` decides.
    """
    replica = s.replicas[r]
    pool = s.pools[replica[at.R_POOL]]
    entry = find(s, r, key)
    if entry >= 0 and s.keys[entry, at.K_PENDING] == 0:
        if pool[at.P_OPTIONS]:
            note_use(s, r, entry, salt)
        unlink_use(replica, s.keys, entry)
    else:
        if pool[at.P_OPTIONS]:
            if not make_room(s, r, salt):
                return -1
        else:
            while replica[at.R_KEYS] >= max(pool[at.P_KEYS_MAX], 1):
                remove(s, replica[at.R_KEY_OLDEST])
                replica[at.R_EVICTED] += 1
        if entry < 0:
            entry = insert(s, r, key, 0)
        if pool[at.P_OPTIONS]:
            enlist(s, r, entry)
            note_new(s, entry)
        replica[at.R_KEYS] += 1
    s.keys[entry, at.K_PENDING] = 0
    s.keys[entry, at.K_QUALITY] = quality
    s.keys[entry, at.K_EXPIRES_AT] = expires_at
    link_use(replica, s.keys, entry)
    return entry


@compiled
def not_held(s: State, r: int, wanted: Ints, found: Ints) -> int:
    """Fill `found` with the first wanted keys a replica does not hold; return how many."""
    by_meaning = s.caches[s.replicas[r, at.R_POOL], O_TOPICS] > 0
    n = 0
    for i in range(wanted.shape[0]):
        if n == found.shape[0]:
            break
        if (not answers(s, r, wanted[i])) if by_meaning else (find(s, r, wanted[i]) < 0):
            found[n] = wanted[i]
            n += 1
    return n


@compiled
def warm(s: State, r: int, keys: Ints, ttl_ns: int) -> None:
    """Store keys with right values, the last first, so that the first are the last to go.

    Entries of a warm cache were stored at different times: they expire one by one.
    """
    pool = s.replicas[r, at.R_POOL]
    for i in range(keys.shape[0] - 1, -1, -1):
        expires_at, stored_at, stale = 0, s.head[at.NOW], 0
        if ttl_ns > 0:
            age = chance.uniform(chance.mix(keys[i], chance.WORKLOAD))
            expires_at = s.head[at.NOW] + 1 + int(ttl_ns * age)
            stored_at = expires_at - ttl_ns
            stale = s.caches[pool, O_STALE_NS]
        salt = chance.mix(keys[i], chance.EVICT)
        if s.caches[pool, O_TOPICS] > 0:
            entry = store_meaning(
                s, r, keys[i], chance.mix(keys[i], chance.ALIKE), at.ONE, expires_at
            )
        else:
            entry = store(s, r, keys[i], at.ONE, expires_at + stale, salt)
        if s.pools[pool, at.P_OPTIONS] and entry >= 0:
            note_value(s, r, entry, stored_at, expires_at, UNKNOWN)


@internal
def _hit(s: State, slot: int, entry: int) -> None:
    """Answer with a held value, or with what is remembered of a fetch that failed."""
    call, quality = s.slots[slot], s.keys[entry, at.K_QUALITY]
    s.replicas[call[at.REPLICA], at.R_HITS] += 1
    call[at.RESULT] = at.OK
    if quality < 0:
        call[at.RESULT] = at.NEGATIVE
        return
    if s.pools[s.replicas[call[at.REPLICA], at.R_POOL], at.P_OPTIONS]:
        quality = faded(s, entry, quality)
    call[at.QUALITY] = (call[at.QUALITY] * quality) >> at.ONE_BITS


@internal
def _answer(s: State, slot: int, entry: int, result: int) -> int:
    """Answer from a held value, whose caller may be to fetch it anew."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    if s.pools[s.replicas[r, at.R_POOL], at.P_OPTIONS]:
        note_use(s, r, entry, call[at.KEY])
    else:
        unlink_use(s.replicas[r], s.keys, entry)
        link_use(s.replicas[r], s.keys, entry)
    if result == at.MISSED:
        s.replicas[r, at.R_HITS] += 1
    else:
        _hit(s, slot, entry)
    call[at.RESULT] = result
    if result == at.MISSED or result == at.RENEW:
        call[at.MISS_0] = r
    return then(at.FINISH, slot)


@internal
def _wait(s: State, slot: int, entry: int) -> int:
    """Wait for whoever is fetching the same key."""
    call, tail = s.slots[slot], s.keys[entry, at.K_WAIT_TAIL]
    call[at.STATE] = at.IN_FLIGHT_WAIT
    call[at.ENTRY] = entry
    call[at.PREVIOUS] = tail
    call[at.NEXT] = -1
    if tail >= 0:
        s.slots[tail, at.NEXT] = slot
    else:
        s.keys[entry, at.K_WAIT_HEAD] = slot
    s.keys[entry, at.K_WAIT_TAIL] = slot
    return then(at.NOTHING, 0)


@internal
def look_up(s: State, slot: int) -> int:
    """Answer hit or miss, or wait for whoever is fetching the same key."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    replica = s.replicas[r]
    pool = s.pools[replica[at.R_POOL]]
    key = key_of(s, call[at.CLASS], call[at.ROOT_KEY])
    if pool[at.P_OPTIONS] and s.caches[replica[at.R_POOL], O_TOPICS] > 0:
        return look_up_meaning(s, slot, key)
    entry = find(s, r, key)
    if entry >= 0 and s.keys[entry, at.K_PENDING] == 0:
        result = at.OK
        if pool[at.P_OPTIONS]:
            result = judge_value(s, slot, entry)
        elif 0 < s.keys[entry, at.K_EXPIRES_AT] <= s.head[at.NOW]:
            result = GONE
        if result != GONE:
            return _answer(s, slot, entry, result)
        replica[at.R_EXPIRED] += 1
        remove(s, entry)
        entry = -1
    if entry >= 0:
        return _wait(s, slot, entry)
    if pool[at.P_SINGLE_FLIGHT]:
        insert(s, r, key, 1)
    replica[at.R_MISSES] += 1
    call[at.MISS_0] = r
    call[at.RESULT] = at.MISSED
    return then(at.FINISH, slot)


@rare
def stop_waiting(s: State, slot: int) -> None:
    """Take a call out of those that wait for a flight."""
    call = s.slots[slot]
    entry = call[at.ENTRY]
    before, after = call[at.PREVIOUS], call[at.NEXT]
    if before >= 0:
        s.slots[before, at.NEXT] = after
    else:
        s.keys[entry, at.K_WAIT_HEAD] = after
    if after >= 0:
        s.slots[after, at.PREVIOUS] = before
    else:
        s.keys[entry, at.K_WAIT_TAIL] = before
    call[at.ENTRY] = -1
    call[at.STATE] = at.RUNNING


@rare
def _serve_waiting(s: State, entry: int) -> None:
    """Answer all who waited for a fetch, now that its end is known."""
    waiter = s.keys[entry, at.K_WAIT_HEAD]
    while waiter >= 0:
        following = s.slots[waiter, at.NEXT]
        _hit(s, waiter, entry)
        s.slots[waiter, at.ENTRY] = -1
        s.slots[waiter, at.STATE] = at.RUNNING
        put_work(s.head, s.work, at.FINISH, waiter, s.slots[waiter, at.SERIAL])
        waiter = following
    s.keys[entry, at.K_WAIT_HEAD] = -1
    s.keys[entry, at.K_WAIT_TAIL] = -1


@internal
def _remember_failure(s: State, slot: int, r: int, key: int) -> bool:
    """Remember for a time that a fetch failed, unless its process or the cache has gone."""
    frame, pool = s.slots[slot], s.replicas[r, at.R_POOL]
    lasts, result = s.caches[pool, O_NEGATIVE_NS], frame[at.RESULT]
    if lasts == 0 or s.replicas[r, at.R_ALIVE] == 0 or s.replicas[r, at.R_REACHABLE] == 0:
        return False
    if result == at.OK or result == at.MISSED or result == at.RENEW or result == at.LEFT:
        return False
    if frame[at.DEADLINE] > 0 and s.head[at.NOW] >= frame[at.DEADLINE]:
        return False  # its caller's time was up, which says nothing of the value
    if frame[at.REPLICA] < 0 or s.replicas[frame[at.REPLICA], at.R_ALIVE] == 0:
        return False
    expires_at = s.head[at.NOW] + lasts
    salt = chance.mix(frame[at.KEY], chance.EVICT)
    entry = store(s, r, key, _FAILED_BEFORE, expires_at, salt)
    if entry < 0:
        return False
    note_value(s, r, entry, s.head[at.NOW], 0, UNKNOWN)
    _serve_waiting(s, entry)
    return True


@rare
def give_up_flight(s: State, slot: int, depth: int) -> None:
    """Pass a fetch that will not be finished on to the first who waits, if any."""
    frame = s.slots[slot]
    r = frame[at.MISS_0 + depth]
    frame[at.MISS_0 + depth] = -1
    if r < 0:
        return
    pool = s.pools[s.replicas[r, at.R_POOL]]
    if pool[at.P_SINGLE_FLIGHT] == 0 and pool[at.P_OPTIONS] == 0:
        return
    key = key_of(s, frame[at.CLASS], frame[at.ROOT_KEY])
    entry = find(s, r, key)
    if entry >= 0 and s.keys[entry, at.K_PENDING] == 0:
        if pool[at.P_OPTIONS]:
            s.facts[entry, F_RENEWING] = 0
        return
    if pool[at.P_OPTIONS] and _remember_failure(s, slot, r, key):
        return
    if entry < 0:
        return
    waiter = s.keys[entry, at.K_WAIT_HEAD]
    if waiter < 0:
        remove(s, entry)
        return
    stop_waiting(s, waiter)
    s.slots[waiter, at.MISS_0] = r
    s.slots[waiter, at.RESULT] = at.MISSED
    s.replicas[r, at.R_MISSES] += 1
    put_work(s.head, s.work, at.FINISH, waiter, s.slots[waiter, at.SERIAL])


@internal
def fill(s: State, slot: int, depth: int) -> None:
    """Store the value a frame has fetched for the key it missed, and serve all who waited."""
    frame = s.slots[slot]
    r = frame[at.MISS_0 + depth]
    fetched = frame[at.QUALITY]
    frame[at.QUALITY] = (frame[at.BEFORE_MISS_0 + depth] * fetched) >> at.ONE_BITS
    frame[at.BEFORE_MISS_0 + depth] = at.ONE
    if r < 0 or s.replicas[r, at.R_ALIVE] == 0 or s.replicas[r, at.R_REACHABLE] == 0:
        give_up_flight(s, slot, depth)
        return
    frame[at.MISS_0 + depth] = -1
    now, pool = s.head[at.NOW], s.replicas[r, at.R_POOL]
    options, ttl = s.pools[pool, at.P_OPTIONS], s.pools[pool, at.P_TTL_NS]
    stale = 0
    if options:
        ttl = fresh_for(s, r, frame[at.KEY])
        stale = s.caches[pool, O_STALE_NS]
    fresh_until = now + ttl if ttl > 0 else 0
    expires_at = fresh_until + stale if ttl > 0 else 0
    key = key_of(s, frame[at.CLASS], frame[at.ROOT_KEY])
    salt = chance.mix(frame[at.KEY], chance.EVICT)
    if options and s.caches[pool, O_TOPICS] > 0:
        entry = store_meaning(s, r, key, frame[at.ROOT_KEY], fetched, expires_at)
    else:
        entry = store(s, r, key, fetched, expires_at, salt)
    if entry < 0:
        _fill_nothing(s, r, key, fetched)
        return
    if options:
        took = now - frame[at.MISSED_AT_0 + depth]
        note_value(s, r, entry, now, fresh_until, took)
    _serve_waiting(s, entry)


@internal
def _fill_nothing(s: State, r: int, key: int, fetched: int) -> None:
    """Serve those who waited for a value that found no room, and keep nothing."""
    s.replicas[r, at.R_FILLS_REFUSED] += 1
    entry = find(s, r, key)
    if entry < 0:
        return
    s.keys[entry, at.K_QUALITY] = fetched
    note_value(s, r, entry, s.head[at.NOW], 0, UNKNOWN)
    _serve_waiting(s, entry)
    remove(s, entry)
