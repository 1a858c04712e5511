"""Small systems with whatever arrivals a law needs, run in stretches so that means have errors."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.validation.draws import fill, poisson_minute
from simulator.plant import chance
from simulator.plant.api import Arrivals
from simulator.plant.arrivals import MINUTE
from simulator.plant.plant import Plant
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import (
    ClassSpec,
    Distribution,
    EdgeSpec,
    PlantSpec,
    PoolSpec,
    Work,
    Workers,
)

MS, SECOND = 1_000_000, 1_000_000_000
Ints = NDArray[np.int64]
ENDLESS = 1 << 40


class Gaps:
    """Renewal arrivals: gaps drawn from a law, keyed by seed and place, from 0 until an end."""

    def __init__(self, law: Distribution, lasts_ns: int, seed: int = 1) -> None:
        table, key = chance.law_table([law]), chance.mix(seed, 7)
        sample = np.zeros(4000, np.int64)
        fill(table, key, sample)
        gaps = np.zeros(int(lasts_ns / sample.mean() * 1.2) + 10_000, np.int64)
        fill(table, key, gaps)
        times = np.cumsum(gaps)
        self.times: Ints = times[times < lasts_ns]

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002  its face
        low, high = np.searchsorted(self.times, (index * MINUTE, (index + 1) * MINUTE))
        times = self.times[low:high] if stream == 0 else self.times[:0]
        tokens = np.full(len(times), -1, np.int64)
        return Arrivals(times, tokens, tokens)


class Listed:
    """Arrivals at given instants, in order."""

    def __init__(self, times: Ints) -> None:
        self.times = times

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002  its face
        low, high = np.searchsorted(self.times, (index * MINUTE, (index + 1) * MINUTE))
        times = self.times[low:high] if stream == 0 else self.times[:0]
        tokens = np.full(len(times), -1, np.int64)
        return Arrivals(times, tokens, tokens)


class Poisson:
    """Poisson arrivals at a rate per second, a minute at a time; memory stays small."""

    def __init__(self, rate: float, seed: int = 1) -> None:
        self.rate, self.seed = rate, seed

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002  its face
        if stream:
            empty = np.zeros(0, np.int64)
            return Arrivals(empty, empty, empty)
        room = np.zeros(int(self.rate * 60 * 1.2) + 1000, np.int64)
        count = poisson_minute(self.rate / SECOND, chance.mix(self.seed, index), MINUTE, room)
        times = room[:count] + index * MINUTE
        tokens = np.full(count, -1, np.int64)
        return Arrivals(times, tokens, tokens)


def workers(name: str, servers: int, lasts: Distribution, **options: Any) -> PoolSpec:
    """A pool that works for a drawn time."""
    replicas = options.pop("replicas", 1)
    options.setdefault("queue_max", ENDLESS)
    return PoolSpec(name, Workers(servers, **options), replicas, default_handler=(Work(lasts),))


def plant(
    pools: Sequence[PoolSpec],
    source: Any,
    *,
    edges: Sequence[EdgeSpec] = (),
    seed: int = 1,
    **of_class: Any,
) -> Plant:
    """A plant with one class, entering at the first pool."""
    own = any(edge.caller == "users" for edge in edges)
    entry = () if own else (EdgeSpec("users", pools[0].name),)
    spec = PlantSpec(
        tuple(pools), (*entry, *edges), (ClassSpec("chat", pools[0].name, **of_class),)
    )
    return Plant(spec, seed, {"chat": source})


def advance(system: Plant, until_ns: int) -> None:
    """Run on through every signal."""
    while system.now < until_ns:
        system.advance(until_ns, inclusive=False)


def stretches(
    system: Plant, lasts_s: float, parts: int, read: Callable[[Plant], Sequence[int]]
) -> NDArray[np.float64]:
    """Run in equal parts and say how much each counter that is read grew in each, (parts, k)."""
    seen = [read(system)]
    for part in range(1, parts + 1):
        advance(system, int(lasts_s * SECOND * part / parts))
        seen.append(read(system))
    return np.diff(np.array(seen, np.float64), axis=0)


def waits_and_starts(replica: int = 0) -> Callable[[Plant], Sequence[int]]:
    """Read the summed waits and the calls started at a replica."""

    def read(system: Plant) -> Sequence[int]:
        row = system.replica_row(replica)
        return int(row[ReplicaProbe.WAIT_NS]), int(row[ReplicaProbe.STARTED])

    return read
