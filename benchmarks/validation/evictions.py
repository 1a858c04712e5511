"""Evictions, times to live, stampedes and the way back over the cliff, against what theory says."""

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.validation.caches import KEYS, che_hit_ratio
from benchmarks.validation.rows import Floats, Law, Row
from benchmarks.validation.systems import SECOND, Poisson, plant, stretches
from simulator.plant.api import Outcome
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import Cache, Call, Distribution, EdgeSpec, PoolSpec, Work, Workers

_SIZES = (100, 1000, 5000)
_RATE = 5000.0


def popularity(exponent: float, keys: int) -> Floats:
    """Zipf shares of keys, the most popular first."""
    weights = np.arange(1, keys + 1, dtype=np.float64) ** -exponent
    shares: Floats = weights / weights.sum()
    return shares


def random_hit_ratio(exponent: float, keys: int, size: int) -> float:
    """Hit ratio of random replacement: p T / (1 + p T), with T such that those sum to the size.

    Fricker, Robert and Roberts, A versatile and accurate approximation for LRU cache performance
    (2012), 4; exact for FIFO and random alike as caches grow (Gelenbe, 1973).
    """
    shares = popularity(exponent, keys)
    low, high = 0.0, 1e12
    for _ in range(200):
        time = (low + high) / 2
        if (shares * time / (1 + shares * time)).sum() < size:
            low = time
        else:
            high = time
    return float((shares * shares * low / (1 + shares * low)).sum())


def ttl_hit_ratio(exponent: float, keys: int, rate: float, ttl_s: float) -> float:
    """Hit ratio of keys that expire a time after each fill (Jung, Berger, Balakrishnan, 2003)."""
    shares = popularity(exponent, keys)
    asked = rate * shares * ttl_s
    return float((shares * asked / (1 + asked)).sum())


def _behind(cache: Cache, database: Workers, lasts: Distribution) -> list[PoolSpec]:
    cached = Workers(64, queue_max=1 << 40, content=cache)
    handler = (Call("cache", on_miss=(Call("database"),)),)
    return [
        PoolSpec("front", Workers(10_000), 1, default_handler=handler),
        PoolSpec("cache", cached, 1, default_handler=(Work(Distribution("fixed", 1000)),)),
        PoolSpec("database", database, 1, default_handler=(Work(lasts),)),
    ]


_EDGES = (EdgeSpec("front", "cache"), EdgeSpec("front", "database"))
_INSTANT = Workers(10_000, queue_max=1 << 40)


def _hits(system: Plant) -> Sequence[int]:
    row = system.replica_row(1)
    return int(row[ReplicaProbe.HITS]), int(row[ReplicaProbe.MISSES])


def _hit_ratio(cache: Cache, exponent: float, lasts_s: float, rate: float = _RATE) -> float:
    pools = _behind(cache, _INSTANT, Distribution("fixed", 1000))
    system = plant(pools, Poisson(rate, 5), edges=_EDGES, key_zipf=exponent, keys=KEYS)
    hits, misses = stretches(system, lasts_s, 4, _hits)[1:].sum(axis=0)
    return float(hits / (hits + misses))


def evictions(scale: float) -> Law:
    """Random replacement against its fixed point; Redis's approximations against what they mean.

    Frequencies settle where counters of eight bits tell keys apart: the ratio stays between LRU's
    and that of the most popular keys held for ever.
    """
    rows = []
    lasts_s = 300.0 * scale + 10
    for exponent in (0.8, 1.2):
        for size in _SIZES:
            setting = f"Zipf {exponent}, {size} of {KEYS:,} keys"
            random = _hit_ratio(Cache(size, evicts="random"), exponent, lasts_s)
            expected = random_hit_ratio(exponent, KEYS, size)
            rows.append(Row(f"random, {setting}", expected, random, allowed=0.01))
            sampled = _hit_ratio(Cache(size, evicts="sampled_lru"), exponent, lasts_s)
            expected = che_hit_ratio(exponent, KEYS, size)
            rows.append(Row(f"sampled LRU, {setting}", expected, sampled, allowed=0.03))
        size = 1000
        frequent = _hit_ratio(Cache(size, evicts="lfu"), exponent, lasts_s)
        best = float(popularity(exponent, KEYS)[:size].sum())
        setting = f"LFU, Zipf {exponent}, {size} of {KEYS:,} keys: the most popular"
        rows.append(Row(setting, best, frequent, allowed=0.1))
    return Law(
        "Evictions",
        "Random replacement against p T / (1 + p T) (Gelenbe; Fricker, Robert and Roberts), within "
        "1 %; Redis's sampled LRU against Che's LRU, within 3 %; Redis's LFU against the most "
        "popular keys held for ever, from which its 8-bit counters keep it.",
        "hit ratio",
        tuple(rows),
    )


