"""The event loop: take what comes next, do everything it sets off, and only then move the clock.

An instant is a worklist: transitions are functions that change the tables and say what follows
from them, as (what, which row). The loop carries the answer on; anything more is put in the list,
which is emptied in order before time passes.
"""

from simulator.plant import layout as at
from simulator.plant.brokers import deliver, keep_queue
from simulator.plant.edges import (
    answer,
    fail_to_connect,
    give_up_line,
    send,
    send_connected,
    time_out,
)
from simulator.plant.engines import enter, run_engine
from simulator.plant.frames import arrive, drop, finish, join, step
from simulator.plant.hedging import hedge_is_due
from simulator.plant.jit import compiled, inlined
from simulator.plant.layout import State
from simulator.plant.network import send_again
from simulator.plant.provider import end_stream
from simulator.plant.queues import unlink
from simulator.plant.replication import promote
from simulator.plant.retries import after_failure
from simulator.plant.roots import admit_arrival, end, knock, leave
from simulator.plant.servers import acquire, begin, end_work, release
from simulator.plant.sessions import ask_more
from simulator.plant.snapshots import copy_due_rows
from simulator.plant.state import state_at
from simulator.plant.stores import commit, time_out_lock
from simulator.plant.tables import drop_stale, is_stale, pop_heap, then
from simulator.plant.transfers import compute_here, let_go, offer

DONE, SIGNALLED, SPACE, SLICE = range(4)
_NOTHING_DUE, _SNAPSHOT = -1, -2


@inlined
def _lacks_room(s: State) -> bool:
    head = s.head
    margin = head[at.MARGIN]
    return (
        head[at.FREE_COUNT] < margin
        or head[at.HEAP_COUNT] + margin > s.heap.shape[0]
        or head[at.WORK_COUNT] + margin > s.work.shape[0]
        or head[at.KEYS_FREE_COUNT] < margin
    )


@inlined
def _ring(s: State, slot: int) -> int:
    """Say what a frame's timer means, by what the frame is waiting for."""
    call = s.slots[slot]
    state = call[at.STATE]
    call[at.STAMP] = 0
    if state == at.SENT:
        return then(at.ARRIVE, slot)
    if state == at.RETURNING:
        return then(at.ANSWER, slot)
    if state == at.CONNECTING:
        return fail_to_connect(s, slot)
    r = call[at.REPLICA]
    if r >= 0 and s.replicas[r, at.R_REACHABLE] == 0:
        call[at.PARKED] = 1
        return then(at.NOTHING, 0)
    if call[at.DEADLINE] > 0 and s.head[at.NOW] >= call[at.DEADLINE]:
        return then(at.ABANDON, slot)
    if state == at.WORKING:
        return end_work(s, slot)
    if state == at.WAITING:
        if s.edges[call[at.CALLING], at.E_GUARDED] & at.HEDGES and hedge_is_due(s, slot):
            return then(at.SEND, slot)
        return time_out(s, slot)
    if state == at.BACKING_OFF:
        return then(at.SEND, slot)
    if state == at.CLIENT_WAITS:
        return then(at.DOOR, slot)
    if state == at.THINKING:
        return ask_more(s, slot)
    if state == at.STRAYED:
        return send_again(s, slot)
    if state == at.OVERHEAD:
        return then(at.ENTER, slot)
    if state == at.QUEUED:
        unlink(s, slot)
        call[at.RESULT] = at.REJECTED
        return then(at.FINISH, slot)
    if state == at.READING:
        call[at.RESULT] = at.OK
        return then(at.FINISH, slot)
    if state == at.HOLDING:
        return offer(s, s.llm, slot)
    if state == at.SENDING:
        return let_go(s, s.llm, slot)
    if state == at.IN_LINE:
        return give_up_line(s, slot)
    if state == at.LOCK_WAIT:
        return time_out_lock(s, slot)
    if state == at.COMMITTING:
        return commit(s, slot)
    if state == at.KEEPING:
        is_store = s.pools[call[at.POOL], at.P_CONTENT] == at.STORE
        return promote(s, slot) if is_store else keep_queue(s, slot)
    if state == at.STREAMING:
        return end_stream(s, slot)
    # It rang while its replica stood still, and then came what it was to wait for.
    return then(at.NOTHING, 0)


