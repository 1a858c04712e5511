"""Slots, worklist, timers and counters: the small operations every transition is made of."""

import numpy as np

from simulator.plant import layout as at
from simulator.plant.api import SignalKind
from simulator.plant.jit import compiled, inlined, internal, rare
from simulator.plant.layout import Ints, State

_SECOND = 1_000_000_000
_NO_REPLICA, _DRAINED = int(SignalKind.NO_REPLICA), int(SignalKind.DRAINED)
_DIED = int(SignalKind.DIED)


@inlined
def then(op: int, row: int) -> int:
    """Say what follows: one word, because two would come back through memory."""
    return (row << at.OP_BITS) + op


@inlined
def take_slot(head: Ints, slots: Ints) -> int:
    """Take a free row, numbered by a serial that is never used again; its columns hold nothing."""
    slot = head[at.FREE]
    row = slots[slot]
    head[at.FREE] = row[at.NEXT]
    head[at.FREE_COUNT] -= 1
    head[at.SERIALS] += 1
    row[at.SERIAL] = head[at.SERIALS]
    row[at.FIRST_CHILD] = -1
    row[at.NEXT_SIBLING] = -1
    row[at.PREVIOUS_SIBLING] = -1
    row[at.MISS_0] = -1
    row[at.MISS_1] = -1
    row[at.ENTRY] = -1
    row[at.CALL_PC] = -1
    row[at.FIRST_AT] = -1
    row[at.STAMP] = 0
    row[at.PC] = 0
    row[at.RESULT] = 0
    row[at.HOLDS] = 0
    row[at.PENDING] = 0
    row[at.RETRYING] = 0
    row[at.DEADLINE] = 0
    row[at.TRIES] = 0
    row[at.ATTEMPT] = 0
    row[at.PARKED] = 0
    row[at.ENTERED] = 0
    row[at.RETRY_AT] = 0
    row[at.LINK] = 0
    row[at.QUALITY] = at.ONE
    row[at.BEFORE_MISS_0] = at.ONE
    row[at.BEFORE_MISS_1] = at.ONE
    return slot


@inlined
def renumber(head: Ints, slots: Ints, slot: int) -> None:
    """Give a frame another serial, as it takes another course: work that names it is stale."""
    head[at.SERIALS] += 1
    slots[slot, at.SERIAL] = head[at.SERIALS]


@inlined
def free_slot(head: Ints, slots: Ints, slot: int) -> None:
    """Give a row back; timers and work that still name it are stale from now on."""
    slots[slot, at.STATE] = at.VACANT
    slots[slot, at.STAMP] = 0
    slots[slot, at.SERIAL] = 0
    slots[slot, at.NEXT] = head[at.FREE]
    head[at.FREE] = slot
    head[at.FREE_COUNT] += 1


@inlined
def adopt(slots: Ints, parent: int, child: int) -> None:
    """Make a frame the first child of another."""
    first = slots[parent, at.FIRST_CHILD]
    slots[child, at.PARENT] = parent
    slots[child, at.NEXT_SIBLING] = first
    slots[child, at.PREVIOUS_SIBLING] = -1
    if first >= 0:
        slots[first, at.PREVIOUS_SIBLING] = child
    slots[parent, at.FIRST_CHILD] = child


@inlined
def disown(slots: Ints, child: int) -> None:
    """Take a frame out of its parent's children."""
    before = slots[child, at.PREVIOUS_SIBLING]
    after = slots[child, at.NEXT_SIBLING]
    if before >= 0:
        slots[before, at.NEXT_SIBLING] = after
    else:
        slots[slots[child, at.PARENT], at.FIRST_CHILD] = after
    if after >= 0:
        slots[after, at.PREVIOUS_SIBLING] = before
    slots[child, at.PARENT] = -1


@compiled
def put_work(head: Ints, work: Ints, op: int, row: int, serial: int) -> None:
    """Append to what must happen before the clock moves; serial 0 for rows that are no slots."""
    place = head[at.WORK_AT] + head[at.WORK_COUNT]
    if place >= work.shape[0]:
        place -= work.shape[0]
    work[place, 0] = op
    work[place, 1] = row
    work[place, 2] = serial
    head[at.WORK_COUNT] += 1


