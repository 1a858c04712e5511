"""A frame's life at its replica: arrival, the steps of its program, its end, its removal."""

from simulator.plant import chance, limits
from simulator.plant import layout as at
from simulator.plant import store_tables as st
from simulator.plant.api import SignalKind
from simulator.plant.batch_items import is_blocked
from simulator.plant.brokers import settle_message
from simulator.plant.cache import fill, give_up_flight, look_up, stop_waiting
from simulator.plant.clients import reads_on
from simulator.plant.connections import end_link, open_link, quit_line
from simulator.plant.engines import withdraw
from simulator.plant.foresight import foresee_bucket
from simulator.plant.index import found_share
from simulator.plant.jit import inlined, internal, rare
from simulator.plant.layout import State
from simulator.plant.leaving import drop_children
from simulator.plant.loops import begin_loop, end_round
from simulator.plant.network import send_back
from simulator.plant.objects import leave_transfer
from simulator.plant.processors import leave_cores
from simulator.plant.provider import break_stream
from simulator.plant.queues import hand_over, unlink
from simulator.plant.servers import count_expired, start_work
from simulator.plant.shedding import is_shed
from simulator.plant.spans import end_served
from simulator.plant.stores import let_lock_go, serve_step
from simulator.plant.tables import (
    adopt,
    count_in,
    disown,
    free_slot,
    put_work,
    renumber,
    set_timer,
    settle_busy,
    signal,
    succeeds,
    take_slot,
    then,
)
from simulator.plant.transfers import release_cache

_DRAINED = int(SignalKind.DRAINED)


