"""What becomes of the calls of sampled requests, one row each, for whoever draws traces.

A request is sampled by its key alone, as a trace id ratio does: the class's share of all keys. The
kernel asks one question of every call, whether its request's key lies below `head[TRACED_BELOW]`;
everything else happens here. A row has two sides, the caller's and the callee's; it is done when
both have ended, and then waits to be read. What finds no free row is counted and not kept, as a
full export queue does.
"""

import numpy as np

from simulator.plant import batch as batches
from simulator.plant import layout as at
from simulator.plant import llm_tables as engine_at
from simulator.plant.api import Traced
from simulator.plant.jit import internal, rare
from simulator.plant.layout import Ints, State

# Columns behind those that are read: sides that have not ended (FREE_ROW: none began), next free.
OPEN, NEXT_FREE = len(Traced), len(Traced) + 1
SPAN_COLUMNS = len(Traced) + 2
DONE, CALLER, CALLEE, FREE_ROW = 0, 1, 2, -1
# tracing: first free row, rows wanted that were not free, behind which row none was ever used,
# then each class's bound on keys.
FIRST_FREE, LOST, USED_END, BELOW = range(4)
FIRST_ROWS = 2048
_ALL_KEYS = float(1 << 63)

_ROOT_KEY, _KEY, _PARENT_KEY, _TRY = (
    int(Traced.ROOT_KEY), int(Traced.KEY), int(Traced.PARENT_KEY), int(Traced.TRY),
)  # fmt: skip
_CLASS, _EDGE, _REPLICA, _ATTEMPT = (
    int(Traced.REQUEST_CLASS), int(Traced.EDGE), int(Traced.REPLICA), int(Traced.ATTEMPT),
)  # fmt: skip
_SENT_AT, _ANSWERED_AT, _ANSWER = int(Traced.SENT_AT), int(Traced.ANSWERED_AT), int(Traced.ANSWER)
_ARRIVED_AT, _ENDED_AT, _RESULT = int(Traced.ARRIVED_AT), int(Traced.ENDED_AT), int(Traced.RESULT)
_WAIT_NS, _FIRST_AT = int(Traced.WAIT_NS), int(Traced.FIRST_AT)
_PROMPT, _OUTPUT = int(Traced.PROMPT), int(Traced.OUTPUT)


def key_bound(share: float) -> int:
    """Say below which key a request is sampled, for a share of all of them."""
    return min(int(share * _ALL_KEYS), (1 << 63) - 1)


def span_rows(rows: int, first: int) -> Ints:
    """Make free rows, each pointing at the next; the last at none."""
    made = np.zeros((rows, SPAN_COLUMNS), dtype=np.int64)
    made[:, OPEN] = FREE_ROW
    made[:, NEXT_FREE] = np.arange(first + 1, first + rows + 1)
    made[-1:, NEXT_FREE] = -1
    return made


@internal
def _take(s: State, slot: int) -> int:
    """Take a row for a frame; -1 where its class is sampled less, or no row is free."""
    call = s.slots[slot]
    if call[at.ROOT_KEY] >= s.tracing[BELOW + call[at.CLASS]]:
        return -1
    place = s.tracing[FIRST_FREE]
    if place < 0:
        s.tracing[LOST] += 1
        return -1
    row = s.spans[place]
    s.tracing[FIRST_FREE] = row[NEXT_FREE]
    s.tracing[USED_END] = max(s.tracing[USED_END], place + 1)
    row[_ROOT_KEY] = call[at.ROOT_KEY]
    row[_CLASS] = call[at.CLASS]
    row[_TRY] = row[_EDGE] = row[_REPLICA] = -1
    row[_SENT_AT] = s.head[at.NOW]
    row[_ANSWERED_AT] = row[_ARRIVED_AT] = row[_ENDED_AT] = row[_FIRST_AT] = -1
    row[_ATTEMPT] = row[_ANSWER] = row[_RESULT] = row[_WAIT_NS] = 0
    row[_PROMPT] = call[at.PROMPT]
    row[_OUTPUT] = call[at.OUTPUT]
    return place


@internal
def _name_parent(s: State, row: Ints, parent: int) -> None:
    """Write whose call it is: branches of a parallel step are their handler's own."""
    while s.slots[parent, at.KIND] == at.BRANCH and s.slots[parent, at.PARENT] >= 0:
        parent = s.slots[parent, at.PARENT]
    frame = s.slots[parent]
    row[_PARENT_KEY] = frame[at.SENT_AT if frame[at.KIND] == at.RENEWAL else at.KEY]
    row[_TRY] = frame[at.TRIES] if frame[at.KIND] == at.ROOT else -1


