"""Caches of real keys: look up, fill, expire, evict, and the flight that others wait for."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import Ints, State
from simulator.plant.tables import put_work, then

_CLASS_BITS = 40


@compiled
def key_of(s: State, request_class: int, root_key: int) -> int:
    """Name what a request asks for: a popular key of its class, or one of its own."""
    row = s.classes[request_class]
    count = row[at.C_KEYS]
    if count == 0:
        return root_key
    u = chance.uniform(chance.mix(root_key, chance.CACHE_KEY)) * count
    i = min(int(u), count - 1)
    cell = s.popularity[row[at.C_KEYS_AT] + i]
    rank = i if u - i < cell[0] else int(cell[1])
    return ((request_class + 1) << _CLASS_BITS) + rank


@compiled
def bucket_of(buckets: Ints, replica: int, key: int) -> int:
    """Say which chain a key of a replica hangs on."""
    return chance.mix(key, replica) & (buckets.shape[0] - 1)


@compiled
def find(s: State, replica: int, key: int) -> int:
    """Find a key's entry in one replica, -1 if it has none."""
    entry = s.buckets[bucket_of(s.buckets, replica, key)]
    while entry >= 0 and not (
        s.keys[entry, at.K_KEY] == key and s.keys[entry, at.K_REPLICA] == replica
    ):
        entry = s.keys[entry, at.K_CHAIN]
    return entry


@internal
def _unlink_use(replica: Ints, keys: Ints, entry: int) -> None:
    newer, older = keys[entry, at.K_NEWER], keys[entry, at.K_OLDER]
    if newer >= 0:
        keys[newer, at.K_OLDER] = older
    else:
        replica[at.R_KEY_NEWEST] = older
    if older >= 0:
        keys[older, at.K_NEWER] = newer
    else:
        replica[at.R_KEY_OLDEST] = newer


@internal
def _link_use(replica: Ints, keys: Ints, entry: int) -> None:
    newest = replica[at.R_KEY_NEWEST]
    keys[entry, at.K_NEWER] = -1
    keys[entry, at.K_OLDER] = newest
    if newest >= 0:
        keys[newest, at.K_NEWER] = entry
    else:
        replica[at.R_KEY_OLDEST] = entry
    replica[at.R_KEY_NEWEST] = entry


@compiled
def remove(s: State, entry: int) -> None:
    """Forget a key; nobody may be waiting for it."""
    keys = s.keys
    r = keys[entry, at.K_REPLICA]
    if keys[entry, at.K_PENDING] == 0:
        _unlink_use(s.replicas[r], keys, entry)
        s.replicas[r, at.R_KEYS] -= 1
    bucket = bucket_of(s.buckets, r, keys[entry, at.K_KEY])
    place = s.buckets[bucket]
    if place == entry:
        s.buckets[bucket] = keys[entry, at.K_CHAIN]
    else:
        while keys[place, at.K_CHAIN] != entry:
            place = keys[place, at.K_CHAIN]
        keys[place, at.K_CHAIN] = keys[entry, at.K_CHAIN]
    keys[entry, at.K_REPLICA] = -1
    keys[entry, at.K_CHAIN] = s.head[at.KEYS_FREE]
    s.head[at.KEYS_FREE] = entry
    s.head[at.KEYS_FREE_COUNT] += 1


@internal
def insert(s: State, r: int, key: int, pending: int) -> int:
    """Add an entry, pending or not yet valued; the caller has made sure it is not there."""
    head, keys = s.head, s.keys
    entry = head[at.KEYS_FREE]
    head[at.KEYS_FREE] = keys[entry, at.K_CHAIN]
    head[at.KEYS_FREE_COUNT] -= 1
    row = keys[entry]
    bucket = bucket_of(s.buckets, r, key)
    row[at.K_KEY] = key
    row[at.K_REPLICA] = r
    row[at.K_CHAIN] = s.buckets[bucket]
    s.buckets[bucket] = entry
    row[at.K_PENDING] = pending
    row[at.K_WAIT_HEAD] = -1
    row[at.K_WAIT_TAIL] = -1
    return entry