@inlined
def arrive(s: State, slot: int) -> int:
    """Let a call in at its replica, unless nobody is there."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    replica = s.replicas[r]
    if replica[at.R_ALIVE] == 0:
        call[at.RESULT] = at.RESET
        return then(at.FINISH, slot)
    if replica[at.R_REACHABLE] == 0:
        call[at.STATE] = at.HUNG
        return then(at.NOTHING, 0)
    call[at.STATE] = at.RUNNING
    let = limits.ADMITTED
    if s.pools[call[at.POOL], at.P_LIMITED]:
        let = limits.let_in(s, r)
        if let == limits.REFUSED:
            call[at.RESULT] = at.NOT_CONNECTED
            return then(at.FINISH, slot)
    call[at.ARRIVED_AT] = s.head[at.NOW]
    call[at.QUALITY] = replica[at.R_QUALITY]
    replica[at.R_ARRIVED] += 1
    if call[at.DEADLINE] > 0 and s.head[at.NOW] >= call[at.DEADLINE]:
        count_expired(s, slot)
        return then(at.FINISH, slot)
    share = s.replica_floats[r, at.R_ERROR_SHARE]
    failing = let == limits.FAILED
    if share > 0.0 and chance.uniform(chance.mix(call[at.KEY], chance.ERROR)) < share:
        failing = True
    if failing:
        call[at.RESULT] = at.FAILED
        return then(at.FINISH, slot)
    pool = s.pools[call[at.POOL]]
    if pool[at.P_SHEDS] and is_shed(s, slot):
        return then(at.FINISH, slot)
    call[at.PC] = pool[at.P_PROGRAM + call[at.CLASS]]
    if pool[at.P_CONTENT] == at.CACHE:
        foresee_bucket(s, slot)
    elif pool[at.P_CONTENT] == at.STORE:
        if not open_link(s, slot):
            call[at.RESULT] = at.REJECTED
            return then(at.FINISH, slot)
        call[at.PC] += st.WRITES_FROM if call[at.WRITES] else 0
    return then(at.ACQUIRE if pool[at.P_HOLDS_WORKER] else at.STEP, slot)


@internal
def _fork(s: State, slot: int) -> None:
    frame = s.slots[slot]
    pc = frame[at.PC]
    step = s.prog[pc]
    frame[at.STATE] = at.WAITING
    frame[at.PENDING] = step[at.B]
    frame[at.JOIN_FIRST] = step[at.C]
    frame[at.CALL_PC] = pc
    place = (step[at.PLACE] << 16) + (frame[at.TRIES] << 40)
    for i in range(step[at.B]):
        child = take_slot(s.head, s.slots)
        branch = s.slots[child]
        adopt(s.slots, slot, child)
        branch[at.KIND] = at.BRANCH
        branch[at.STATE] = at.RUNNING
        for column in (at.POOL, at.REPLICA, at.CLASS, at.ROOT_KEY, at.PROMPT, at.OUTPUT, at.PREFIX):
            branch[column] = frame[column]
        branch[at.EDGE] = -1
        branch[at.KEY] = chance.mix(frame[at.KEY], place + i)
        branch[at.ENTERED] = 1
        branch[at.ARRIVED_AT] = s.head[at.NOW]
        branch[at.DEADLINE] = frame[at.DEADLINE]
        branch[at.TRIES] = 0
        branch[at.PC] = s.prog[pc + 1 + i, at.A]
        put_work(s.head, s.work, at.STEP, child, branch[at.SERIAL])


@inlined
def step(s: State, slot: int) -> int:
    """Run a frame's program until it must wait."""
    call = s.slots[slot]
    call[at.STATE] = at.RUNNING
    while True:
        pc = call[at.PC]
        here = s.prog[pc]
        op = here[at.OP]
        if op == at.DO_WORK:
            held = s.pools[call[at.POOL], at.P_HOLDS_WORKER] and call[at.KIND] >= at.BRANCH
            if call[at.HOLDS] == 0 and not held:
                return then(at.ACQUIRE, slot)
            start_work(s, slot)
            return then(at.NOTHING, 0)
        if op == at.DO_CALL:
            call[at.CALLING] = here[at.A]
            call[at.CALL_PC] = pc
            call[at.ATTEMPT] = 0
            return then(at.SEND, slot)
        if op == at.DO_RETURN:
            call[at.RESULT] = here[at.A]
            return then(at.FINISH, slot)
        if op == at.DO_LOOK_UP:
            return look_up(s, slot)
        if op == at.DO_SERVE:
            return then(at.ENTER, slot)
        if op >= at.DO_LOCK:
            return serve_step(s, slot, op)
        if op == at.DO_FORK:
            _fork(s, slot)
            return then(at.NOTHING, 0)
        if op == at.DO_JUMP:
            call[at.PC] = here[at.A]
        elif op == at.DO_CHANCE:
            place = (here[at.PLACE] << 8) + (call[at.TRIES] << 40)
            key = chance.mix(call[at.KEY], place + chance.CHANCE)
            taken = chance.uniform(key) * at.CHANCE_ONE < here[at.B]
            call[at.PC] = pc + 1 if taken else here[at.A]
        elif op == at.DO_LOOP:
            begin_loop(s, slot)
        elif op == at.DO_AGAIN:
            end_round(s, slot)
        elif op == at.DO_STREAM:
            if reads_on(s, slot):
                return then(at.NOTHING, 0)
            call[at.PC] = pc + 1
        else:
            if op == at.DO_FILL:
                fill(s, slot, here[at.A])
                if call[at.KIND] == at.RENEWAL and call[at.INTENT_AT] == here[at.A]:
                    call[at.RESULT] = at.OK
                    return then(at.FINISH, slot)
            elif op == at.DO_VERDICT:
                if is_blocked(s, slot, here[at.A]):
                    call[at.RESULT] = at.REFUSED
                    return then(at.FINISH, slot)
            else:  # DO_RECALL
                recall = s.pools[call[at.POOL], at.P_RECALL]
                if s.pools[call[at.POOL], at.P_OPTIONS]:
                    recall = int(found_share(s, call[at.POOL]) * at.ONE)
                    if recall < 0:
                        call[at.RESULT] = at.FAILED
                        return then(at.FINISH, slot)
                call[at.QUALITY] = (call[at.QUALITY] * recall) >> at.ONE_BITS
            call[at.PC] = pc + 1