@inlined
def _next_event(s: State, until: int, inclusive: bool) -> int:
    """Move the clock to what comes next and say what it is; row -1 when nothing comes in time.

    At one instant timers come first, in the order they were set, then arrivals, then snapshots.
    """
    head = s.head
    while True:
        source = -2
        time, stamp = at.NEVER, 0
        if head[at.HEAP_COUNT] > 0:
            source = -1
            time, stamp = s.heap[0, 0], s.heap[0, 1]
        for lane in range(head[at.LANES_USED]):
            row = s.lane_heads[lane]
            at_once = row[at.LANE_TIME] == time
            # Without a branch: which comes first cannot be foreseen.
            if (row[at.LANE_TIME] < time) | (at_once & (row[at.LANE_STAMP] < stamp)):
                source = lane
                time, stamp = row[at.LANE_TIME], row[at.LANE_STAMP]
        entity = 0
        if source >= -1:
            entity = (
                s.heap[0, 2] if source < 0 else s.lanes[source, s.lane_heads[source, at.LANE_AT], 2]
            )
            if is_stale(s.slots, s.replicas, stamp, entity):
                if source >= 0:
                    drop_stale(s, source)
                else:
                    pop_heap(head, s.heap)
                continue
        arrives = False
        if head[at.ARRIVAL_AT] < head[at.ARRIVAL_COUNT]:
            arrival_time = s.arrivals[head[at.ARRIVAL_AT], 0]
            if arrival_time < time:
                arrives = True
                time = arrival_time
        if head[at.SCRAPE_NEXT_AT] < time:
            time = head[at.SCRAPE_NEXT_AT]
            if time > until or (time == until and not inclusive):
                return then(at.NOTHING, _NOTHING_DUE)
            head[at.NOW] = time
            return then(at.NOTHING, _SNAPSHOT)
        if time > until or (time == until and not inclusive):
            return then(at.NOTHING, _NOTHING_DUE)
        head[at.NOW] = time
        head[at.EVENTS] += 1
        if arrives:
            return then(at.DOOR, admit_arrival(s))
        _discard(s, source)
        if entity >= 0:
            return then(at.TIMER, entity)
        s.replicas[-2 - entity, at.R_STAMP] = 0
        return then(at.TICK, -2 - entity)


@inlined
def _discard(s: State, source: int) -> None:
    if source == -1:
        pop_heap(s.head, s.heap)
        return
    row = s.lane_heads[source]
    place = row[at.LANE_AT] + 1
    if place == s.lanes.shape[1]:
        place = 0
    row[at.LANE_AT] = place
    row[at.LANE_COUNT] -= 1
    following = s.lanes[source, place]
    row[at.LANE_TIME] = following[0] if row[at.LANE_COUNT] > 0 else at.NEVER
    row[at.LANE_STAMP] = following[1]


@compiled
def run(key: int, until: int, inclusive: bool, events: int) -> int:
    """Run until an instant, or until something asks to stop: DONE, SIGNALLED, SPACE or SLICE."""
    s = state_at(key)
    head = s.head
    last = head[at.EVENTS] + events
    op, row = at.NOTHING, 0
    while True:
        # Those in between take a place or two, and some six at most come one after the other.
        if (op < at.ARRIVE or op > at.ANSWER) and _lacks_room(s):
            if op != at.NOTHING:
                place = head[at.WORK_AT] - 1
                head[at.WORK_AT] = place if place >= 0 else s.work.shape[0] - 1
                s.work[head[at.WORK_AT], 0] = op
                s.work[head[at.WORK_AT], 1] = row
                s.work[head[at.WORK_AT], 2] = 0
                head[at.WORK_COUNT] += 1
            return SPACE
        if op == at.NOTHING:
            if head[at.WORK_COUNT] > 0:
                item = s.work[head[at.WORK_AT]]
                place = head[at.WORK_AT] + 1
                head[at.WORK_AT] = place if place < s.work.shape[0] else 0
                head[at.WORK_COUNT] -= 1
                if item[2] == 0 or s.slots[item[1], at.SERIAL] == item[2]:
                    op, row = item[0], item[1]
                continue
            if head[at.STOPPED]:
                head[at.STOPPED] = 0
                return SIGNALLED
            if head[at.EVENTS] >= last:
                return SLICE
            following = _next_event(s, until, inclusive)
            op, row = following & at.OP_MASK, following >> at.OP_BITS
            if row == _NOTHING_DUE:
                head[at.NOW] = max(head[at.NOW], until)
                return DONE
            if row == _SNAPSHOT:
                if head[at.SCRAPE_COUNT] + head[at.TARGETS] > s.scrapes.shape[0]:
                    return SPACE
                copy_due_rows(s, head[at.NOW])
                op = at.NOTHING
            continue
        if op == at.TIMER:
            following = _ring(s, row)
        elif op == at.STEP:
            following = step(s, row)
        elif op == at.SEND:
            following = send(s, row)
        elif op == at.ARRIVE:
            following = arrive(s, row)
        elif op == at.ACQUIRE:
            following = acquire(s, row)
        elif op == at.BEGIN:
            following = begin(s, row)
        elif op == at.FINISH:
            following = finish(s, row)
        elif op == at.ANSWER:
            following = answer(s, row)
        elif op == at.RELEASE:
            following = release(s, row)
        elif op == at.DOOR:
            following = knock(s, row)
        elif op == at.END:
            following = end(s, row)
        elif op == at.ATTEMPT_FAILED:
            if s.slots[row, at.STATE] == at.IN_ENGINE:
                following = compute_here(s, s.llm, row)
            else:
                following = after_failure(s, row)
        elif op == at.DROP:
            following = drop(s, row)
        elif op == at.JOIN:
            following = join(s, row)
        elif op == at.ENTER:
            following = enter(s, row)
        elif op == at.ABANDON:
            following = leave(s, row)
        elif op == at.DELIVER:
            following = deliver(s, row)
        elif op == at.CONNECTED:
            following = send_connected(s, row)
        else:
            run_engine(s, row, op == at.TICK)
            following = at.NOTHING
        op, row = following & at.OP_MASK, following >> at.OP_BITS