@rare
def open_try(s: State, slot: int) -> None:
    """Begin the row of a user's try, as it comes to the door."""
    place = _take(s, slot)
    s.span_of[slot] = place
    if place < 0:
        return
    row = s.spans[place]
    row[_KEY] = row[_PARENT_KEY] = s.slots[slot, at.KEY]
    row[_TRY] = row[_ATTEMPT] = s.slots[slot, at.TRIES]
    row[OPEN] = CALLER


@rare
def open_call(s: State, parent: int, child: int) -> None:
    """Begin the row of an attempt that is put on the wire."""
    place = _take(s, child)
    s.span_of[child] = place
    if place < 0:
        return
    row, call = s.spans[place], s.slots[child]
    row[_KEY] = call[at.KEY]
    _name_parent(s, row, parent)
    row[_EDGE] = call[at.EDGE]
    row[_REPLICA] = call[at.REPLICA]
    row[_ATTEMPT] = s.slots[parent, at.ATTEMPT]
    row[OPEN] = CALLER + CALLEE


@rare
def note_unsent(s: State, parent: int, edge: int, key: int) -> None:
    """Write a whole row for an attempt its caller's own proxy refused."""
    place = _take(s, parent)
    if place < 0:
        return
    row = s.spans[place]
    row[_KEY] = key
    _name_parent(s, row, parent)
    row[_EDGE] = edge
    row[_ATTEMPT] = s.slots[parent, at.ATTEMPT]
    row[_ANSWERED_AT] = s.head[at.NOW]
    row[_ANSWER] = s.slots[parent, at.RESULT]
    row[OPEN] = DONE


@rare
def add_wait(s: State, slot: int) -> None:
    """Count what a call has just waited for a server of its replica."""
    while s.slots[slot, at.KIND] == at.BRANCH and s.slots[slot, at.PARENT] >= 0:
        slot = s.slots[slot, at.PARENT]
    place = s.span_of[slot]
    if s.slots[slot, at.KIND] == at.CALL and place >= 0:
        s.spans[place, _WAIT_NS] += s.head[at.NOW] - s.slots[slot, at.QUEUED_AT]


@internal
def _note_engine(s: State, slot: int, row: Ints) -> None:
    """Write what a model or batch server says of a call it has answered."""
    discipline = s.pools[s.slots[slot, at.POOL], at.P_DISCIPLINE]
    if discipline == at.MODEL:
        sequence = s.llm.calls[slot]
        row[_WAIT_NS] = sequence[engine_at.SCHEDULED_AT] - sequence[engine_at.ARRIVED_AT]
    elif discipline == at.BATCHES:
        served = s.batch.calls[slot]
        row[_WAIT_NS] = served[batches.SERVED_AT] - served[batches.ARRIVED_AT]


@rare
def end_served(s: State, slot: int, result: int) -> None:
    """End the callee's side; a process that has died takes what it knew with it."""
    place = s.span_of[slot]
    if place < 0 or s.spans[place, OPEN] & CALLEE == 0:
        return
    row, call = s.spans[place], s.slots[slot]
    row[OPEN] -= CALLEE
    row[_RESULT] = result
    row[_ARRIVED_AT] = call[at.ARRIVED_AT]
    row[_FIRST_AT] = call[at.FIRST_AT]
    if s.replicas[call[at.REPLICA], at.R_ALIVE]:
        row[_ENDED_AT] = s.head[at.NOW]
        if result == at.OK and call[at.ARRIVED_AT] >= 0:
            _note_engine(s, slot, row)


@rare
def end_called(s: State, slot: int, result: int) -> None:
    """End the caller's side: an answer, a timeout, or nobody who waits any more."""
    place = s.span_of[slot]
    if place < 0 or s.spans[place, OPEN] & CALLER == 0:
        return
    row = s.spans[place]
    row[OPEN] -= CALLER
    row[_ANSWERED_AT] = s.head[at.NOW]
    row[_ANSWER] = result
    if s.slots[slot, at.KIND] == at.ROOT:
        row[_FIRST_AT] = s.slots[slot, at.FIRST_AT]