@compiled
def put_heap(head: Ints, heap: Ints, time: int, stamp: int, entity: int) -> None:
    """Add an entry to the heap, ordered by (time, stamp)."""
    place = head[at.HEAP_COUNT]
    head[at.HEAP_COUNT] = place + 1
    while place > 0:
        above = (place - 1) >> 1
        if heap[above, at.TIME] < time or (
            heap[above, at.TIME] == time and heap[above, at.ENTRY_STAMP] < stamp
        ):
            break
        heap[place, 0] = heap[above, 0]
        heap[place, 1] = heap[above, 1]
        heap[place, 2] = heap[above, 2]
        place = above
    heap[place, at.TIME] = time
    heap[place, at.ENTRY_STAMP] = stamp
    heap[place, at.ENTITY] = entity


@inlined
def pop_heap(head: Ints, heap: Ints) -> None:
    """Drop the first entry of the heap."""
    count = head[at.HEAP_COUNT] - 1
    head[at.HEAP_COUNT] = count
    time, stamp, entity = heap[count, 0], heap[count, 1], heap[count, 2]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= count:
            break
        other = below + 1
        if other < count and (
            heap[other, 0] < heap[below, 0]
            or (heap[other, 0] == heap[below, 0] and heap[other, 1] < heap[below, 1])
        ):
            below = other
        if time < heap[below, 0] or (time == heap[below, 0] and stamp < heap[below, 1]):
            break
        heap[place, 0] = heap[below, 0]
        heap[place, 1] = heap[below, 1]
        heap[place, 2] = heap[below, 2]
        place = below
    heap[place, 0] = time
    heap[place, 1] = stamp
    heap[place, 2] = entity


@inlined
def is_stale(slots: Ints, replicas: Ints, stamp: int, entity: int) -> bool:
    """Say whether a timer's owner has gone or set another since."""
    if entity >= 0:
        return slots[entity, at.STAMP] != stamp
    return replicas[-2 - entity, at.R_STAMP] != stamp


@compiled
def compact_heap(head: Ints, heap: Ints, slots: Ints, replicas: Ints) -> None:
    """Drop every stale entry; the order of the others stays as it is."""
    count = head[at.HEAP_COUNT]
    head[at.HEAP_COUNT] = 0
    for i in range(count):
        time, stamp, entity = heap[i, 0], heap[i, 1], heap[i, 2]
        if not is_stale(slots, replicas, stamp, entity):
            put_heap(head, heap, time, stamp, entity)


@internal
def drop_stale(s: State, lane: int) -> None:
    """Let go of every entry of a lane before its first that somebody still waits for.

    Most timers of a long lane are timeouts of calls that have ended: they go many at a time.
    """
    row, size = s.lane_heads[lane], s.lanes.shape[1]
    place, count = row[at.LANE_AT], row[at.LANE_COUNT]
    while count > 0 and s.slots[s.lanes[lane, place, 2], at.STAMP] != s.lanes[lane, place, 1]:
        place = place + 1 if place + 1 < size else 0
        count -= 1
    row[at.LANE_AT] = place
    row[at.LANE_COUNT] = count
    row[at.LANE_TIME] = s.lanes[lane, place, 0] if count > 0 else at.NEVER
    row[at.LANE_STAMP] = s.lanes[lane, place, 1]


@internal
def set_timer(s: State, slot: int, time: int, lane: int) -> None:
    """Give a frame its one timer, in a lane where its delay is constant (-1: the heap)."""
    head = s.head
    head[at.STAMPS] += 1
    stamp = head[at.STAMPS]
    s.slots[slot, at.STAMP] = stamp
    if lane >= 0:
        row, size = s.lane_heads[lane], s.lanes.shape[1]
        if row[at.LANE_COUNT] == size:
            drop_stale(s, lane)
        count = row[at.LANE_COUNT]
        place = row[at.LANE_AT] + count
        if place >= size:
            place -= size
        before = place - 1 if place > 0 else size - 1
        if count == 0 or (count < size and s.lanes[lane, before, 0] <= time):
            entry = s.lanes[lane, place]
            entry[0] = time
            entry[1] = stamp
            entry[2] = slot
            row[at.LANE_COUNT] = count + 1
            if count == 0:
                row[at.LANE_TIME] = time
                row[at.LANE_STAMP] = stamp
            return
    put_heap(head, s.heap, time, stamp, slot)


