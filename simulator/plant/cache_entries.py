"""Entries of caches: what a request asks for, finding, adding and removing a key."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.cache_tables import (
    F_NUMBER,
    F_PLACE,
    F_VERSION,
    O_VERSION,
    S_FIRST,
    S_FOREIGN,
    S_NUMBERS,
)
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import Ints, State

_CLASS_BITS = 40


@internal
def _drawn(row: Ints, root_key: int) -> float:
    """Draw where among a class's popular keys a request asks: a cell, and how far into it."""
    return chance.uniform(chance.mix(root_key, chance.CACHE_KEY)) * row[at.C_KEYS]


@internal
def key_cell(s: State, request_class: int, root_key: int) -> int:
    """Say in which row of `popularity` a popular key is read."""
    row = s.classes[request_class]
    return row[at.C_KEYS_AT] + min(int(_drawn(row, root_key)), row[at.C_KEYS] - 1)


@compiled
def key_of(s: State, request_class: int, root_key: int) -> int:
    """Name what a request asks for: a popular key of its class, or one of its own."""
    row = s.classes[request_class]
    if row[at.C_KEYS] == 0:
        return root_key
    cell = key_cell(s, request_class, root_key)
    i = cell - row[at.C_KEYS_AT]
    keeps = _drawn(row, root_key) - i < s.popularity[cell, 0]
    rank = i if keeps else int(s.popularity[cell, 1])
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
def unlink_use(replica: Ints, keys: Ints, entry: int) -> None:
    """Take an entry out of its replica's order of use."""
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
def link_use(replica: Ints, keys: Ints, entry: int) -> None:
    """Make an entry the one used last."""
    newest = replica[at.R_KEY_NEWEST]
    keys[entry, at.K_NEWER] = -1
    keys[entry, at.K_OLDER] = newest
    if newest >= 0:
        keys[newest, at.K_NEWER] = entry
    else:
        replica[at.R_KEY_OLDEST] = entry
    replica[at.R_KEY_NEWEST] = entry


@internal
def _unlist(s: State, r: int, entry: int) -> None:
    """Take an entry out of its store's members; the last one takes its place."""
    first, last = s.stores[r, S_FIRST], s.replicas[r, at.R_KEYS] - 1
    place, moved = s.facts[entry, F_PLACE], s.members[first + last]
    s.members[first + place] = moved
    s.facts[moved, F_PLACE] = place
    if s.facts[entry, F_VERSION] != s.caches[s.replicas[r, at.R_POOL], O_VERSION]:
        s.stores[r, S_FOREIGN] -= 1


@internal
def enlist(s: State, r: int, entry: int) -> None:
    """Add an entry to its store's members, before it is counted there."""
    store, place = s.stores[r], s.replicas[r, at.R_KEYS]
    s.members[store[S_FIRST] + place] = entry
    store[S_NUMBERS] += 1
    s.facts[entry, F_PLACE] = place
    s.facts[entry, F_NUMBER] = store[S_NUMBERS]
    s.facts[entry, F_VERSION] = s.caches[s.replicas[r, at.R_POOL], O_VERSION]


@compiled
def remove(s: State, entry: int) -> None:
    """Forget a key; nobody may be waiting for it."""
    keys = s.keys
    r = keys[entry, at.K_REPLICA]
    if keys[entry, at.K_PENDING] == 0:
        unlink_use(s.replicas[r], keys, entry)
        if s.pools[s.replicas[r, at.R_POOL], at.P_OPTIONS]:
            _unlist(s, r, entry)
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
def remove_all(s: State, entries: Ints) -> None:
    """Forget several keys; nobody may be waiting for them."""
    for i in range(entries.shape[0]):
        remove(s, entries[i])
