"""Caches beyond LRU: eviction, jitter, stale values, early refresh, failures remembered."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.api import Outcome, PoolKnob, ReplicaKnob
from simulator.plant.cache_entries import key_of
from simulator.plant.cache_tables import F_PLACE, S_FIRST
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe as R
from simulator.plant.spec import EVICTS, Cache, Call, EdgeSpec, Evicts
from tests.plant.slow_caches import SlowCache
from tests.plant.systems import MS, SECOND, Times, fixed, outcomes, plant, poisson, pool, run_until

GOOD, FAILED = int(Outcome.GOOD), int(Outcome.FAILED)
_USERS, _TO_CACHE, _TO_DATABASE = 0, 0, 2 << 16  # places of the calls in their programs


def _cached(cache: Cache, source: Times, fetch_ms: float = 50, **options: object) -> Plant:
    pools = [
        pool("a", 999, Call("cache", on_miss=(Call("db"),))),
        pool("cache", 99, fixed(float(str(options.pop("lookup_ms", 1)))), content=cache),
        pool("db", 999, fixed(fetch_ms)),
    ]
    options = {"keys": 1, "key_zipf": 1.0} | options
    system = plant(pools, source, **options)  # type: ignore[arg-type]  # a table
    system.flush_cache(1)
    return system


def _probes(system: Plant, *probes: R) -> list[int]:
    row = system.replica_row(1)
    return [int(row[probe]) for probe in probes]


def _check_members(system: Plant) -> None:
    """Every key of the cache is listed once, where it says it is."""
    s = system._s  # noqa: SLF001  its own tables
    first, count = int(s.stores[1, S_FIRST]), int(s.replicas[1, at.R_KEYS])
    members = s.members[first : first + count]
    held = np.flatnonzero((s.keys[:, at.K_REPLICA] == 1) & (s.keys[:, at.K_PENDING] == 0))
    assert sorted(members.tolist()) == held.tolist()
    assert s.facts[members, F_PLACE].tolist() == list(range(count))


def _requests(system: Plant) -> list[tuple[int, int, int]]:
    """List arrivals as (time, cache key, key of the call to `a`)."""
    rows = system._feed.load(0)  # noqa: SLF001  the keys the requests will have
    system._feed.minute = -1  # noqa: SLF001
    return [
        (int(row[0]), int(key_of(system._s, 0, int(row[2]))), chance.mix(int(row[2]), _USERS))  # noqa: SLF001
        for row in rows
    ]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 1 << 40),
    size=st.integers(1, 30),
    keys=st.integers(2, 80),
    evicts=st.sampled_from(EVICTS),
    samples=st.integers(1, 8),
)
def test_every_policy_does_what_a_slow_one_in_plain_python_does(
    seed: int, size: int, keys: int, evicts: Evicts, samples: int
) -> None:
    # An hour that never changes what is cached makes plain LRU a cache with options, too.
    cache = Cache(size, evicts=evicts, samples=samples, changes_every_ns=1 << 60)
    source = poisson(20, 55)
    system = _cached(cache, source, fetch_ms=0, lookup_ms=0, seed=seed, keys=keys, key_zipf=0.9)
    slow = SlowCache(size, evicts, samples)
    for now, key, call in _requests(system):
        if slow.look_up(key, now, chance.mix(call, _TO_CACHE)) is None:
            slow.store(key, now, chance.mix(call, chance.EVICT))

    run_until(system, 60)

    seen = _probes(system, R.HITS, R.MISSES, R.EVICTED, R.KEYS, R.FILLS_REFUSED)
    assert seen == [slow.hits, slow.misses, slow.evicted, len(slow.held), slow.refused]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 1 << 40),
    size=st.integers(1, 30),
    ttl_ms=st.integers(1, 5000),
    negative_ms=st.integers(1, 3000),
    jitter=st.sampled_from([0.0, 0.3]),
    failing=st.sampled_from([0.0, 0.4]),
)
def test_values_and_failures_expire_as_in_plain_python(
    seed: int, size: int, ttl_ms: int, negative_ms: int, jitter: float, failing: float
) -> None:
    ttl = ttl_ms * MS
    cache = Cache(size, ttl, ttl_jitter=jitter, negative_ttl_ns=negative_ms * MS)
    source = poisson(20, 30)
    system = _cached(cache, source, fetch_ms=0, lookup_ms=0, seed=seed, keys=20, key_zipf=0.9)
    system.turn_replica(2, ReplicaKnob.ERROR_SHARE, failing)
    slow, failed = SlowCache(size, "lru"), 0
    for now, key, call in _requests(system):
        found = slow.look_up(key, now, 0)
        fails = found.is_failure if found else False
        if found is None:
            fetch = chance.mix(call, _TO_DATABASE)
            fails = bool(chance.uniform(chance.mix(fetch, chance.ERROR)) < failing)
            u = chance.uniform(chance.mix(call, chance.JITTER))
            lasts = int(ttl * (1.0 + jitter * (2.0 * u - 1.0))) if jitter else ttl
            lasts = negative_ms * MS if fails else max(lasts, 1)
            slow.store(key, now, 0, now + lasts, fails=fails)
        failed += fails

    run_until(system, 60)

    seen = _probes(system, R.HITS, R.MISSES, R.EVICTED, R.EXPIRED, R.NEGATIVE)
    assert seen == [slow.hits, slow.misses, slow.evicted, slow.expired, slow.negative]
    assert outcomes(system)[FAILED] == failed


def test_stale_value_is_served_at_once_while_one_fetch_renews_it() -> None:
    cache = Cache(10, SECOND, stale_ns=10 * SECOND)
    # One fills it; ten find it stale, while one fetch lasts; one finds it fresh again.
    source = Times([0, *(1500 * MS + i * MS for i in range(10)), 1700 * MS])
    system = _cached(cache, source, late_e2e_ns=20 * MS, fetch_ms=50)

    run_until(system, 5)

    assert _probes(system, R.MISSES, R.HITS, R.STALE, R.RENEWED) == [1, 11, 10, 1]
    assert int(system.replica_row(2)[R.COMPLETED]) == 2
    assert outcomes(system)[GOOD] == 11  # all but the first are answered without waiting


def test_value_too_old_to_be_served_is_fetched_while_its_reader_waits() -> None:
    system = _cached(Cache(10, SECOND, stale_ns=SECOND), Times([0, 2500 * MS]))

    run_until(system, 5)

    assert _probes(system, R.MISSES, R.STALE, R.EXPIRED) == [2, 0, 1]


def test_stale_value_outlives_renewals_that_fail() -> None:
    cache = Cache(10, SECOND, stale_ns=10 * SECOND, negative_ttl_ns=10 * SECOND)
    system = _cached(cache, Times([0, 2000 * MS, 3000 * MS]))
    run_until(system, 1)
    system.turn_replica(2, ReplicaKnob.ERROR_SHARE, 1.0)

    run_until(system, 5)

    assert _probes(system, R.STALE, R.RENEWED, R.NEGATIVE) == [2, 2, 0]
    assert outcomes(system)[GOOD] == 3


def test_renewal_dies_with_the_process_that_runs_it() -> None:
    system = _cached(Cache(10, SECOND, stale_ns=10 * SECOND), Times([0, 2000 * MS]))
    run_until(system, 2.03)
    assert _probes(system, R.RENEWED) == [1]

    system.kill(0)
    system.check_conservation()
    run_until(system, 4)

    assert int(system.replica_row(2)[R.COMPLETED]) == 1
    assert int(system.replica_row(2)[R.CANCELLED]) == 1


def test_caller_without_a_way_to_fetch_is_served_stale_and_starts_nothing() -> None:
    pools = [
        pool("a", 99, Call("cache")),
        pool("cache", 99, fixed(1), content=Cache(10, SECOND, stale_ns=100 * SECOND)),
    ]
    system = plant(pools, Times([5000 * MS, 6000 * MS]), keys=1)  # the cache is warm

    run_until(system, 8)

    assert _probes(system, R.STALE, R.HITS) == [2, 2]
    system.check_conservation()


@pytest.mark.parametrize(
    ("cache", "fetches"),
    [
        pytest.param(Cache(10, SECOND), 20, id="all at once"),
        pytest.param(Cache(10, SECOND, single_flight=True), 1, id="single flight"),
        pytest.param(Cache(10, SECOND, stale_ns=SECOND), 1, id="stale while revalidated"),
    ],
)
def test_stampede_of_an_expired_key_is_as_large_as_those_who_come_during_a_fetch(
    cache: Cache, fetches: int
) -> None:
    crowd = [1100 * MS + i * MS for i in range(20)]
    system = _cached(cache, Times([0, *crowd]), fetch_ms=30)

    run_until(system, 3)

    assert int(system.replica_row(2)[R.COMPLETED]) == 1 + fetches


def test_early_refresh_spares_the_crowd_at_the_expiry() -> None:
    crowd = Times(range(0, 10_000 * MS, 10 * MS))  # 100 a second for ten times to live
    late = _cached(Cache(10, SECOND), crowd, fetch_ms=100)
    early = _cached(Cache(10, SECOND, early_refresh=1.0), crowd, fetch_ms=100)

    run_until(late, 12)
    run_until(early, 12)

    # Without it everybody of 100 ms misses, ten times; with it hardly anybody does after the first.
    assert _probes(late, R.MISSES)[0] == pytest.approx(10 * 10, abs=15)
    assert _probes(early, R.MISSES)[0] <= 11
    fetches = int(early.replica_row(2)[R.COMPLETED])
    assert fetches < int(late.replica_row(2)[R.COMPLETED])


def test_full_cache_that_evicts_nothing_refuses_and_answers_still() -> None:
    cache = Cache(2, evicts="none")
    system = _cached(cache, poisson(50, 10), keys=30, key_zipf=0.0)

    run_until(system, 12)

    keys, refused, misses, evicted = _probes(system, R.KEYS, R.FILLS_REFUSED, R.MISSES, R.EVICTED)
    assert (keys, evicted) == (2, 0)
    assert refused == misses - 2
    assert outcomes(system)[FAILED] == 0


def test_full_cache_that_evicts_nothing_takes_keys_once_old_ones_have_expired() -> None:
    system = _cached(Cache(2, SECOND, evicts="none"), poisson(50, 10), keys=30, key_zipf=0.0)

    run_until(system, 12)

    keys, expired, evicted = _probes(system, R.KEYS, R.EXPIRED, R.EVICTED)
    assert (keys, evicted) == (2, 0)
    assert expired >= 14


def test_single_flight_serves_all_who_waited_for_a_value_that_found_no_room() -> None:
    system = _cached(Cache(1, evicts="none", single_flight=True), Times([0, 100 * MS]), keys=2)
    held = {int(key_of(system._s, 0, key)) for key in range(50)}  # noqa: SLF001
    assert len(held) == 2
    other = _cached(
        Cache(1, evicts="none", single_flight=True), Times(range(0, 60 * MS, MS)), keys=2
    )

    run_until(other, 2)

    assert outcomes(other)[GOOD] == 60
    assert _probes(other, R.KEYS) == [1]


def test_answers_grow_old_where_the_world_changes() -> None:
    # Everybody is served the value of the first, which changes every 10 s: within 20 s a share of
    # (1 - exp(-2)) / 2 = 0.43 of the answers is still right.
    cache = Cache(10, changes_every_ns=10 * SECOND)
    system = _cached(cache, poisson(200, 20))

    run_until(system, 22)

    counts = outcomes(system)
    assert counts[GOOD] / sum(counts) == pytest.approx(0.432, abs=0.03)


def test_knobs_give_a_plain_cache_options_and_keep_what_it_holds() -> None:
    system = _cached(Cache(50, 2 * SECOND), poisson(40, 40), keys=40, fetch_ms=10)
    run_until(system, 10)
    held = _probes(system, R.KEYS)

    system.turn_pool(1, PoolKnob.STALE_NS, 20.0 * SECOND)
    system.turn_pool(1, PoolKnob.EVICTS, EVICTS.index("lfu"))
    system.turn_pool(1, PoolKnob.KEYS_MAX, 10)

    assert _probes(system, R.KEYS) == held
    run_until(system, 60)
    keys, evicted, stale = _probes(system, R.KEYS, R.EVICTED, R.STALE)
    assert keys == 10
    assert evicted > 0
    assert stale > 0


def test_runs_with_every_option_are_the_same_from_a_small_table() -> None:
    cache = Cache(
        20, SECOND, single_flight=True, evicts="lfu", ttl_jitter=0.2, stale_ns=SECOND,
        negative_ttl_ns=300 * MS, early_refresh=2.0, changes_every_ns=20 * SECOND,
    )  # fmt: skip
    edges = [EdgeSpec("a", "db", timeout_ns=60 * MS, retries_max=1), EdgeSpec("a", "cache")]
    seen = []
    for capacity in (16, 4096):
        system = _cached(
            cache, poisson(200, 20), keys=60, key_zipf=0.8, edges=edges, capacity=capacity
        )
        system.turn_replica(2, ReplicaKnob.ERROR_SHARE, 0.2)
        run_until(system, 10)
        system.turn_replica(2, ReplicaKnob.SLOWDOWN, 1.5)  # beyond the timeout
        run_until(system, 30)
        _check_members(system)
        seen.append([*system.replica_row(1).tolist(), *outcomes(system)])
    assert seen[0] == seen[1]
    assert seen[0][R.NEGATIVE] > 0
    assert seen[0][R.RENEWED] > 0


def test_plain_cache_has_no_options() -> None:
    assert not Cache(10, SECOND, single_flight=True).has_options
    for field in dataclasses.fields(Cache):
        if field.name not in {"keys_max", "ttl_ns", "single_flight", "samples", "evicts"}:
            assert Cache(10, **{field.name: 1}).has_options  # type: ignore[arg-type]  # any number
