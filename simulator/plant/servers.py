"""Servers and their queue: how a call gets a worker, works, and hands the worker on."""

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant.jit import compiled, inlined, internal
from simulator.plant.layout import Ints, State
from simulator.plant.spans import add_wait
from simulator.plant.tables import put_heap, put_work, set_timer, settle_busy, then


@internal
def unlink(replica: Ints, slots: Ints, slot: int) -> None:
    """Take a call out of its replica's queue, from wherever it stands."""
    before, after = slots[slot, at.PREVIOUS], slots[slot, at.NEXT]
    if before >= 0:
        slots[before, at.NEXT] = after
    else:
        replica[at.R_QUEUE_HEAD] = after
    if after >= 0:
        slots[after, at.PREVIOUS] = before
    else:
        replica[at.R_QUEUE_TAIL] = before
    replica[at.R_QUEUED] -= 1


@internal
def _wait_until(s: State, slot: int, timeout: int) -> None:
    """Wait in the queue up to its timeout (0: none), but no longer than the deadline."""
    until = s.slots[slot, at.DEADLINE]
    if timeout > 0:
        until = min(until, s.head[at.NOW] + timeout)
    set_timer(s, slot, max(until, s.head[at.NOW]), -1)


@compiled
def stops_at(s: State, slot: int, ends_at: int) -> int:
    """Say when work ends that stops at its deadline, if its call's edge says so."""
    call = s.slots[slot]
    while call[at.KIND] == at.BRANCH:
        call = s.slots[call[at.PARENT]]
    if call[at.EDGE] >= 0 and s.edges[call[at.EDGE], at.E_GUARDED] & at.STOPS:
        return min(ends_at, max(call[at.DEADLINE], s.head[at.NOW]))
    return ends_at


@internal
def count_expired(s: State, slot: int) -> None:
    """Note that a call's deadline has passed."""
    call = s.slots[slot]
    call[at.RESULT] = at.TIMED_OUT
    if call[at.EDGE] >= 0:
        s.edges[call[at.EDGE], at.E_EXPIRED] += 1


@internal
def _refuse_late(s: State, slot: int) -> int:
    """Pass a server on that somebody would have got whose deadline has passed."""
    r = s.slots[slot, at.REPLICA]
    count_expired(s, slot)
    if s.replicas[r, at.R_QUEUED] > 0:
        put_work(s.head, s.work, at.RELEASE, r, 0)
    return then(at.FINISH, slot)


@inlined
def acquire(s: State, slot: int) -> int:
    """Take a free server, or a place in the queue, or be rejected."""
    now = s.head[at.NOW]
    call = s.slots[slot]
    replica = s.replicas[call[at.REPLICA]]
    pool = s.pools[replica[at.R_POOL]]
    call[at.QUEUED_AT] = now
    queued = replica[at.R_QUEUED]
    if queued == 0 and replica[at.R_TAKEN] < replica[at.R_WORKERS]:
        return then(at.BEGIN, slot)
    if queued >= pool[at.P_QUEUE_MAX] and call[at.ENTERED] == 0:
        call[at.RESULT] = at.REJECTED
        return then(at.FINISH, slot)
    tail = replica[at.R_QUEUE_TAIL]
    call[at.PREVIOUS] = tail
    call[at.NEXT] = -1
    if tail >= 0:
        s.slots[tail, at.NEXT] = slot
    else:
        replica[at.R_QUEUE_HEAD] = slot
    replica[at.R_QUEUE_TAIL] = slot
    replica[at.R_QUEUED] = queued + 1
    call[at.STATE] = at.QUEUED
    if call[at.DEADLINE] > 0:
        _wait_until(s, slot, pool[at.P_QUEUE_TIMEOUT_NS])
    elif pool[at.P_QUEUE_TIMEOUT_NS] > 0:
        set_timer(s, slot, now + pool[at.P_QUEUE_TIMEOUT_NS], pool[at.P_QUEUE_LANE])
    return then(at.NOTHING, 0)


