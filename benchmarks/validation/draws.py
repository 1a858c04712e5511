"""Compiled loops that fill arrays with draws, and the queueing recursion the plant must equal."""

import numpy as np
from numpy.typing import NDArray

from simulator.plant import arithmetic, chance
from simulator.plant.jit import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@compiled
def fill(table: Floats, key: int, out: Ints) -> None:
    """Fill with draws of the table's first law, keyed by place."""
    for i in range(out.shape[0]):
        out[i] = chance.draw(table, 0, chance.mix(key, i))


@compiled
def poisson_minute(per_ns: float, key: int, lasts_ns: int, out: Ints) -> int:
    """Fill with the instants of a Poisson process; say how many there are (at most the room)."""
    now, n = 0.0, 0
    while n < out.shape[0]:
        now -= arithmetic.log(chance.uniform(chance.mix(key, n))) / per_ns
        if now >= lasts_ns:
            break
        out[n] = int(now)
        n += 1
    return n


@compiled
def recursion(gaps: Ints, services: Ints, free_at: Ints, waits: Ints) -> None:
    """Kiefer and Wolfowitz: each goes to the server that is free soonest (one: Lindley)."""
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
def erlang_batches(free_at: Floats, load: float, key: int, per_batch: int, means: Floats) -> None:
    """Mean waits of M/M/c in service times, batch after batch; `free_at` has c zeros."""
    servers = free_at.shape[0]
    now = 0.0
    n = 0
    for batch in range(-1, means.shape[0]):  # the first one warms up
        total = 0.0
        for _ in range(per_batch):
            now -= arithmetic.log(chance.uniform(chance.mix(key, 2 * n))) / (servers * load)
            service = -arithmetic.log(chance.uniform(chance.mix(key, 2 * n + 1)))
            n += 1
            soonest = 0
            for server in range(1, servers):
                if free_at[server] < free_at[soonest]:
                    soonest = server
            start = max(now, free_at[soonest])
            total += start - now
            free_at[soonest] = start + service
        if batch >= 0:
            means[batch] = total / per_batch
