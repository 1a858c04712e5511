"""Object stores from Python's side: made, enlarged, turned and checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvariantViolated
from simulator.plant import layout as at
from simulator.plant import objects as ob
from simulator.plant.contents import Objects
from simulator.plant.layout import Ints, State
from simulator.plant.spec import PoolSpec, Workers

_SECOND = 1_000_000_000


def object_tables(pools: Sequence[PoolSpec], replicas: int) -> dict[str, NDArray[Any]]:
    """Make the tables of all object stores."""
    objects = np.zeros((len(pools), ob.OBJECT_COLUMNS))
    rows = 0
    for number, pool in enumerate(pools):
        served = pool.discipline
        content = served.content if isinstance(served, Workers) else None
        if not isinstance(content, Objects):
            continue
        objects[number] = (
            content.bytes_per_second / _SECOND,
            content.stream_bytes_per_second / _SECOND,
            content.prefix_requests_per_second / _SECOND,
            content.prefixes,
            rows,
        )
        rows += content.prefixes
    prefixes = np.zeros((rows, ob.PREFIX_COLUMNS))
    for store in np.flatnonzero(objects[:, ob.B_PREFIXES]):
        first = int(objects[store, ob.B_FIRST])
        mine = slice(first, first + int(objects[store, ob.B_PREFIXES]))
        prefixes[mine, ob.LEFT] = max(objects[store, ob.B_PREFIX_RATE] * _SECOND, 1.0)
    transfers = np.zeros((replicas if rows else 1, ob.TRANSFER_COLUMNS), dtype=np.int64)
    return {"objects": objects, "prefixes": prefixes, "transfers": transfers}


def wider_transfers(transfers: Ints, replicas: int) -> Ints:
    """Make room for more replicas."""
    wide = np.zeros((replicas, ob.TRANSFER_COLUMNS), dtype=np.int64)
    wide[: len(transfers)] = transfers
    return wide


def check_transfers(s: State, replicas: int) -> None:
    """Raise InvariantViolated unless every replica sends what it is asked for, and all of it."""
    streams = s.slots[s.slots[:, at.STATE] == at.IN_TRANSFER]
    for r in np.flatnonzero(s.pools[s.replicas[:replicas, at.R_POOL], at.P_CONTENT] == at.OBJECTS):
        here = int((streams[:, at.REPLICA] == r).sum())
        if here != s.transfers[r, ob.F_COUNT]:
            raise InvariantViolated(f"replica {r} sends {s.transfers[r, ob.F_COUNT]}, asked {here}")