@rare
def _give_up_flights(s: State, slot: int) -> None:
    if s.slots[slot, at.MISS_0] >= 0:
        give_up_flight(s, slot, 0)
    if s.slots[slot, at.MISS_1] >= 0:
        give_up_flight(s, slot, 1)


@rare
def _let_go(s: State, slot: int) -> None:
    """Let go of what a frame waits for or holds besides a server: a lock or a message."""
    if s.pools[s.slots[slot, at.POOL], at.P_CONTENT] == at.STORE:
        let_lock_go(s, slot)
    else:
        settle_message(s, slot)


@inlined
def _leave_replica(s: State, slot: int) -> None:
    """Count a call out of its replica; a draining one that is empty says so."""
    r = s.slots[slot, at.REPLICA]
    replica = s.replicas[r]
    if s.slots[slot, at.LINK] != 0:
        end_link(s, slot)
    replica[at.R_PRESENT] -= 1
    if s.pools[replica[at.R_POOL], at.P_LIMITED] and s.slots[slot, at.ARRIVED_AT] >= 0:
        limits.let_out(s, r)
    if replica[at.R_DRAINING] and replica[at.R_PRESENT] == 0:
        replica[at.R_DRAINING] = 0
        signal(s, _DRAINED, slot, 0)
        s.head[at.STOPPED] = 1


@inlined
def _count_end(s: State, slot: int) -> None:
    call = s.slots[slot]
    replica = s.replicas[call[at.REPLICA]]
    pool = s.pools[replica[at.R_POOL]]
    result = call[at.RESULT]
    if succeeds(result):
        response = s.head[at.NOW] - call[at.ARRIVED_AT]
        replica[at.R_COMPLETED] += 1
        replica[at.R_RESPONSE_NS] += response
        count_in(replica, pool[at.P_COLUMN], s.bounds[pool[at.P_BOUNDS]], response)
    elif result == at.LIMITED and (
        pool[at.P_DISCIPLINE] == at.PROVIDER or pool[at.P_CONTENT] == at.OBJECTS
    ):
        replica[at.R_RATE_LIMITED] += 1
    elif (result == at.REJECTED or result == at.TOO_LONG) and call[at.CALL_PC] < 0:
        replica[at.R_REJECTED] += 1
    else:
        replica[at.R_FAILED] += 1