@compiled
def set_replica_timer(s: State, replica: int, time: int) -> None:
    """Give a replica its one timer: the end of a step or of a batching window."""
    s.head[at.STAMPS] += 1
    s.replicas[replica, at.R_STAMP] = s.head[at.STAMPS]
    put_heap(s.head, s.heap, time, s.head[at.STAMPS], -2 - replica)


@inlined
def succeeds(result: int) -> bool:
    """Say whether a result is an answer, be it that a value is not there."""
    return bool(
        result == at.OK or result == at.MISSED or result == at.RENEW or result == at.NEGATIVE
    )


@inlined
def priority_of(s: State, slot: int) -> int:
    """Say how important a frame is: as its class."""
    return int(s.classes[s.slots[slot, at.CLASS], at.C_PRIORITY])


@inlined
def count_in(row: Ints, column: int, bounds: Ints, value: int) -> None:
    """Add one to the bucket of a histogram; a row of bounds says where to begin to look."""
    octave = (np.float64(max(value, 1)).view(np.int64) >> 52) - 1023
    n, i = bounds[0], bounds[at.BOUND_BEGINS + octave]
    while i < n and value > bounds[at.BOUND_0 + i]:
        i += 1
    row[column + i] += 1


@rare
def _signal_row(s: State, kind: int) -> int:
    """Take a row of the ring, -1 where none is to be had; what does not fit is counted."""
    head = s.head
    n = head[at.SIGNAL_COUNT]
    if kind != _NO_REPLICA and kind != _DRAINED and kind != _DIED:
        budget = s.signals[at.SIGNALS_MAX + kind]
        second = head[at.NOW] // _SECOND
        if budget[0] != second:
            budget[0] = second
            budget[1] = 0
        if budget[1] >= at.SIGNALS_PER_SECOND or n >= at.SIGNALS_MAX - at.SIGNALS_RESERVED:
            head[at.SIGNALS_LOST] += 1
            return -1
        budget[1] += 1
    elif n >= at.SIGNALS_MAX:
        head[at.SIGNALS_LOST] += 1
        return -1
    head[at.SIGNAL_COUNT] = n + 1
    return n


@rare
def signal(s: State, kind: int, slot: int, value: int) -> int:
    """Note something about a frame; return its row in the ring, -1 if there was no room."""
    n = _signal_row(s, kind)
    if n < 0:
        return n
    row, call = s.signals[n], s.slots[slot]
    row[0] = s.head[at.NOW]
    row[1] = kind
    row[2] = call[at.POOL]
    row[3] = call[at.REPLICA]
    row[4] = call[at.EDGE]
    row[5] = call[at.CLASS]
    row[6] = call[at.ROOT_KEY]
    row[7] = value
    return n


@compiled
def signal_replica(s: State, kind: int, r: int, value: int) -> None:
    """Note something about a replica as such."""
    n = _signal_row(s, kind)
    if n < 0:
        return
    row = s.signals[n]
    row[0] = s.head[at.NOW]
    row[1] = kind
    row[2] = s.replicas[r, at.R_POOL]
    row[3] = r
    row[4] = -1
    row[5] = -1
    row[6] = 0
    row[7] = value


@inlined
def settle_busy(replica: Ints, now: int) -> None:
    """Bring the summed work of a replica's servers up to now."""
    busy = replica[at.R_WORKING] * (now - replica[at.R_BUSY_SINCE])
    replica[at.R_BUSY_NS] += busy
    replica[at.R_BUSY_SINCE] = now
