"""Caches: Che's approximation for LRU, and the hit ratio a database behind a cache needs."""

import numpy as np

from benchmarks.validation.rows import Curve, Law, Picture, Row
from benchmarks.validation.systems import SECOND, Poisson, plant, stretches
from simulator.plant.api import Outcome
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import (
    Cache,
    Call,
    Distribution,
    EdgeSpec,
    PoolSpec,
    Work,
    Workers,
)

KEYS = 10_000
SIZES = (100, 1000, 5000)


def che_hit_ratio(exponent: float, keys: int, size: int) -> float:
    """Hit ratio of LRU under independent Zipf requests (Che, Tung and Wang, 2002)."""
    popularity = np.arange(1, keys + 1, dtype=np.float64) ** -exponent
    popularity /= popularity.sum()
    low, high = 0.0, 1e12
    for _ in range(200):
        time = (low + high) / 2
        if (1 - np.exp(-popularity * time)).sum() < size:
            low = time
        else:
            high = time
    return float((popularity * (1 - np.exp(-popularity * low))).sum())


def _behind_a_cache(size: int, database: Workers, lasts: Distribution) -> list[PoolSpec]:
    fast = Work(Distribution("fixed", 1000))
    cached = Workers(64, queue_max=1 << 40, content=Cache(size))
    handler = (Call("cache", on_miss=(Call("database"),)),)
    return [
        PoolSpec("front", Workers(10_000), 1, default_handler=handler),
        PoolSpec("cache", cached, 1, default_handler=(fast,)),
        PoolSpec("database", database, 1, default_handler=(Work(lasts),)),
    ]


_EDGES = (EdgeSpec("front", "cache"), EdgeSpec("front", "database"))


def _hits(system: Plant) -> tuple[int, int]:
    row = system.replica_row(1)
    return int(row[ReplicaProbe.HITS]), int(row[ReplicaProbe.MISSES])


def che(scale: float) -> Law:
    """Hit ratios of real keys under LRU against Che's approximation."""
    rows = []
    curves = []
    for exponent in (0.8, 1.0, 1.2):
        measured = []
        for size in SIZES:
            instant = Workers(10_000, queue_max=1 << 40)
            pools = _behind_a_cache(size, instant, Distribution("fixed", 1000))
            system = plant(pools, Poisson(5000.0, size), edges=_EDGES, key_zipf=exponent, keys=KEYS)
            hits, misses = stretches(system, 300.0 * scale + 10, 4, _hits)[1:].sum(axis=0)
            ratio = hits / (hits + misses)
            measured.append(float(ratio))
            expected = che_hit_ratio(exponent, KEYS, size)
            setting = f"Zipf {exponent}, {size} of {KEYS:,} keys"
            rows.append(Row(setting, expected, float(ratio), allowed=0.01))
        sizes = [50, 100, 200, 500, 1000, 2000, 5000]
        line = [che_hit_ratio(exponent, KEYS, size) for size in sizes]
        curves += [
            Curve(f"Che, Zipf {exponent}", sizes, line),
            Curve(f"plant, Zipf {exponent}", SIZES, measured, is_line=False),
        ]
    return Law(
        "Che's approximation",
        "Hit ratio of an LRU cache under Zipf requests; within 1 % of the fixed point.",
        "hit ratio",
        tuple(rows),
        Picture("che", "keys that fit", "hit ratio", tuple(curves)),
    )


def cliff(scale: float) -> Law:
    """A cold cache in front of a database that cannot take all requests, above and below the cliff.

    Fills need answers. With FIFO waits past the timeout no answer comes in time, so a cold start
    above the database's rate stays cold; the same load from a warm cache is served.
    """
    rows = []
    database_per_s, rate = 100.0, 400.0
    slots = Workers(1, queue_max=1 << 40)
    law = Distribution("exponential", SECOND / database_per_s)
    edges = (
        EdgeSpec("front", "cache"),
        EdgeSpec("front", "database", timeout_ns=SECOND, on_timeout="leave"),
    )
    for is_warm, expected in ((True, 1.0), (False, 0.0)):
        pools = _behind_a_cache(KEYS, slots, law)
        system = plant(
            pools, Poisson(rate, 3), edges=edges, key_zipf=0.2, keys=KEYS, late_e2e_ns=SECOND
        )
        if not is_warm:
            system.flush_cache(1)
        lasts_s = max(int(60 * scale), 20)
        stretches(system, lasts_s, 1, _hits)
        counts = system.outcomes()[lasts_s // 20 :].sum(axis=0)[0]
        good = float(counts[int(Outcome.GOOD)]) / float(counts.sum())
        setting = (
            f"{rate:.0f}/s, database {database_per_s:.0f}/s, cache {'warm' if is_warm else 'cold'}"
        )
        rows.append(Row(setting, expected, good, allowed=0.05, half_width=0.25))
    return Law(
        "The cache cliff",
        "A database of rate mu behind a cache holds a load lambda only while the hit ratio is "
        "above 1 - mu / lambda. Fills need the database, so the same load is stable warm and "
        "stays broken cold.",
        "share of good answers",
        tuple(rows),
    )
