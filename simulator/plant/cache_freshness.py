"""What a value a cache holds is good for: fresh, stale and to be renewed, due early, known to fail.

A stale value is served while one background fetch renews it (stale-while-revalidate, RFC 5861).
Early refresh is XFetch: recompute when now - took x beta x ln(u) >= expiry (Vattani, Chierichetti
and Lowenstein, Optimal Probabilistic Cache Stampede Prevention, VLDB 2015), by whoever draws it or,
where stale values may be served, in the background. A failed fetch may be remembered for a time
(negative caching). Where the world changes at random, a value of age a is still right with
probability exp(-a / mean time between changes).
"""

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant.cache_tables import (
    F_COUNT,
    F_FRESH_UNTIL,
    F_RENEWING,
    F_STORED_AT,
    F_TOOK_NS,
    F_USED_AT,
    LFU_FIRST,
    O_CHANGES_NS,
    O_EARLY,
    O_JITTER,
    O_STALE_NS,
    S_TOOK_NS,
    UNKNOWN,
)
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import State

GONE = -1
"""Not a result: the value may not be served any more."""
_SMOOTHING = 8  # one eighth of a store's fetch time is the newest one's


@internal
def _is_due_early(s: State, r: int, entry: int, key: int) -> bool:
    """Draw whether a fresh value is fetched anew before it expires."""
    beta = s.cache_floats[s.replicas[r, at.R_POOL], O_EARLY]
    if beta == 0.0:
        return False
    took = s.facts[entry, F_TOOK_NS]
    if took == UNKNOWN:
        took = s.stores[r, S_TOOK_NS]
    ahead = -took * beta * arithmetic.log(chance.uniform(chance.mix(key, chance.EARLY)))
    return bool(s.head[at.NOW] + ahead >= s.facts[entry, F_FRESH_UNTIL])


@internal
def judge_value(s: State, slot: int, entry: int) -> int:
    """Say with which result a value is answered, GONE where it may not be: counted as such.

    OK and NEGATIVE are answers. RENEW is one too, and asks the caller to fetch the value anew in
    the background; MISSED asks it to do so at once.
    """
    call, now = s.slots[slot], s.head[at.NOW]
    r = call[at.REPLICA]
    replica, facts = s.replicas[r], s.facts[entry]
    pool = replica[at.R_POOL]
    expires_at = s.keys[entry, at.K_EXPIRES_AT]
    if expires_at > 0 and expires_at <= now:
        return GONE
    if s.keys[entry, at.K_QUALITY] < 0:
        replica[at.R_NEGATIVE] += 1
        return at.NEGATIVE
    if facts[F_FRESH_UNTIL] == 0:
        return at.OK
    in_background = s.caches[pool, O_STALE_NS] > 0
    alone = in_background or s.pools[pool, at.P_SINGLE_FLIGHT]
    is_stale = facts[F_FRESH_UNTIL] <= now
    renews = facts[F_RENEWING] == 0 or not alone
    if renews and not is_stale:
        renews = _is_due_early(s, r, entry, call[at.KEY])
    if renews:
        facts[F_RENEWING] = 1
        replica[at.R_RENEWED] += 1
        if not in_background:
            return at.MISSED
    if is_stale:
        replica[at.R_STALE] += 1
    return at.RENEW if renews else at.OK


@internal
def faded(s: State, entry: int, quality: int) -> int:
    """Say the share of right answers of a value at its age, where the world changes."""
    pool = s.replicas[s.keys[entry, at.K_REPLICA], at.R_POOL]
    mean = s.cache_floats[pool, O_CHANGES_NS]
    if mean == 0.0:
        return quality
    age = s.head[at.NOW] - s.facts[entry, F_STORED_AT]
    return int(quality * arithmetic.exp(-age / mean))


@internal
def fresh_for(s: State, r: int, key: int) -> int:
    """Draw how long a value is fresh that a frame of that key fetched; 0: for ever."""
    pool = s.replicas[r, at.R_POOL]
    ttl, jitter = s.pools[pool, at.P_TTL_NS], s.cache_floats[pool, O_JITTER]
    if ttl == 0 or jitter == 0.0:
        return ttl
    u = chance.uniform(chance.mix(key, chance.JITTER))
    return max(int(ttl * (1.0 + jitter * (2.0 * u - 1.0))), 1)


@compiled
def note_value(s: State, r: int, entry: int, stored_at: int, fresh_until: int, took: int) -> None:
    """Note when a value was stored, until when it is fresh and how long its fetch took."""
    facts, store = s.facts[entry], s.stores[r]
    facts[F_STORED_AT] = stored_at
    facts[F_FRESH_UNTIL] = fresh_until
    facts[F_TOOK_NS] = took
    facts[F_RENEWING] = 0
    if took != UNKNOWN:
        old = store[S_TOOK_NS]
        store[S_TOOK_NS] = old + (took - old) // _SMOOTHING if old > 0 else took


@compiled
def note_new(s: State, entry: int) -> None:
    """Begin to count the uses of a key that has just come."""
    s.facts[entry, F_COUNT] = LFU_FIRST
    s.facts[entry, F_USED_AT] = s.head[at.NOW]
