"""What caches keep beyond plain LRU: a pool's options, a store per replica, facts of an entry.

A pool without options (`P_OPTIONS` 0) touches none of these tables.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.plant import layout as at
from simulator.plant.layout import State
from simulator.plant.spec import EVICTS, Cache, Meaning, PoolSpec, Workers

LRU, SAMPLED_LRU, LFU, RANDOM, NONE = range(len(EVICTS))

# caches: options of a pool, then its fractions.
O_EVICTS, O_SAMPLES, O_STALE_NS, O_NEGATIVE_NS, O_TOPICS, O_VERSION = range(6)
OPTION_COLUMNS = 6
(
    O_JITTER, O_EARLY, O_CHANGES_NS, O_SIMILARITY, O_SAME, O_SAME_SPREAD, O_OTHER, O_OTHER_SPREAD,
    O_ACROSS, O_ACROSS_SPREAD,
) = range(10)  # fmt: skip
OPTION_FLOATS = 10

# stores [replica]: where its entries are listed in `members` and how many places it has there, how
# long its fetches take, entries numbered so far, entries embedded by another model than requests
# are; then the best candidates for eviction, worst first: entry, its number, score.
S_FIRST, S_ROOM, S_TOOK_NS, S_NUMBERS, S_FOREIGN, S_CANDIDATES = range(6)
S_CANDIDATE = 6
CANDIDATES_MAX = 16  # Redis's EVPOOL_SIZE
STORE_COLUMNS = S_CANDIDATE + 3 * CANDIDATES_MAX

# facts [entry], beside its row of `keys`
(
    F_STORED_AT, F_FRESH_UNTIL, F_TOOK_NS, F_RENEWING, F_USED_AT, F_COUNT, F_PLACE, F_NUMBER,
    F_VERSION, F_QUESTION, F_WORDING,
) = range(11)  # fmt: skip
FACT_COLUMNS = 11
UNKNOWN = -1  # of F_TOOK_NS: nobody has measured that fetch
LFU_FIRST = 5  # Redis's LFU_INIT_VAL


def cache_of(pool: PoolSpec) -> Cache | None:
    """Say what a pool caches, if it is a cache."""
    served = pool.discipline
    is_cache = isinstance(served, Workers) and isinstance(served.content, Cache)
    return served.content if is_cache else None  # type: ignore[union-attr,return-value]  # as it says


def cache_tables(pools: Sequence[PoolSpec], replicas: int, entries: int) -> dict[str, Any]:
    """Lay out the tables; one row of each where no cache has options."""
    caches = np.zeros((len(pools), OPTION_COLUMNS), dtype=np.int64)
    floats = np.zeros((len(pools), OPTION_FLOATS))
    for row, numbers, pool in zip(caches, floats, pools, strict=True):
        cache = cache_of(pool)
        if cache is not None:
            row[O_EVICTS], row[O_SAMPLES] = EVICTS.index(cache.evicts), cache.samples
            row[O_STALE_NS], row[O_NEGATIVE_NS] = cache.stale_ns, cache.negative_ttl_ns
            numbers[O_JITTER], numbers[O_EARLY] = cache.ttl_jitter, cache.early_refresh
            numbers[O_CHANGES_NS] = cache.changes_every_ns
            if cache.meaning is not None:
                row[O_TOPICS] = cache.meaning.topics
                numbers[O_SIMILARITY:] = _likenesses(cache.meaning)
    some = any(cache is not None and cache.has_options for cache in map(cache_of, pools))
    return {
        "caches": caches,
        "cache_floats": floats,
        "stores": np.zeros((replicas if some else 1, STORE_COLUMNS), dtype=np.int64),
        "members": np.zeros(0, dtype=np.int64),
        "facts": np.zeros((entries if some else 1, FACT_COLUMNS), dtype=np.int64),
    }


def _likenesses(meaning: Meaning) -> list[float]:
    found = [meaning.similarity_min]
    for each in (meaning.same, meaning.others, meaning.versions):
        found += [each.mean, each.deviation]
    return found


def set_version(s: State, pool: int, version: int, replicas: int) -> None:
    """Have requests embedded by another model; what is held stays as it was embedded."""
    s.caches[pool, O_VERSION] = version
    for replica in np.flatnonzero(s.replicas[:replicas, at.R_POOL] == pool):
        first = s.stores[replica, S_FIRST]
        members = s.members[first : first + s.replicas[replica, at.R_KEYS]]
        s.stores[replica, S_FOREIGN] = np.count_nonzero(s.facts[members, F_VERSION] != version)


def keep_facts(s: State) -> None:
    """Make the tables of stores and facts as long as those of replicas and keys."""
    for name, rows in (("stores", len(s.replicas)), ("facts", len(s.keys))):
        table = getattr(s, name)
        if len(table) < rows:
            grown = np.zeros((rows, table.shape[1]), dtype=np.int64)
            grown[: len(table)] = table
            s.replace(**{name: grown})


def give_room(s: State, replica: int) -> None:
    """Give a store as many places in the list of members as its pool's keys need."""
    keep_facts(s)
    store = s.stores[replica]
    wanted = int(s.pools[s.replicas[replica, at.R_POOL], at.P_KEYS_MAX]) + 1
    if store[S_ROOM] >= wanted:
        return
    held = s.members[store[S_FIRST] :][: s.replicas[replica, at.R_KEYS]]
    places = np.zeros(wanted, dtype=np.int64)
    places[: len(held)] = held
    store[S_FIRST], store[S_ROOM] = len(s.members), wanted
    s.replace(members=np.concatenate([s.members, places]))


def begin_options(s: State, pool: int, replicas: int, now: int) -> None:
    """Give a plain LRU cache options: list what it holds, the oldest use first."""
    if s.pools[pool, at.P_OPTIONS]:
        return
    for replica in np.flatnonzero(s.replicas[:replicas, at.R_POOL] == pool):
        give_room(s, int(replica))
        first, entry = int(s.stores[replica, S_FIRST]), int(s.replicas[replica, at.R_KEY_OLDEST])
        place = 0
        while entry >= 0:
            s.members[first + place] = entry
            facts, expires_at = s.facts[entry], s.keys[entry, at.K_EXPIRES_AT]
            facts[:] = 0
            facts[[F_STORED_AT, F_USED_AT]] = now
            facts[F_FRESH_UNTIL], facts[F_TOOK_NS] = expires_at, UNKNOWN
            facts[F_COUNT], facts[F_PLACE], facts[F_NUMBER] = LFU_FIRST, place, place + 1
            facts[F_VERSION] = s.caches[pool, O_VERSION]
            place += 1
            entry = int(s.keys[entry, at.K_NEWER])
        s.stores[replica, S_NUMBERS] = place
    s.pools[pool, at.P_OPTIONS] = 1