@compiled
def store(s: State, r: int, key: int, quality: int, expires_at: int) -> int:
    """Put a value in (over an old one, or into a pending entry), evicting the least used."""
    replica = s.replicas[r]
    keys_max = s.pools[replica[at.R_POOL], at.P_KEYS_MAX]
    entry = find(s, r, key)
    if entry >= 0 and s.keys[entry, at.K_PENDING] == 0:
        _unlink_use(replica, s.keys, entry)
    else:
        while replica[at.R_KEYS] >= max(keys_max, 1):
            remove(s, replica[at.R_KEY_OLDEST])
            replica[at.R_EVICTED] += 1
        if entry < 0:
            entry = insert(s, r, key, 0)
        replica[at.R_KEYS] += 1
    s.keys[entry, at.K_PENDING] = 0
    s.keys[entry, at.K_QUALITY] = quality
    s.keys[entry, at.K_EXPIRES_AT] = expires_at
    _link_use(replica, s.keys, entry)
    return entry


@compiled
def remove_all(s: State, entries: Ints) -> None:
    """Forget several keys; nobody may be waiting for them."""
    for i in range(entries.shape[0]):
        remove(s, entries[i])


@compiled
def not_held(s: State, r: int, wanted: Ints, found: Ints) -> int:
    """Fill `found` with the first wanted keys a replica does not hold; return how many."""
    n = 0
    for i in range(wanted.shape[0]):
        if n == found.shape[0]:
            break
        if find(s, r, wanted[i]) < 0:
            found[n] = wanted[i]
            n += 1
    return n


@compiled
def warm(s: State, r: int, keys: Ints, ttl_ns: int) -> None:
    """Store keys with right values, the last first, so that the first are the last to go.

    Entries of a warm cache were stored at different times: they expire one by one.
    """
    for i in range(keys.shape[0] - 1, -1, -1):
        expires_at = 0
        if ttl_ns > 0:
            age = chance.uniform(chance.mix(keys[i], chance.WORKLOAD))
            expires_at = s.head[at.NOW] + 1 + int(ttl_ns * age)
        store(s, r, keys[i], at.ONE, expires_at)


@internal
def _hit(s: State, slot: int, entry: int) -> None:
    call = s.slots[slot]
    call[at.QUALITY] = (call[at.QUALITY] * s.keys[entry, at.K_QUALITY]) >> at.ONE_BITS
    call[at.RESULT] = at.OK
    s.replicas[call[at.REPLICA], at.R_HITS] += 1


@internal
def look_up(s: State, slot: int) -> int:
    """Answer hit or miss, or wait for whoever is fetching the same key."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    replica = s.replicas[r]
    pool = s.pools[replica[at.R_POOL]]
    key = key_of(s, call[at.CLASS], call[at.ROOT_KEY])
    entry = find(s, r, key)
    if entry >= 0 and s.keys[entry, at.K_PENDING] == 0:
        expires_at = s.keys[entry, at.K_EXPIRES_AT]
        if expires_at == 0 or expires_at > s.head[at.NOW]:
            _unlink_use(replica, s.keys, entry)
            _link_use(replica, s.keys, entry)
            _hit(s, slot, entry)
            return then(at.FINISH, slot)
        replica[at.R_EXPIRED] += 1
        remove(s, entry)
        entry = -1
    if entry >= 0:
        tail = s.keys[entry, at.K_WAIT_TAIL]
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
    if pool[at.P_SINGLE_FLIGHT]:
        insert(s, r, key, 1)
    replica[at.R_MISSES] += 1
    call[at.MISS_0] = r
    call[at.RESULT] = at.MISSED
    return then(at.FINISH, slot)


@internal
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


@internal
def give_up_flight(s: State, slot: int, depth: int) -> None:
    """Pass a fetch that will not be finished on to the first who waits, if any."""
    frame = s.slots[slot]
    r = frame[at.MISS_0 + depth]
    frame[at.MISS_0 + depth] = -1
    if r < 0 or s.pools[s.replicas[r, at.R_POOL], at.P_SINGLE_FLIGHT] == 0:
        return
    entry = find(s, r, key_of(s, frame[at.CLASS], frame[at.ROOT_KEY]))
    if entry < 0 or s.keys[entry, at.K_PENDING] == 0:
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
    pool = s.pools[s.replicas[r, at.R_POOL]]
    ttl = pool[at.P_TTL_NS]
    expires_at = s.head[at.NOW] + ttl if ttl > 0 else 0
    key = key_of(s, frame[at.CLASS], frame[at.ROOT_KEY])
    entry = store(s, r, key, fetched, expires_at)
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
