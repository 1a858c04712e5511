"""Tables of what replicas use and may use, and knobs for them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant import limits as of
from simulator.plant.api import PoolKnob, ReplicaKnob
from simulator.plant.layout import Ints, State
from simulator.plant.spec import PoolSpec

_SECOND = 1_000_000_000
LIMIT = 100
"""The kind of a snapshot target that is a replica's next instant of running out."""

_MOST = {
    PoolKnob.MEMORY_MAX: of.MEMORY,
    PoolKnob.FDS_MAX: of.FDS,
    PoolKnob.DISK_MAX: of.DISK,
    PoolKnob.GPU_MEMORY_MAX: of.GPU,
}
_LEAKS = {
    ReplicaKnob.MEMORY_LEAK: of.MEMORY,
    ReplicaKnob.FD_LEAK: of.FDS,
    ReplicaKnob.DISK_LEAK: of.DISK,
    ReplicaKnob.GPU_MEMORY_LEAK: of.GPU,
}
_CALL_LEAKS = {
    ReplicaKnob.MEMORY_LEAK_PER_CALL: of.MEMORY,
    ReplicaKnob.FD_LEAK_PER_CALL: of.FDS,
    ReplicaKnob.DISK_LEAK_PER_CALL: of.DISK,
    ReplicaKnob.GPU_MEMORY_LEAK_PER_CALL: of.GPU,
}
LIMIT_KNOBS = frozenset([*_MOST, PoolKnob.CONNECTIONS_MAX])
LEAK_KNOBS = frozenset([*_LEAKS, *_CALL_LEAKS])


def limit_tables(pools: Sequence[PoolSpec], rows: Ints, replicas: int) -> dict[str, NDArray[Any]]:
    """Write what each pool's replicas use and may use, and mark the pools that have limits."""
    limits = np.zeros((len(pools), of.LIMIT_COLUMNS))
    for number, pool in enumerate(pools):
        if pool.limits is None:
            continue
        rows[number, at.P_LIMITED] = 1
        row = limits[number]
        for kind, use in enumerate(pool.limits.uses):
            row[of.MOST + kind], row[of.BASE + kind] = use.most, use.base
            row[of.PER_CALL + kind] = use.per_call
            row[of.CRASHES + kind] = use.crashes or kind == of.MEMORY
        row[of.CONNECTIONS_MAX] = pool.limits.connections_max
        row[of.THREADS_BASE] = pool.limits.threads_base
        row[of.THREADS_PER_CALL] = pool.limits.threads_per_call
    limited = any(pool.limits is not None for pool in pools)
    return {"limits": limits, "uses": np.zeros((replicas if limited else 1, of.USE_COLUMNS))}


def grown_uses(s: State, replicas: int) -> NDArray[Any]:
    """Make room for more replicas, where any has limits."""
    if len(s.uses) == 1 and not s.pools[:, at.P_LIMITED].any():
        return s.uses
    grown = np.zeros((replicas, of.USE_COLUMNS))
    grown[: len(s.uses)] = s.uses
    return grown


def begin_uses(s: State, replica: int, pool: PoolSpec, target: int, now: int) -> None:
    """Set an empty replica up: nothing has grown yet."""
    row = s.uses[replica]
    row[:] = 0.0
    row[of.SETTLED_AT], row[of.TARGET] = now, target
    if pool.limits is not None:
        for kind, use in enumerate(pool.limits.uses):
            row[of.RATE + kind] = use.leak_per_second / _SECOND
            row[of.AFTER_CALL + kind] = use.leak_per_call


def restart_uses(s: State, replica: int, now: int) -> None:
    """Start a process afresh: what had grown in it is gone, what is on disk is not."""
    row = s.uses[replica]
    of.settle_uses(s.limits[s.replicas[replica, at.R_POOL]], row, now)
    row[[of.GROWN + kind for kind in range(of.KINDS) if kind != of.DISK]] = 0.0
    row[of.IS_DEAD] = 0.0
    # Whether it can live at all shows as soon as time goes on.
    s.targets[int(row[of.TARGET]), at.T_NEXT_AT] = now
    s.head[at.SCRAPE_NEXT_AT] = min(int(s.head[at.SCRAPE_NEXT_AT]), now)


def turn_limit(s: State, pool: int, knob: PoolKnob, value: float) -> None:
    """Change what a pool's replicas may use (0: no limit)."""
    column = of.CONNECTIONS_MAX if knob is PoolKnob.CONNECTIONS_MAX else of.MOST + _MOST[knob]
    s.limits[pool, column] = value


def turn_leak(
    s: State, replica: int, pool: PoolSpec, knob: ReplicaKnob, value: float, now: int
) -> None:
    """Change what grows in a replica, beside what its spec has."""
    limits, row = pool.limits, s.uses[replica]
    if limits is None:
        return
    of.settle_uses(s.limits[s.replicas[replica, at.R_POOL]], row, now)
    if knob in _LEAKS:
        kind = _LEAKS[knob]
        row[of.RATE + kind] = (limits.uses[kind].leak_per_second + value) / _SECOND
    else:
        kind = _CALL_LEAKS[knob]
        row[of.AFTER_CALL + kind] = limits.uses[kind].leak_per_call + value
    of.look_ahead(s, replica)


def look_again(s: State, replica: int, now: int) -> None:
    """See at this instant what a turned limit has made of a replica."""
    of.settle_uses(s.limits[s.replicas[replica, at.R_POOL]], s.uses[replica], now)
    of.look_ahead(s, replica)
