"""A pool's list of ready replicas, written afresh when one comes, goes or changes its weight."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant.layout import Ints, State
from simulator.plant.loads import relist

SCANNED = 16
"""Up to so many replicas are looked at one by one: that costs less than following their loads."""
_LONG_AGO = -(1 << 62)


def list_ready(s: State, pool: int, replicas: int) -> None:
    """List the pool's ready replicas zone by zone, in the order of their ordinals."""
    mine = np.flatnonzero(s.replicas[:replicas, at.R_POOL] == pool)
    rows = mine[s.replicas[mine, at.R_READY] != 0]
    table = s.replicas[rows]
    rows = rows[np.lexsort((rows, table[:, at.R_ORDINAL], table[:, at.R_ZONE]))]
    first = int(s.pools[pool, at.P_READY])
    short = first + len(rows) - s.pools.shape[1]
    if short > 0:
        wider = np.zeros((len(s.pools), short + len(rows) // 4 + 16), dtype=np.int64)
        s.replace(pools=np.concatenate([s.pools, wider], axis=1))
    s.pools[pool, first : first + len(rows)] = rows
    s.pools[pool, at.P_READY_COUNT] = len(rows)
    s.replicas[mine, at.R_PLACE] = -1
    s.replicas[rows, at.R_PLACE] = np.arange(len(rows))
    note_weights(s, pool)


def note_weights(s: State, pool: int) -> None:
    """Rank the pool's ready replicas by their weights and loads, where a policy asks for that."""
    row = s.pools[pool]
    count = int(row[at.P_READY_COUNT])
    ready = row[int(row[at.P_READY]) :][:count]
    row[at.P_UNEQUAL] = bool(np.any(s.replica_floats[ready, at.R_WEIGHT] != 1.0))
    leading = np.flatnonzero(s.edges[:, at.E_POOL] == pool)
    s.routes[leading, at.T_VIEWED_AT] = _LONG_AGO
    s.ready[pool, at.B_CELLS_OLD] = 1
    follows = _is_followed(s, leading, count)
    s.edges[leading, at.E_FOLLOWED] = follows
    if follows or row[at.P_UNEQUAL]:
        _make_room(s, pool, count, int(s.replicas[ready, at.R_ZONE].max(initial=0)))
        relist(s, pool)


def _is_followed(s: State, leading: Ints, count: int) -> bool:
    """Say whether a policy of these edges compares more loads than it would look at each time."""
    routed = s.edges[leading, at.E_ROUTED] != 0
    least = s.edges[leading, at.E_BALANCE] == at.LEAST_LOADED
    return bool(np.any(routed)) or (bool(np.any(least)) and count > SCANNED)


def _make_room(s: State, pool: int, count: int, zone: int) -> None:
    size = 1 << max(count - 1, 0).bit_length()
    if 2 * size > s.trees.shape[1]:
        s.replace(trees=_wider(s.trees, 2 * size), views=_wider(s.views, 2 * size))
    columns = at.B_ZONES + 2 * (zone + 1)
    if columns > s.ready.shape[1]:
        s.replace(ready=_wider(s.ready, columns))
    s.ready[pool, at.B_SIZE] = size


def _wider(table: NDArray[Any], columns: int) -> NDArray[Any]:
    grown = np.zeros((len(table), columns), dtype=table.dtype)
    grown[:, : table.shape[1]] = table
    return grown
