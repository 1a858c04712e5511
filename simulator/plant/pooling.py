"""Connection pools from Python's side: made, enlarged, cut, closed with their ends, and checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvariantViolated
from simulator.plant import connections as link
from simulator.plant import layout as at
from simulator.plant.layout import Ints, State
from simulator.plant.spec import USERS, EdgeSpec


def pooling_tables(
    edges: Ints, specs: Sequence[EdgeSpec], replicas: int
) -> dict[str, NDArray[Any]]:
    """Write which edges have a pool into their rows, and make the tables that pools keep."""
    pooled = np.zeros((len(specs), link.POOLED_COLUMNS), dtype=np.int64)
    pooled[:, link.X_NUMBER] = -1
    number = 0
    for row, spec in enumerate(specs):
        if (pool := spec.pool) is None:
            continue
        if spec.caller == USERS:
            msg = f"users -> {spec.callee}: users have no connection pool; give it to a component"
            raise ValueError(msg)
        edges[row, at.E_GUARDED] |= at.POOLED
        pooled[row] = number, pool.connections_max, pool.timeout_ns
        number += 1
    conns = np.zeros((number * replicas * replicas, link.CONNECTION_COLUMNS), dtype=np.int64)
    return {"pooled": pooled, "conns": conns}


def wider_conns(conns: Ints, old: int, new: int) -> Ints:
    """Make room for more replicas on both sides of every pool."""
    rows = conns.reshape(-1, old, old, link.CONNECTION_COLUMNS)
    wide = np.zeros((len(rows), new, new, link.CONNECTION_COLUMNS), dtype=np.int64)
    wide[:, :old, :old] = rows
    return wide.reshape(-1, link.CONNECTION_COLUMNS)


def _by_ends(s: State, edge: int) -> Ints:
    """Show an edge's connections by [caller, callee, column]."""
    replicas, number = len(s.replicas), int(s.pooled[edge, link.X_NUMBER])
    return s.conns.reshape(-1, replicas, replicas, link.CONNECTION_COLUMNS)[number]


def pooled_edges(s: State) -> list[int]:
    """List the edges that have a pool."""
    return [int(edge) for edge in np.flatnonzero(s.pooled[:, link.X_NUMBER] >= 0)]


def cut_off(s: State, replica: int) -> None:
    """Forget every connection to a process that dies, before its calls are dropped."""
    table = s.slots
    mine = (table[:, at.STATE] != at.VACANT) & (table[:, at.REPLICA] == replica)
    for slot in np.flatnonzero(mine & (table[:, at.KIND] == at.CALL)):
        pooled = s.edges[table[slot, at.EDGE], at.E_GUARDED] & at.POOLED
        table[slot, at.LINK] = link.ASKED if pooled else link.NO_LINK
    for edge in pooled_edges(s):
        _close(s, edge, _by_ends(s, edge)[:, replica])
    s.replicas[replica, at.R_BACKENDS] = 0


def close_pools(s: State, replica: int) -> None:
    """Close what a process that has died held open itself."""
    for edge in pooled_edges(s):
        rows = _by_ends(s, edge)[replica]
        _hang_up(s, edge, rows[:, link.N_IDLE])
        _close(s, edge, rows)


def _close(s: State, edge: int, rows: Ints) -> None:
    s.edges[edge, at.E_POOL_IDLE] -= rows[:, link.N_IDLE].sum()
    rows[:, link.N_IDLE] = 0


def _hang_up(s: State, edge: int, closed: Ints) -> None:
    """Tell a store how many connections to each replica are closed."""
    if s.pools[s.edges[edge, at.E_POOL], at.P_CONTENT] == at.STORE:
        s.replicas[:, at.R_BACKENDS] -= closed


def set_pool_max(s: State, edge: int, value: int) -> None:
    """Change how many connections a pool may have: idle ones too many are closed."""
    s.pooled[edge, link.X_MAX] = value
    ends = _by_ends(s, edge)
    for caller, callee in zip(*np.nonzero(ends[:, :, : link.N_HEAD].any(axis=2)), strict=True):
        row = ends[caller, callee]
        idle = max(min(int(row[link.N_IDLE]), value - int(row[link.N_BUSY])), 0)
        closed = np.zeros(len(s.replicas), dtype=np.int64)
        closed[callee] = row[link.N_IDLE] - idle
        _hang_up(s, edge, closed)
        s.edges[edge, at.E_POOL_IDLE] -= closed[callee]
        row[link.N_IDLE] = idle
        link.call_next(s, edge, link.connection_row(s, edge, int(caller), int(callee)))


def check_pools(s: State) -> None:
    """Raise InvariantViolated unless every connection and everybody in line is where it is said.

    Nobody may stand in line while a connection could be had.
    """
    calls = s.slots[s.slots[:, at.STATE] != at.VACANT]
    for edge in pooled_edges(s):
        rows, shown = _by_ends(s, edge), s.edges[edge]
        active = calls[(calls[:, at.EDGE] == edge) & (calls[:, at.PARENT] >= 0)]
        ways = calls[:, at.PENDING] >> link.CALLEE_BITS
        granted = calls[(calls[:, at.STATE] == at.GRANTED) & (ways == edge)]
        waiting = calls[(calls[:, at.STATE] == at.IN_LINE) & (ways == edge)]
        said = [
            int(rows[:, :, column].sum()) for column in (link.N_BUSY, link.N_IDLE, link.N_WAITING)
        ]
        found = [len(active) + len(granted), said[1], len(waiting)]
        shows = [int(x) for x in shown[[at.E_POOL_BUSY, at.E_POOL_IDLE, at.E_POOL_PENDING]]]
        if not said == found == shows:
            msg = f"edge {edge}'s connections: {said} by pool, {found} by call, {shows} shown"
            raise InvariantViolated(msg)
        free = (rows[:, :, link.N_WAITING] > 0) & (
            rows[:, :, link.N_BUSY] < s.pooled[edge, link.X_MAX]
        )
        if free.any():
            raise InvariantViolated(f"edge {edge}: a call waits, and a connection is free")
