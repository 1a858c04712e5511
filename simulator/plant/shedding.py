"""Load shedding by priority: with more to do than so much, a replica refuses who matters least.

The load of a replica is its calls, working or waiting, over its servers: 1 is all busy and nobody
waiting. Every class has a load from which on its calls are refused, by its priority; the table is
`sheds` [pool, column], a column per class behind the first two.
"""

from collections.abc import Sequence

import numpy as np

from simulator.plant import layout as at
from simulator.plant.jit import rare
from simulator.plant.layout import Floats, Ints, State
from simulator.plant.spec import ClassSpec, PoolSpec, Workers
from simulator.plant.spec_parts import Shedding

S_SCALE, S_RETRY_NS, S_CLASS = range(3)  # S_CLASS + k: load from which on class k is refused


@rare
def is_shed(s: State, slot: int) -> bool:
    """Refuse a call that has arrived at a replica with too much to do for its class."""
    call = s.slots[slot]
    replica, row = s.replicas[call[at.REPLICA]], s.sheds[call[at.POOL]]
    load = row[S_CLASS + call[at.CLASS]]
    above = load * row[S_SCALE] * replica[at.R_WORKERS]
    if load < 0.0 or replica[at.R_TAKEN] + replica[at.R_QUEUED] < above:
        return False
    replica[at.R_SHED] += 1
    call[at.RESULT] = at.REJECTED
    if row[S_RETRY_NS] > 0.0:
        call[at.RETRY_AT] = s.head[at.NOW] + int(row[S_RETRY_NS])
    return True


def shedding_table(pools: Ints, specs: Sequence[PoolSpec], classes: Sequence[ClassSpec]) -> Floats:
    """Make the table, and mark the pools that shed."""
    table = np.full((len(specs), S_CLASS + len(classes)), -1.0)
    table[:, S_SCALE] = 1.0
    for number, spec in enumerate(specs):
        if isinstance(spec.discipline, Workers) and (shedding := spec.discipline.shedding):
            pools[number, at.P_SHEDS] = 1
            table[number, S_RETRY_NS] = shedding.retry_after_ns
            table[number, S_CLASS:] = [_load_of(shedding, each.priority) for each in classes]
    return table


def _load_of(shedding: Shedding, priority: int) -> float:
    """Say from which load on a priority is refused; -1: never."""
    loads = [load for upto, load in shedding.loads if priority <= upto]
    return min(loads, default=-1.0)