def times_to_live(scale: float) -> Law:
    """Hit ratios of keys that expire, where all would fit."""
    rows = []
    for exponent, ttl_s in ((0.8, 2.0), (1.0, 10.0), (1.2, 10.0)):
        cache = Cache(KEYS, int(ttl_s * SECOND))
        ratio = _hit_ratio(cache, exponent, 300.0 * scale + 3 * ttl_s, 2000.0)
        expected = ttl_hit_ratio(exponent, KEYS, 2000.0, ttl_s)
        rows.append(Row(f"Zipf {exponent}, {ttl_s:g} s", expected, ratio, allowed=0.01))
    return Law(
        "Times to live",
        "A key asked for at rate l is found with probability l T / (1 + l T), where values expire "
        "a time T after they are fetched (Jung, Berger and Balakrishnan, 2003).",
        "hit ratio",
        tuple(rows),
    )


def _fetches(system: Plant) -> Sequence[int]:
    return (int(system.replica_row(2)[ReplicaProbe.ARRIVED]),)


def stampedes(scale: float) -> Law:
    """Fetches of one hot key per expiry, without and with each way to avoid them.

    With XFetch the first early fetch starts when as much hazard has gone by as a unit exponential
    says; until it is done the hazard grows e^(1/beta)-fold, so a cycle has e^(1/beta) fetches,
    whatever the rate.
    """
    rate, fetch_s, ttl_s = 200.0, 0.1, 5.0
    lasts_s = max(2000.0 * scale, 300.0)
    ways: tuple[tuple[str, Cache, float], ...] = (
        ("nothing", Cache(10, int(ttl_s * SECOND)), 1 + rate * fetch_s),
        ("single flight", Cache(10, int(ttl_s * SECOND), single_flight=True), 1.0),
        ("stale while one renews", Cache(10, int(ttl_s * SECOND), stale_ns=2 * SECOND), 1.0),
        ("XFetch, beta 1", Cache(10, int(ttl_s * SECOND), early_refresh=1.0), math.e),
        ("XFetch, beta 2", Cache(10, int(ttl_s * SECOND), early_refresh=2.0), math.exp(0.5)),
    )
    rows = []
    for name, cache, expected in ways:
        pools = _behind(cache, _INSTANT, Distribution("fixed", fetch_s * SECOND))
        system = plant(pools, Poisson(rate, 7), edges=_EDGES, keys=1)
        system.flush_cache(1)
        grown = stretches(system, lasts_s, int(lasts_s / fetch_s), _fetches)[:, 0]
        sizes = _bursts(grown)
        error = 3 * float(sizes.std(ddof=1)) / math.sqrt(len(sizes))
        rows.append(Row(name, expected, float(sizes.mean()), half_width=error + 1e-9))
    return Law(
        "Stampedes",
        f"A key asked for {rate:g} times a second, fetched in {fetch_s:g} s, expires every "
        f"{ttl_s:g} s: 1 + rate x time fetch it at once, or one where they wait for one flight or "
        "are served what is stale; with XFetch (Vattani, Chierichetti and Lowenstein, 2015) "
        "e^(1/beta), whatever the rate.",
        "fetches per expiry",
        tuple(rows),
    )


def _bursts(grown: Floats, quiet: int = 15) -> Floats:
    """Add up what lies between long gaps; the first and last burst may be cut."""
    busy = np.flatnonzero(grown)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(busy) > quiet) + 1])
    return np.add.reduceat(grown[busy], starts)[1:-1]


def hysteresis(scale: float) -> Law:
    """A cache that has lost part of its keys, under loads that let it come back and do not."""
    rows = []
    database_per_s = 100.0
    law = Distribution("exponential", SECOND / database_per_s)
    edges = (
        EdgeSpec("front", "cache"),
        EdgeSpec("front", "database", timeout_ns=SECOND, on_timeout="leave"),
    )
    shares = popularity(0.2, KEYS)
    for held in (0.0, 0.5, 0.8):
        hit_ratio = float(shares[: int(held * KEYS)].sum())
        most = database_per_s / (1 - hit_ratio)
        for times, expected in ((0.75, 1.0), (1.6, hit_ratio)):
            database = Workers(1, queue_max=1 << 40)
            pools = _behind(Cache(KEYS), database, law)
            source = Poisson(times * most, 3)
            system = plant(pools, source, edges=edges, key_zipf=0.2, keys=KEYS, late_e2e_ns=SECOND)
            system.flush_cache(1)
            system.warm_cache(1, held)
            lasts_s = max(int(60 * scale), 30)
            stretches(system, lasts_s, 1, _hits)
            counts = system.outcomes()[lasts_s // 20 :].sum(axis=0)[0]
            good = float(counts[int(Outcome.GOOD)]) / float(counts.sum())
            setting = f"hit ratio {hit_ratio:.2f}: {times:g} x {most:.0f}/s"
            rows.append(Row(setting, expected, good, half_width=0.08))
    return Law(
        "The way back over the cliff",
        "Once a hit ratio h is below what the load needs, only a load below mu / (1 - h) is "
        "served again (mu is the database's rate): above it, those who miss wait past their "
        "timeout and fill nothing, and only hits are answered.",
        "share of good answers",
        tuple(rows),
    )
