"""Relational stores from Python's side: made, told of their replicas' state, and checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvariantViolated
from simulator.plant import broker_tables as bt
from simulator.plant import connections as link
from simulator.plant import layout as at
from simulator.plant import store_tables as st
from simulator.plant.contents import Relational
from simulator.plant.layout import Ints, State
from simulator.plant.spec import EdgeSpec, PoolSpec, Workers

_NEVER = -1


def relational_of(pool: PoolSpec) -> Relational | None:
    """Say how a pool is a relational store; None where it is none."""
    served = pool.discipline
    content = served.content if isinstance(served, Workers) else None
    return content if isinstance(content, Relational) else None


def storing_tables(
    edges: Ints, specs: Sequence[EdgeSpec], pools: Sequence[PoolSpec], replicas: int
) -> dict[str, NDArray[Any]]:
    """Write which edges lead to stores into their rows, and make the stores' tables."""
    stores = np.zeros((len(pools), st.STORE_COLUMNS), dtype=np.int64)
    stores[:, [st.S_PRIMARY, st.S_KEEPER]] = -1
    rings = 0
    for number, pool in enumerate(pools):
        if (content := relational_of(pool)) is None:
            continue
        row = stores[number]
        row[st.S_CONNECTIONS_MAX] = content.connections_max
        row[st.S_LOCK_TIMEOUT_NS] = content.lock_timeout_ns
        row[st.S_STALE_QUALITY] = round(content.stale_quality * at.ONE)
        row[st.S_READS_PRIMARY] = content.reads_from == "primary"
        row[st.S_SHIP_NS], row[st.S_REPLAY_NS] = content.ship_ns, content.replay_ns
        row[st.S_RING] = rings
        rings += 2
        for edge, spec in enumerate(specs):
            if spec.callee == pool.name:
                edges[edge, at.E_GUARDED] |= at.TO_STORE
                edges[edge, at.E_ROUTED] = 1
    replays = np.zeros((replicas if rings else 1, st.REPLAY_COLUMNS), dtype=np.int64)
    commits = np.zeros((rings, st.RING), dtype=np.int64)
    return {"databases": stores, "replays": replays, "commits": commits}


def wider_replays(replays: Ints, replicas: int) -> Ints:
    """Make room for more replicas."""
    wide = np.zeros((replicas, st.REPLAY_COLUMNS), dtype=np.int64)
    wide[: len(replays)] = replays
    return wide


def make_keeper(s: State, slot: int, pool: int) -> None:
    """Make a frame of a store's or queue's own, whose timer is the component's."""
    row = s.slots[slot]
    row[[at.KIND, at.STATE, at.POOL]] = at.KEEPER, at.KEEPING, pool
    row[[at.PARENT, at.REPLICA, at.EDGE]] = -1
    row[[at.CLASS, at.DEADLINE, at.TRIES]] = 0
    row[at.ROOT_KEY] = (1 << 63) - 1
    s.databases[pool, st.S_KEEPER] = s.queues[pool, bt.Q_KEEPER] = slot


def is_serving(s: State, replica: int) -> bool:
    """Say whether a replica is there for its balancers and for its standbys."""
    row = s.replicas[replica]
    return bool(row[at.R_READY] and row[at.R_ALIVE] and row[at.R_REACHABLE])


def retime_replay(s: State, replica: int, now: int) -> None:
    """Work out anew how fast a replica applies writes; it begins with the next one now."""
    row, replay = s.replicas[replica], s.replays[replica]
    store = s.databases[row[at.R_POOL]]
    slowdown = float(s.replica_floats[replica, at.R_SLOWDOWN])
    runs = row[at.R_ALIVE] and row[at.R_REACHABLE] and slowdown > 0.0 and store[st.S_REPLAY_NS] >= 0
    replay[st.Y_EACH_NS] = int(store[st.S_REPLAY_NS] * slowdown + 0.5) if runs else _NEVER
    replay[st.Y_AT] = max(int(replay[st.Y_AT]), now)


def check_stores(s: State, replicas: int) -> None:
    """Raise InvariantViolated unless connections and locks are those of the calls there are."""
    calls = s.slots[(s.slots[:, at.STATE] != at.VACANT) & (s.slots[:, at.KIND] == at.CALL)]
    rows = s.replicas[:replicas]
    for replica in np.flatnonzero(s.pools[rows[:, at.R_POOL], at.P_CONTENT] == at.STORE):
        here = calls[calls[:, at.REPLICA] == replica]
        linked = int(np.isin(here[:, at.LINK], [link.OPEN, link.OWN]).sum()) + _idle(
            s, int(replica)
        )
        locking = int(((here[:, at.ENTRY] >= 0) & (here[:, at.STATE] != at.RETURNING)).sum())
        found, said = (
            (linked, locking),
            tuple(map(int, rows[replica, [at.R_BACKENDS, at.R_LOCKS]])),
        )
        if found != said:
            msg = f"replica {replica}'s connections and locks: {said} said, {found} found"
            raise InvariantViolated(msg)
    for slot in np.flatnonzero(s.slots[:, at.STATE] == at.LOCK_WAIT):
        holder = s.keys[s.slots[slot, at.ENTRY], st.K_HOLDER]
        if holder < 0 or s.slots[holder, at.ENTRY] != s.slots[slot, at.ENTRY]:
            raise InvariantViolated(f"frame {slot} waits for a lock that nobody holds")


def _idle(s: State, replica: int) -> int:
    """Count the idle connections to a replica in all pools."""
    replicas = len(s.replicas)
    rows = s.conns.reshape(-1, replicas, replicas, link.CONNECTION_COLUMNS)
    return int(rows[:, :, replica, link.N_IDLE].sum())