@inlined
def release(s: State, r: int) -> int:
    """Let the next call of a replica's queue begin where a server is free."""
    replica = s.replicas[r]
    if (
        replica[at.R_QUEUED] == 0
        or replica[at.R_TAKEN] >= replica[at.R_WORKERS]
        or replica[at.R_REACHABLE] == 0
    ):
        return then(at.NOTHING, 0)
    lifo = s.pools[replica[at.R_POOL], at.P_LIFO]
    slot = replica[at.R_QUEUE_TAIL] if lifo else replica[at.R_QUEUE_HEAD]
    unlink(replica, s.slots, slot)
    s.slots[slot, at.STAMP] = 0
    if replica[at.R_QUEUED] > 0 and replica[at.R_TAKEN] + 1 < replica[at.R_WORKERS]:
        put_work(s.head, s.work, at.RELEASE, r, 0)
    return then(at.BEGIN, slot)


@inlined
def begin(s: State, slot: int) -> int:
    """Take the server and go on with the program."""
    call = s.slots[slot]
    replica = s.replicas[call[at.REPLICA]]
    if call[at.DEADLINE] > 0 and s.head[at.NOW] >= call[at.DEADLINE]:
        return _refuse_late(s, slot)
    replica[at.R_TAKEN] += 1
    call[at.HOLDS] = 1
    replica[at.R_WAIT_NS] += s.head[at.NOW] - call[at.QUEUED_AT]
    if call[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
        add_wait(s, slot)
    if call[at.ENTERED] == 0:
        call[at.ENTERED] = 1
        replica[at.R_STARTED] += 1
    return then(at.STEP, slot)


@internal
def hand_over(s: State, slot: int) -> None:
    """Give the server up; whoever waits for it is served in the same instant."""
    r = s.slots[slot, at.REPLICA]
    s.slots[slot, at.HOLDS] = 0
    s.replicas[r, at.R_TAKEN] -= 1
    if s.replicas[r, at.R_QUEUED] > 0:
        put_work(s.head, s.work, at.RELEASE, r, 0)


@inlined
def start_work(s: State, slot: int) -> None:
    """Draw how long the work lasts and set its end; a search's time is that of its index."""
    head = s.head
    now = head[at.NOW]
    call = s.slots[slot]
    r = call[at.REPLICA]
    replica = s.replicas[r]
    step = s.prog[call[at.PC]]
    key = chance.mix(call[at.KEY], (step[at.PLACE] << 8) + chance.SERVICE)
    lasts = chance.draw(s.laws, step[at.A], key)
    pool = replica[at.R_POOL]
    if s.pools[pool, at.P_CONTENT] == at.INDEX:
        noise = chance.uniform(chance.mix(key, chance.NOISE))
        sigma = s.pool_floats[pool, at.P_INDEX_SIGMA]
        factor = arithmetic.exp(sigma * arithmetic.normal_quantile(noise))
        lasts += int(s.pool_floats[pool, at.P_INDEX_NS] * factor + 0.5)
    slowdown = s.replica_floats[r, at.R_SLOWDOWN]
    if slowdown != 1.0:
        lasts = int(lasts * slowdown + 0.5)
    settle_busy(replica, now)
    replica[at.R_WORKING] += 1
    call[at.STATE] = at.WORKING
    call[at.END_AT] = now + lasts
    ends_at = now + lasts
    if call[at.DEADLINE] > 0:
        ends_at = stops_at(s, slot, ends_at)
    head[at.STAMPS] += 1
    call[at.STAMP] = head[at.STAMPS]
    put_heap(head, s.heap, ends_at, head[at.STAMPS], slot)


@inlined
def end_work(s: State, slot: int) -> int:
    """Go on after a piece of work; the server is kept only by those who hold it to the end."""
    call = s.slots[slot]
    replica = s.replicas[call[at.REPLICA]]
    settle_busy(replica, s.head[at.NOW])
    replica[at.R_WORKING] -= 1
    call[at.PC] += 1
    if call[at.HOLDS] and s.pools[replica[at.R_POOL], at.P_HOLDS_WORKER] == 0:
        hand_over(s, slot)
    return then(at.STEP, slot)
