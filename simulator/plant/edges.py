"""Calls between components: sending, answers, timeouts, retries and cancellation."""

from simulator.plant import chance
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.adaptive import has_room, note_latency
from simulator.plant.api import SignalKind
from simulator.plant.balance import choose
from simulator.plant.cache import give_up_flight
from simulator.plant.connections import (
    callee_of_way,
    edge_of_way,
    go_on,
    leave_line,
    link_up,
    stand_in_line,
    takes_connection,
)
from simulator.plant.foresight import foresee_key
from simulator.plant.guards import choose_fit, is_permitted, note_no_result, note_result
from simulator.plant.hedging import attempt_key, hedge_key, is_one_of_many, wait_or_hedge
from simulator.plant.jit import inlined, internal, rare
from simulator.plant.layout import State
from simulator.plant.leaving import drop_children, leave_edge
from simulator.plant.loads import follow_load
from simulator.plant.loops import ask_own
from simulator.plant.network import depart
from simulator.plant.provider import note_answer
from simulator.plant.renewals import renew
from simulator.plant.retries import stop_retrying
from simulator.plant.spans import end_called, end_served, note_unsent, open_call
from simulator.plant.tables import (
    adopt,
    count_in,
    disown,
    free_slot,
    put_work,
    set_timer,
    signal,
    signal_replica,
    succeeds,
    take_slot,
    then,
)
from simulator.plant.tokens import take_token

_NO_REPLICA = int(SignalKind.NO_REPLICA)
_DRAINED = int(SignalKind.DRAINED)
_RATE_LIMITED = int(SignalKind.RATE_LIMITED)
_REJECTED = int(SignalKind.REJECTED)
_TIMED_OUT = int(SignalKind.TIMED_OUT)
_CONNECT_FAILED = int(SignalKind.CONNECT_FAILED)
_RESET = int(SignalKind.RESET)
_SECOND = 1_000_000_000


@inlined
def _wait_for_answer(s: State, parent: int, edge: int) -> None:
    """Set the frame's timer: the attempt's timeout or, for a root, its patience if sooner."""
    frame = s.slots[parent]
    frame[at.STATE] = at.WAITING
    row = s.edges[edge]
    timeout = row[at.E_TIMEOUT_NS]
    deadline = frame[at.DEADLINE]
    now = s.head[at.NOW]
    if timeout > 0 and (deadline == 0 or now + timeout < deadline):
        set_timer(s, parent, now + timeout, row[at.E_TIMEOUT_LANE])
    elif deadline > 0:
        set_timer(s, parent, max(deadline, now), s.classes[frame[at.CLASS], at.C_PATIENCE_LANE])


@rare
def _deadline(s: State, parent: int, edge: int) -> int:
    """Say until when an attempt is of use: to its timeout or its caller's own deadline; 0: ever."""
    frame, timeout = s.slots[parent], s.edges[edge, at.E_TIMEOUT_NS]
    deadline = int(frame[at.DEADLINE])
    if frame[at.KIND] == at.ROOT and s.classes[frame[at.CLASS], at.C_MANNERS] & of.WATCHES:
        deadline = int(s.users[parent, of.U_LEAVES_AT])  # for the first token nobody promised one
    if timeout <= 0:
        return deadline
    hedges = s.edges[frame[at.CALLING], at.E_GUARDED] & at.HEDGES
    ends_at = int((frame[at.END_AT] if hedges else s.head[at.NOW]) + timeout)
    return ends_at if deadline == 0 else min(ends_at, deadline)


@rare
def _lets_through(s: State, edge: int) -> bool:
    """Ask the adaptive limit of an edge and its breaker for one call."""
    row = s.edges[edge]
    if row[at.E_GUARDED] & at.ADAPTS and not has_room(s, edge):
        row[at.E_BLOCKED] += 1
        return False
    if row[at.E_GUARDED] & at.HAS_BREAKER and not is_permitted(s, edge):
        row[at.E_NOT_PERMITTED] += 1
        return False
    return True


