"""The queue before a replica's servers: one list, or one per priority where it goes by that."""

import numpy as np

from simulator.plant import layout as at
from simulator.plant.jit import inlined, internal, rare
from simulator.plant.layout import Ints, State
from simulator.plant.spec import PRIORITY_MAX, PRIORITY_MIN, Cpu, PlantSpec, Workers
from simulator.plant.tables import priority_of, put_work, set_timer

# levels: first and last waiting call of each priority, the least important first; -1 for none.
LEVELS = PRIORITY_MAX - PRIORITY_MIN + 1
LEVEL_COLUMNS = 2 * LEVELS


def goes_by_priority(spec: PlantSpec) -> bool:
    """Say whether any queue of a system does."""
    served = [pool.discipline for pool in spec.pools]
    return any(isinstance(each, Workers | Cpu) and each.by_priority for each in served)


def level_rows(replicas: int) -> Ints:
    """Make empty lists of each priority for every replica."""
    return np.full((replicas, LEVEL_COLUMNS), -1, dtype=np.int64)


@inlined
def _level(s: State, slot: int) -> int:
    """Say in which column the list of a call's priority begins."""
    return 2 * (priority_of(s, slot) - PRIORITY_MIN)


@inlined
def _append(slots: Ints, ends: Ints, head: int, tail: int, slot: int) -> None:
    last = ends[tail]
    slots[slot, at.PREVIOUS] = last
    slots[slot, at.NEXT] = -1
    if last >= 0:
        slots[last, at.NEXT] = slot
    else:
        ends[head] = slot
    ends[tail] = slot


@inlined
def _take_out(slots: Ints, ends: Ints, head: int, tail: int, slot: int) -> None:
    before, after = slots[slot, at.PREVIOUS], slots[slot, at.NEXT]
    if before >= 0:
        slots[before, at.NEXT] = after
    else:
        ends[head] = after
    if after >= 0:
        slots[after, at.PREVIOUS] = before
    else:
        ends[tail] = before


@internal
def unlink(s: State, slot: int) -> None:
    """Take a call out of its replica's queue, from wherever it stands."""
    r = s.slots[slot, at.REPLICA]
    replica = s.replicas[r]
    if s.pools[replica[at.R_POOL], at.P_BY_PRIORITY]:
        level = _level(s, slot)
        _take_out(s.slots, s.levels[r], level, level + 1, slot)
    else:
        _take_out(s.slots, replica, at.R_QUEUE_HEAD, at.R_QUEUE_TAIL, slot)
    replica[at.R_QUEUED] -= 1


@rare
def _wait_until(s: State, slot: int, timeout: int) -> None:
    """Wait in the queue up to its timeout (0: none), but no longer than the deadline."""
    until = s.slots[slot, at.DEADLINE]
    if timeout > 0:
        until = min(until, s.head[at.NOW] + timeout)
    set_timer(s, slot, max(until, s.head[at.NOW]), -1)


@inlined
def enqueue(s: State, slot: int) -> None:
    """Let a call wait at the end of its replica's queue, for as long as the pool says."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    replica = s.replicas[r]
    pool = s.pools[replica[at.R_POOL]]
    if pool[at.P_BY_PRIORITY]:
        level = _level(s, slot)
        _append(s.slots, s.levels[r], level, level + 1, slot)
    else:
        _append(s.slots, replica, at.R_QUEUE_HEAD, at.R_QUEUE_TAIL, slot)
    replica[at.R_QUEUED] += 1
    call[at.STATE] = at.QUEUED
    if call[at.DEADLINE] > 0:
        _wait_until(s, slot, pool[at.P_QUEUE_TIMEOUT_NS])
    elif pool[at.P_QUEUE_TIMEOUT_NS] > 0:
        timeout = s.head[at.NOW] + pool[at.P_QUEUE_TIMEOUT_NS]
        set_timer(s, slot, timeout, pool[at.P_QUEUE_LANE])


@rare
def _most_important(s: State, r: int, lifo: int) -> int:
    ends = s.levels[r]
    for level in range(LEVEL_COLUMNS - 2, -1, -2):
        if ends[level] >= 0:
            return int(ends[level + lifo])
    return -1


@inlined
def next_of(s: State, r: int) -> int:
    """Say who of a replica's queue is served next; the queue must not be empty."""
    replica = s.replicas[r]
    pool = s.pools[replica[at.R_POOL]]
    lifo = pool[at.P_LIFO]
    if pool[at.P_BY_PRIORITY]:
        return _most_important(s, r, lifo)
    return replica[at.R_QUEUE_TAIL] if lifo else replica[at.R_QUEUE_HEAD]


@rare
def displace(s: State, slot: int) -> bool:
    """Make room for a call in a full queue: the newest of the least important is rejected.

    False where nobody who waits there matters less. Who has been served in part keeps its place.
    """
    ends, own = s.levels[s.slots[slot, at.REPLICA]], _level(s, slot)
    for level in range(0, own, 2):
        other = ends[level + 1]
        while other >= 0:
            call = s.slots[other]
            if call[at.ENTERED] == 0:
                unlink(s, other)
                call[at.STAMP] = 0
                call[at.STATE] = at.RUNNING
                call[at.RESULT] = at.REJECTED
                put_work(s.head, s.work, at.FINISH, other, call[at.SERIAL])
                return True
            other = call[at.PREVIOUS]
    return False


@internal
def hand_over(s: State, slot: int) -> None:
    """Give the server up; whoever waits for it is served in the same instant."""
    r = s.slots[slot, at.REPLICA]
    s.slots[slot, at.HOLDS] = 0
    s.replicas[r, at.R_TAKEN] -= 1
    if s.replicas[r, at.R_QUEUED] > 0:
        put_work(s.head, s.work, at.RELEASE, r, 0)
