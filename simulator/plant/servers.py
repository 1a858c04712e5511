"""Servers and their queue: how a call gets a worker, works, and hands the worker on."""

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant.foresight import foresee_entry
from simulator.plant.index import NOT_A_SEARCH, search_ns
from simulator.plant.jit import compiled, inlined, rare
from simulator.plant.layout import State
from simulator.plant.processors import share_cores
from simulator.plant.queues import displace, enqueue, hand_over, next_of, unlink
from simulator.plant.spans import add_wait
from simulator.plant.tables import put_work, set_timer, settle_busy, then

_NEVER = 1 << 62


@compiled
def stops_at(s: State, slot: int, ends_at: int) -> int:
    """Say when work ends that stops at its deadline, if its call's edge says so."""
    call = s.slots[slot]
    while call[at.KIND] == at.BRANCH:
        call = s.slots[call[at.PARENT]]
    if call[at.EDGE] >= 0 and s.edges[call[at.EDGE], at.E_GUARDED] & at.STOPS:
        return min(ends_at, max(call[at.DEADLINE], s.head[at.NOW]))
    return ends_at


@rare
def count_expired(s: State, slot: int) -> None:
    """Note that a call's deadline has passed."""
    call = s.slots[slot]
    call[at.RESULT] = at.TIMED_OUT
    if call[at.EDGE] >= 0:
        s.edges[call[at.EDGE], at.E_EXPIRED] += 1


@rare
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
    if (
        queued >= pool[at.P_QUEUE_MAX]
        and call[at.ENTERED] == 0
        and (pool[at.P_SHEDS_LOWEST] == 0 or not displace(s, slot))
    ):
        call[at.RESULT] = at.REJECTED
        return then(at.FINISH, slot)
    enqueue(s, slot)
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
    slot = next_of(s, r)
    unlink(s, slot)
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


@rare
def _slowed(lasts: int, slowdown: float) -> int:
    return int(lasts * slowdown + 0.5)


@inlined
def start_work(s: State, slot: int) -> None:
    """Draw how long the work lasts and set its end; a search's time is that of its index."""
    head = s.head
    now = head[at.NOW]
    call = s.slots[slot]
    r = call[at.REPLICA]
    replica = s.replicas[r]
    step = s.prog[call[at.PC]]
    place = (step[at.PLACE] << 8) + (call[at.TRIES] << 40)
    key = chance.mix(call[at.KEY], place + chance.SERVICE)
    lasts = chance.draw(s.laws, step[at.A], key)
    if step[at.B] >= 0:
        lasts += step[at.B] * call[at.PROMPT] + step[at.C] * call[at.OUTPUT]
    pool = replica[at.R_POOL]
    if s.pools[pool, at.P_DISCIPLINE] == at.PROCESSORS:
        if call[at.DEADLINE] > 0:
            stops = stops_at(s, slot, _NEVER)
            if stops < _NEVER:
                set_timer(s, slot, stops, -1)
        share_cores(s, slot, lasts)
        return
    if s.pools[pool, at.P_CONTENT] == at.CACHE:
        foresee_entry(s, slot)
    elif s.pools[pool, at.P_CONTENT] == at.INDEX:
        median = s.pool_floats[pool, at.P_INDEX_NS]
        if s.pools[pool, at.P_OPTIONS]:
            median = search_ns(s, slot, step[at.B]) if step[at.B] != NOT_A_SEARCH else 0.0
        noise = chance.uniform(chance.mix(key, chance.NOISE))
        sigma = s.pool_floats[pool, at.P_INDEX_SIGMA]
        factor = arithmetic.exp(sigma * arithmetic.normal_quantile(noise))
        lasts += int(median * factor + 0.5)
    slowdown = s.replica_floats[r, at.R_SLOWDOWN]
    lane = step[at.LANE]
    if slowdown != 1.0:
        lasts = _slowed(lasts, slowdown)
        lane = -1
    settle_busy(replica, now)
    replica[at.R_WORKING] += 1
    call[at.STATE] = at.WORKING
    call[at.END_AT] = now + lasts
    ends_at = now + lasts
    if call[at.DEADLINE] > 0:
        ends_at = stops_at(s, slot, ends_at)
    set_timer(s, slot, ends_at, lane)


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