@inlined
def send(s: State, parent: int) -> int:
    """Start one attempt of a frame's call: admit, balance, put it on the wire."""
    head, slots = s.head, s.slots
    now = head[at.NOW]
    frame = slots[parent]
    edge = frame[at.CALLING]
    key = attempt_key(s, parent)
    guarded = s.edges[edge, at.E_GUARDED]
    if guarded & at.HEDGES:
        key = hedge_key(s, parent, key)
    if s.edges[edge, at.E_DIVERT_TO] >= 0:
        u = chance.uniform(chance.mix(key, chance.DIVERT))
        if u < s.edge_floats[edge, at.E_DIVERT_SHARE]:
            edge = s.edges[edge, at.E_DIVERT_TO]
    row, floats = s.edges[edge], s.edge_floats[edge]
    limit = row[at.E_CONCURRENCY_MAX]
    over = limit > 0 and row[at.E_ACTIVE] >= limit
    if not over and floats[at.E_RATE_PER_NS] > 0.0:
        burst = max(floats[at.E_RATE_PER_NS] * _SECOND, 1.0)
        over = not take_token(floats, at.E_RATE_PER_NS, at.E_LEFT, at.E_FILLED_AT, burst, now)
    if over:
        row[at.E_OVERFLOWED] += 1
        return _not_sent(s, parent, edge, key, at.OVERFLOWED)
    pool = row[at.E_POOL]
    if row[at.E_GUARDED] & (at.HAS_BREAKER | at.ADAPTS) and not _lets_through(s, edge):
        return _not_sent(s, parent, edge, key, at.OVERFLOWED)
    if row[at.E_GUARDED] & (at.EJECTS | at.HEDGES):
        r = choose_fit(s, pool, edge, key, parent)
    else:
        r = choose(s, pool, edge, key, parent)
    if r < 0:
        row[at.E_NO_REPLICA] += 1
        if row[at.E_GUARDED]:
            note_result(s, edge, -1, True)
        if now - s.pools[pool, at.P_NOBODY_AT] >= _SECOND:
            s.pools[pool, at.P_NOBODY_AT] = now
            noted = signal(s, _NO_REPLICA, parent, 0)
            if noted >= 0:
                s.signals[noted, 2] = pool
                s.signals[noted, 3] = -1
                s.signals[noted, 4] = edge
            head[at.STOPPED] = 1
        return _not_sent(s, parent, edge, key, at.NOBODY)
    if row[at.E_GUARDED] & at.POOLED and not takes_connection(s, parent, edge, r):
        return _wait_for_connection(s, parent, edge, key, r)
    return _put_on_wire(s, parent, edge, r, key)


@inlined
def _put_on_wire(s: State, parent: int, edge: int, r: int, key: int) -> int:
    """Make a call of an attempt that has found its replica, and let it go."""
    head, slots = s.head, s.slots
    now = head[at.NOW]
    frame, row = slots[parent], s.edges[edge]
    pool = row[at.E_POOL]
    guarded = s.edges[frame[at.CALLING], at.E_GUARDED]
    row[at.E_CALLS] += 1
    row[at.E_ACTIVE] += 1
    child = take_slot(head, slots)
    call = slots[child]
    adopt(slots, parent, child)
    call[at.KIND] = at.CALL
    call[at.POOL] = pool
    call[at.REPLICA] = r
    call[at.EDGE] = edge
    call[at.CLASS] = frame[at.CLASS]
    call[at.ROOT_KEY] = frame[at.ROOT_KEY]
    call[at.KEY] = key
    call[at.PROMPT] = frame[at.PROMPT]
    call[at.OUTPUT] = frame[at.OUTPUT]
    call[at.PREFIX] = frame[at.PREFIX]
    if s.prog[frame[at.CALL_PC], at.OWN_PROMPT] >= -1:
        ask_own(s, parent, child)
    call[at.SENT_AT] = now
    call[at.ARRIVED_AT] = -1
    if call[at.ROOT_KEY] < head[at.TRACED_BELOW]:
        open_call(s, parent, child)
    if s.pools[pool, at.P_CONTENT] == at.CACHE:
        foresee_key(s, child)
    replica = s.replicas[r]
    replica[at.R_IN_FLIGHT] += 1
    replica[at.R_PRESENT] += 1
    if row[at.E_FOLLOWED]:
        follow_load(s, r, 1)
    if row[at.E_GUARDED] & (at.POOLED | at.TO_STORE):
        link_up(s, parent, child)
    if guarded & at.HEDGES:
        row[at.E_HEDGED] += 1 if frame[at.PENDING] > 0 else 0
        wait_or_hedge(s, parent)
    else:
        _wait_for_answer(s, parent, edge)
    if row[at.E_GUARDED] & at.PROPAGATES:
        call[at.DEADLINE] = _deadline(s, parent, edge)
    if replica[at.R_REACHABLE] == 0:
        call[at.STATE] = at.CONNECTING
        set_timer(s, child, now + row[at.E_CONNECT_NS], row[at.E_CONNECT_LANE])
        return then(at.NOTHING, 0)
    if row[at.E_GUARDED] & at.FAR:
        return depart(s, child)
    if row[at.E_DELAY_NS] > 0:
        call[at.STATE] = at.SENT
        set_timer(s, child, now + row[at.E_DELAY_NS], row[at.E_DELAY_LANE])
        return then(at.NOTHING, 0)
    return then(at.ARRIVE, child)


