"""The plant against queueing theory: exactly where a recursion says what must happen."""

import math

import numpy as np
import pytest

from simulator.plant import arithmetic, chance
from simulator.plant.arrivals import MINUTE
from simulator.plant.jit import compiled
from simulator.plant.layout import Ints
from simulator.plant.probes import ReplicaProbe
from tests.plant.systems import SECOND, Times, exponential, fixed, plant, pool, run_until


@compiled
def _recursion(gaps: Ints, services: Ints, free_at: Ints, waits: Ints) -> None:
    """Kiefer and Wolfowitz: each goes to the server that is free soonest (c = 1: Lindley)."""
    now = 0
    for i in range(gaps.shape[0]):
        now += gaps[i]
        soonest = 0
        for server in range(1, free_at.shape[0]):
            if free_at[server] < free_at[soonest]:
                soonest = server
        start = max(now, free_at[soonest])
        waits[i] = start - now
        free_at[soonest] = start + services[i]


@compiled
def _fill_exponential(key: int, mean_ns: float, out: Ints) -> None:
    for i in range(out.shape[0]):
        out[i] = int(-arithmetic.log(chance.uniform(chance.mix(key, i))) * mean_ns + 0.5)


def _exponentials(key: int, mean_ns: float, count: int) -> Ints:
    out = np.zeros(count, dtype=np.int64)
    _fill_exponential(chance.mix(key, 0), mean_ns, out)
    return out


def _waits(gaps: Ints, services: Ints, servers: int) -> Ints:
    waits = np.zeros(len(gaps), dtype=np.int64)
    _recursion(gaps, services, np.zeros(servers, dtype=np.int64), waits)
    return waits


@pytest.mark.parametrize("servers", [1, 2, 8])
def test_summed_waits_equal_the_recursion_to_the_nanosecond(servers: int) -> None:
    count, mean = 100_000, 10_000_000
    gaps = _exponentials(servers, mean / servers / 0.9, count)
    times = np.cumsum(gaps)
    system = plant([pool("a", servers, exponential(10), queue_max=1 << 40)], Times(list(times)))
    # What the plant will draw: the root's key, its one call's, the work's.
    feed = system._feed  # noqa: SLF001  the law is about the keys it gives
    minutes = range(int(times[-1]) // MINUTE + 1)
    keys = np.concatenate([feed.load(minute)[:, 2] for minute in minutes])
    feed.minute = -1  # as if nothing had been asked
    laws = chance.law_table(system._programs.laws)  # noqa: SLF001
    services = np.array(
        [chance.draw(laws, 0, chance.mix(chance.mix(int(key), 0), chance.SERVICE)) for key in keys],
        dtype=np.int64,
    )

    run_until(system, times[-1] / SECOND + 1000)

    waits, row = _waits(gaps, services, servers), system.replica_row(0)
    assert int(row[ReplicaProbe.WAIT_NS]) == int(waits.sum())
    assert int(row[ReplicaProbe.RESPONSE_NS]) == int((waits + services).sum())
    assert int(row[ReplicaProbe.COMPLETED]) == count


def _erlang_c_wait(servers: int, load: float) -> float:
    """Mean wait in service times: plant.md, law 2."""
    offered, blocking = servers * load, 1.0
    for k in range(1, servers + 1):
        blocking = offered * blocking / (k + offered * blocking)
    waiting = blocking / (1 - load + load * blocking)
    return waiting / (servers - offered)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.8), (2, 0.8), (4, 0.8), (8, 0.9)])
def test_recursion_waits_as_erlang_says(servers: int, load: float) -> None:
    count, mean, batches = 3_000_000, 1e9, 60
    gaps = _exponentials(10 + servers, mean / servers / load, count)

    waits = _waits(gaps, _exponentials(50 + servers, mean, count), servers) / mean

    means = waits.reshape(batches, -1).mean(axis=1)
    error = means.std(ddof=1) / math.sqrt(batches)
    assert abs(means.mean() - _erlang_c_wait(servers, load)) < 3 * error


def test_littles_law_holds_exactly_over_a_whole_run() -> None:
    times = Times([i * 7_000_000 for i in range(2000)])
    system = plant([pool("a", 2, fixed(20), queue_max=1 << 40)], times)
    area, at, step = 0, 0, 5_000_000

    while at < 30 * SECOND:
        at += step
        system.advance(at, inclusive=False)
        row = system.replica_row(0)
        area += step * int(row[ReplicaProbe.QUEUED] + row[ReplicaProbe.RUNNING])

    # L x T is the sum of everyone's time in the system; sampled every 5 ms it is within a sample.
    whole = int(system.replica_row(0)[ReplicaProbe.RESPONSE_NS])
    assert area == pytest.approx(whole, rel=2e-3)
    assert int(system.replica_row(0)[ReplicaProbe.BUSY_NS]) == 2000 * 20_000_000
