"""Which key goes when another comes: by Redis's rules, and how uses are counted for them.

`lru` is exact. `sampled_lru` and `lfu` are Redis's (src/evict.c): some keys are looked at, the best
16 of all looked at so far are remembered, and the best of those goes. Frequencies are its 8-bit
logarithmic counters with decay (lfu-log-factor 10, lfu-decay-time 1 minute; redis.io,
docs/reference/eviction). `none` refuses what does not fit once expired keys are gone; they are
looked for as Redis's active expiry does, 20 at a time while more than a quarter of them were.
"""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.cache_entries import link_use, remove, unlink_use
from simulator.plant.cache_tables import (
    CANDIDATES_MAX,
    F_COUNT,
    F_NUMBER,
    F_USED_AT,
    LFU,
    LRU,
    O_EVICTS,
    O_SAMPLES,
    RANDOM,
    S_CANDIDATE,
    S_CANDIDATES,
    S_FIRST,
)
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import State

_MINUTE = 60_000_000_000
_LFU_INIT, _LFU_FACTOR, _LFU_MAX = 5, 10, 255
_EXPIRY_SAMPLES = 20


@internal
def _frequency(s: State, entry: int) -> int:
    """Say how often an entry is used on Redis's scale: one less for every minute unused."""
    facts = s.facts[entry]
    unused = s.head[at.NOW] // _MINUTE - facts[F_USED_AT] // _MINUTE
    return max(facts[F_COUNT] - unused, 0)


@internal
def note_use(s: State, r: int, entry: int, key: int) -> None:
    """Count one use of an entry by a call of that key."""
    evicts = s.caches[s.replicas[r, at.R_POOL], O_EVICTS]
    if evicts == LRU:
        unlink_use(s.replicas[r], s.keys, entry)
        link_use(s.replicas[r], s.keys, entry)
    elif evicts == LFU:
        count = _frequency(s, entry)
        above = max(count - _LFU_INIT, 0)
        u = chance.uniform(chance.mix(key, chance.USE))
        if count < _LFU_MAX and u * (above * _LFU_FACTOR + 1) < 1.0:
            count += 1
        s.facts[entry, F_COUNT] = count
    s.facts[entry, F_USED_AT] = s.head[at.NOW]


@internal
def _consider(s: State, r: int, entry: int) -> None:
    """Remember a key that was looked at, if it is better to lose than the worst remembered."""
    store = s.stores[r]
    if s.caches[s.replicas[r, at.R_POOL], O_EVICTS] == LFU:
        score = _LFU_MAX - _frequency(s, entry)
    else:
        score = s.head[at.NOW] - s.facts[entry, F_USED_AT]
    count = store[S_CANDIDATES]
    place = 0
    while place < count and store[S_CANDIDATE + 3 * place + 2] < score:
        place += 1
    if count == CANDIDATES_MAX:
        if place == 0:
            return
        place -= 1
        for k in range(3 * place):
            store[S_CANDIDATE + k] = store[S_CANDIDATE + k + 3]
    else:
        for k in range(3 * count - 1, 3 * place - 1, -1):
            store[S_CANDIDATE + k + 3] = store[S_CANDIDATE + k]
        store[S_CANDIDATES] = count + 1
    store[S_CANDIDATE + 3 * place] = entry
    store[S_CANDIDATE + 3 * place + 1] = s.facts[entry, F_NUMBER]
    store[S_CANDIDATE + 3 * place + 2] = score


@internal
def _best_candidate(s: State, r: int, salt: int) -> int:
    """Look at some more keys and take the best remembered one that is still there."""
    store = s.stores[r]
    samples = s.caches[s.replicas[r, at.R_POOL], O_SAMPLES]
    looks = 0
    while True:
        for _ in range(samples):
            place = chance.mix(salt, looks) % s.replicas[r, at.R_KEYS]
            looks += 1
            _consider(s, r, s.members[store[S_FIRST] + place])
        while store[S_CANDIDATES] > 0:
            store[S_CANDIDATES] -= 1
            candidate = S_CANDIDATE + 3 * store[S_CANDIDATES]
            entry, number = store[candidate], store[candidate + 1]
            held = s.keys[entry, at.K_REPLICA] == r and s.keys[entry, at.K_PENDING] == 0
            if held and s.facts[entry, F_NUMBER] == number:
                return entry


@internal
def _expire_some(s: State, r: int, salt: int) -> None:
    """Delete expired keys among some looked at, and look on while many were."""
    replica, now = s.replicas[r], s.head[at.NOW]
    looks = 0
    found = _EXPIRY_SAMPLES
    while 4 * found > _EXPIRY_SAMPLES:
        found = 0
        for _ in range(_EXPIRY_SAMPLES):
            if replica[at.R_KEYS] == 0:
                return
            place = chance.mix(salt, looks) % replica[at.R_KEYS]
            looks += 1
            entry = s.members[s.stores[r, S_FIRST] + place]
            expires_at = s.keys[entry, at.K_EXPIRES_AT]
            if expires_at > 0 and expires_at <= now:
                remove(s, entry)
                replica[at.R_EXPIRED] += 1
                found += 1


@compiled
def make_room(s: State, r: int, salt: int) -> bool:
    """Evict until one more key fits; False where the pool would rather refuse the new one."""
    replica = s.replicas[r]
    pool = replica[at.R_POOL]
    keys_max = max(s.pools[pool, at.P_KEYS_MAX], 1)
    evicts = s.caches[pool, O_EVICTS]
    if replica[at.R_KEYS] < keys_max:
        return True
    if evicts > RANDOM:  # NONE
        _expire_some(s, r, salt)
        return bool(replica[at.R_KEYS] < keys_max)
    turn = 0
    while replica[at.R_KEYS] >= keys_max:
        if evicts == LRU:
            entry = replica[at.R_KEY_OLDEST]
        elif evicts == RANDOM:
            place = chance.mix(salt, turn) % replica[at.R_KEYS]
            entry = s.members[s.stores[r, S_FIRST] + place]
        else:
            entry = _best_candidate(s, r, chance.mix(salt, turn))
        remove(s, entry)
        replica[at.R_EVICTED] += 1
        turn += 1
    return True