@rare
def _not_sent(s: State, parent: int, edge: int, key: int, result: int) -> int:
    """Fail an attempt that found no way, unless others are under way."""
    frame = s.slots[parent]
    frame[at.RESULT] = result
    if frame[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
        note_unsent(s, parent, edge, key)
    if frame[at.FIRST_CHILD] >= 0:
        wait_or_hedge(s, parent)
        return then(at.NOTHING, 0)
    return then(at.ATTEMPT_FAILED, parent)


@rare
def _wait_for_connection(s: State, parent: int, edge: int, key: int, r: int) -> int:
    """Stand in line; an attempt beside another is not made where no connection is free."""
    if s.slots[parent, at.FIRST_CHILD] < 0:
        stand_in_line(s, parent, edge, r)
        return then(at.NOTHING, 0)
    if s.edges[edge, at.E_GUARDED] & at.HAS_BREAKER:
        note_no_result(s, edge)
    s.edges[edge, at.E_OVERFLOWED] += 1
    return _not_sent(s, parent, edge, key, at.OVERFLOWED)


@rare
def send_connected(s: State, parent: int) -> int:
    """Send an attempt over the connection its frame was given."""
    way = go_on(s, parent)
    return _put_on_wire(s, parent, edge_of_way(way), callee_of_way(way), attempt_key(s, parent))


@rare
def give_up_line(s: State, parent: int) -> int:
    """Fail an attempt that has waited too long for a connection."""
    key = attempt_key(s, parent)
    edge = leave_line(s, parent)
    s.edges[edge, at.E_POOL_TIMEOUTS] += 1
    if s.edges[edge, at.E_GUARDED]:
        note_result(s, edge, -1, True)
    return _not_sent(s, parent, edge, key, at.OVERFLOWED)


@rare
def _lose_hedge(s: State, child: int) -> int:
    """End one attempt of several that was answered badly; the others may do better."""
    call = s.slots[child]
    edge = s.edges[call[at.EDGE]]
    if call[at.RESULT] == at.LIMITED:
        edge[at.E_RATE_LIMITED] += 1
    else:
        edge[at.E_FAILED] += 1
    disown(s.slots, child)
    free_slot(s.head, s.slots, child)
    return then(at.NOTHING, 0)


@internal
def _is_5xx(result: int) -> bool:
    """Say whether a result is the callee's failure, not its answer that the call was wrong."""
    return result != at.LIMITED and result != at.REFUSED and result != at.TOO_LONG


@inlined
def answer(s: State, child: int) -> int:
    """Bring an attempt's result to the frame that waits for it."""
    slots, call = s.slots, s.slots[child]
    parent = call[at.PARENT]
    if parent < 0:
        if call[at.MISS_0] >= 0:
            give_up_flight(s, child, 0)
        free_slot(s.head, slots, child)
        return then(at.NOTHING, 0)
    frame = slots[parent]
    caller = frame[at.REPLICA]
    if caller >= 0 and s.replicas[caller, at.R_REACHABLE] == 0:
        call[at.PARKED] = 1
        call[at.STATE] = at.RETURNING
        return then(at.NOTHING, 0)
    edge = s.edges[call[at.EDGE]]
    result = call[at.RESULT]
    leave_edge(s, child, True)
    if call[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
        end_called(s, child, result)
    latency = s.head[at.NOW] - call[at.SENT_AT]
    edge[at.E_LATENCY_NS] += latency
    count_in(edge, at.E_HISTOGRAM, s.bounds[edge[at.E_BOUNDS]], latency)
    succeeded = succeeds(result)
    if edge[at.E_GUARDED]:
        note_result(s, call[at.EDGE], call[at.REPLICA], not succeeded and _is_5xx(result))
        if edge[at.E_GUARDED] & at.BUYS:
            note_answer(s, child, result)
        note_latency(s, call[at.EDGE], call[at.SENT_AT])
        if not succeeded and is_one_of_many(s.slots, parent):
            return _lose_hedge(s, child)
        frame[at.RETRY_AT] = call[at.RETRY_AT]
    frame[at.STAMP] = 0
    frame[at.RESULT] = result
    if succeeded:
        edge[at.E_OK] += 1
        frame[at.QUALITY] = (frame[at.QUALITY] * call[at.QUALITY]) >> at.ONE_BITS
        if call[at.FIRST_AT] >= 0:
            frame[at.FIRST_AT] = call[at.FIRST_AT] + edge[at.E_DELAY_NS]
        stop_retrying(s, parent)
        step = s.prog[frame[at.CALL_PC]]
        frame[at.PC] = frame[at.CALL_PC] + 1
        if result == at.MISSED and step[at.B] >= 0:
            # What is fetched is judged by itself: it will be stored, and serve others.
            frame[at.BEFORE_MISS_0 + step[at.DEPTH]] = frame[at.QUALITY]
            frame[at.QUALITY] = at.ONE
            frame[at.MISS_0 + step[at.DEPTH]] = call[at.MISS_0]
            frame[at.MISSED_AT_0 + step[at.DEPTH]] = s.head[at.NOW]
            frame[at.PC] = step[at.B]
        elif result == at.RENEW and step[at.B] >= 0:
            renew(s, parent, call[at.MISS_0])
        elif call[at.MISS_0] >= 0:
            give_up_flight(s, child, 0)
    elif result == at.LIMITED:
        edge[at.E_RATE_LIMITED] += 1
        signal(s, _RATE_LIMITED, child, 0)
    elif result == at.NOT_CONNECTED:
        edge[at.E_CONNECT_FAILED] += 1
        signal(s, _CONNECT_FAILED, child, 0)
    else:
        edge[at.E_FAILED] += 1
        if result == at.RESET:
            signal(s, _RESET, child, latency)
        elif result == at.REJECTED or result == at.TOO_LONG:
            signal(s, _REJECTED, child, 0)
    disown(slots, child)
    free_slot(s.head, slots, child)
    if succeeded and frame[at.FIRST_CHILD] >= 0:
        drop_children(s, parent)
    if result == at.NEGATIVE:
        frame[at.RESULT] = at.FAILED
        return then(at.FINISH, parent)
    return then(at.STEP if succeeded else at.ATTEMPT_FAILED, parent)


@rare
def time_out(s: State, parent: int) -> int:
    """Stop waiting for an attempt: cancel it downstream, or leave it running unseen."""
    child = s.slots[parent, at.FIRST_CHILD]
    while child >= 0:
        following = s.slots[child, at.NEXT_SIBLING]
        edge = s.edges[s.slots[child, at.EDGE]]
        edge[at.E_TIMED_OUT] += 1
        signal(s, _TIMED_OUT, child, s.head[at.NOW] - s.slots[child, at.SENT_AT])
        if edge[at.E_GUARDED]:
            note_result(s, s.slots[child, at.EDGE], s.slots[child, at.REPLICA], True)
            note_latency(s, s.slots[child, at.EDGE], s.slots[child, at.SENT_AT])
        leave_edge(s, child, False)
        if s.slots[child, at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
            end_called(s, child, at.TIMED_OUT)
        disown(s.slots, child)
        if edge[at.E_CANCELS] or s.slots[child, at.STATE] == at.CONNECTING:
            put_work(s.head, s.work, at.DROP, child, s.slots[child, at.SERIAL])
        child = following
    s.slots[parent, at.RESULT] = at.TIMED_OUT
    return then(at.ATTEMPT_FAILED, parent)


@rare
def fail_to_connect(s: State, child: int) -> int:
    """Give up reaching a replica that does not answer, or whose connection is reset on the way."""
    call = s.slots[child]
    result = at.RESET if call[at.RESULT] == at.RESET else at.NOT_CONNECTED
    replica = s.replicas[call[at.REPLICA]]
    replica[at.R_PRESENT] -= 1
    if replica[at.R_DRAINING] and replica[at.R_PRESENT] == 0:
        replica[at.R_DRAINING] = 0
        signal_replica(s, _DRAINED, call[at.REPLICA], 0)
        s.head[at.STOPPED] = 1
    parent = call[at.PARENT]
    if result == at.RESET:
        s.edges[call[at.EDGE], at.E_FAILED] += 1
        signal(s, _RESET, child, s.head[at.NOW] - call[at.SENT_AT])
    else:
        s.edges[call[at.EDGE], at.E_CONNECT_FAILED] += 1
        signal(s, _CONNECT_FAILED, child, 0)
    leave_edge(s, child, False)
    if call[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
        end_called(s, child, result)
        end_served(s, child, result)
    if s.edges[call[at.EDGE], at.E_GUARDED]:
        note_result(s, call[at.EDGE], call[at.REPLICA], True)
        note_latency(s, call[at.EDGE], call[at.SENT_AT])
    many = is_one_of_many(s.slots, parent)
    disown(s.slots, child)
    free_slot(s.head, s.slots, child)
    if many:
        return then(at.NOTHING, 0)
    s.slots[parent, at.STAMP] = 0
    s.slots[parent, at.RESULT] = result
    return then(at.ATTEMPT_FAILED, parent)