@inlined
def finish(s: State, slot: int) -> int:
    """End a frame with its result: count it, free its server, send the answer back."""
    call = s.slots[slot]
    if call[at.HOLDS]:
        hand_over(s, slot)
    if call[at.ENTRY] >= 0:
        _let_go(s, slot)
    kind = call[at.KIND]
    result = call[at.RESULT]
    # A handler may return from inside a fetch: what it met before counts as well.
    before = (call[at.BEFORE_MISS_0] * call[at.BEFORE_MISS_1]) >> at.ONE_BITS
    call[at.QUALITY] = (call[at.QUALITY] * before) >> at.ONE_BITS
    call[at.BEFORE_MISS_0] = at.ONE
    call[at.BEFORE_MISS_1] = at.ONE
    if kind == at.ROOT:
        return then(at.END, slot)
    asks = result == at.MISSED or result == at.RENEW
    if not asks and (call[at.MISS_0] >= 0 or call[at.MISS_1] >= 0):
        _give_up_flights(s, slot)
    if kind >= at.BRANCH:
        return then(at.JOIN, slot)
    if call[at.ARRIVED_AT] >= 0:
        _count_end(s, slot)
    if call[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
        end_served(s, slot, result)
    _leave_replica(s, slot)
    if call[at.PARENT] < 0:
        if call[at.MISS_0] >= 0:
            give_up_flight(s, slot, 0)
        free_slot(s.head, s.slots, slot)
        return then(at.NOTHING, 0)
    edge = s.edges[call[at.EDGE]]
    if edge[at.E_GUARDED] & at.FAR:
        return send_back(s, slot)
    if edge[at.E_DELAY_NS] == 0:
        return then(at.ANSWER, slot)
    call[at.STATE] = at.RETURNING
    set_timer(s, slot, s.head[at.NOW] + edge[at.E_DELAY_NS], edge[at.E_DELAY_LANE])
    return then(at.NOTHING, 0)


@inlined
def join(s: State, slot: int) -> int:
    """Bring a branch's end to the frame that forked it."""
    call = s.slots[slot]
    parent = call[at.PARENT]
    result = call[at.RESULT]
    quality, first_at = call[at.QUALITY], call[at.FIRST_AT]
    if parent >= 0:
        disown(s.slots, slot)
    free_slot(s.head, s.slots, slot)
    if parent < 0:
        return then(at.NOTHING, 0)
    frame = s.slots[parent]
    frame[at.PENDING] -= 1
    if result == at.OK:
        frame[at.QUALITY] = (frame[at.QUALITY] * quality) >> at.ONE_BITS
        frame[at.FIRST_AT] = max(frame[at.FIRST_AT], first_at)
    going_on = result == at.OK and (frame[at.PENDING] == 0 or frame[at.JOIN_FIRST] != 0)
    failing = result != at.OK and (frame[at.PENDING] == 0 or frame[at.JOIN_FIRST] == 0)
    if not going_on and not failing:
        return then(at.NOTHING, 0)
    drop_children(s, parent)
    frame[at.PC] = s.prog[frame[at.CALL_PC], at.A]
    frame[at.RESULT] = result
    return then(at.STEP if going_on else at.FINISH, parent)


@rare
def drop(s: State, slot: int) -> int:
    """Remove a frame wherever it stands: its caller has let go of it, or its replica died."""
    call = s.slots[slot]
    state = call[at.STATE]
    replica = s.replicas[call[at.REPLICA]]
    call[at.STAMP] = 0
    if state == at.QUEUED:
        unlink(s, slot)
    elif state == at.WORKING:
        settle_busy(replica, s.head[at.NOW])
        replica[at.R_WORKING] -= 1
    elif state == at.IN_FLIGHT_WAIT:
        stop_waiting(s, slot)
    elif state == at.SHARING:
        leave_cores(s, slot)
    elif state == at.IN_LINE or state == at.GRANTED:
        quit_line(s, slot)
    elif state == at.IN_TRANSFER:
        leave_transfer(s, slot)
    elif state == at.IN_ENGINE or state == at.IN_BATCH:
        withdraw(s, slot)
    elif state == at.STREAMING:
        break_stream(s, slot, s.head[at.NOW])
    elif state == at.FROZEN and call[at.PENDING] == at.STREAMING:
        break_stream(s, slot, 0)  # its times count from when it froze
    elif state == at.HOLDING or state == at.SENDING:
        release_cache(s, s.llm, slot)
    if call[at.HOLDS]:
        hand_over(s, slot)
    if call[at.ENTRY] >= 0:
        call[at.RESULT] = at.RESET
        _let_go(s, slot)
    drop_children(s, slot)
    gone = state == at.RETURNING or state == at.STRAYED
    call[at.STATE] = state if gone else at.RUNNING
    if call[at.KIND] == at.CALL and call[at.PARENT] >= 0:
        # Who was dropped before it may just have passed a connection or a lock on to it.
        renumber(s.head, s.slots, slot)
        call[at.RESULT] = at.RESET
        return then(at.FINISH, slot)
    call[at.RESULT] = at.LEFT
    _give_up_flights(s, slot)
    if call[at.KIND] == at.CALL and call[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
        end_served(s, slot, at.LEFT)
    if call[at.KIND] == at.CALL and not gone:
        if call[at.ARRIVED_AT] >= 0:
            replica[at.R_CANCELLED] += 1
        _leave_replica(s, slot)
    free_slot(s.head, s.slots, slot)
    return then(at.NOTHING, 0)
