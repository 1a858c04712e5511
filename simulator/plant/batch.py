"""A batch server: calls that come within a window are served together, as embedding servers do.

A batch starts when the server is free and either `batch_max` calls wait or the oldest has waited
for the window; it takes base + per_item x size. `ints` [replica, column] is the server, `floats`
[replica, column] its slowdown, `calls` [slot, column] a queued or served call; links are slots,
-1 for none.

Per replica the caller: `batch_arrive`, `batch_step` (which starts what is due), then sleeps until
`batch_due` and calls `batch_step` again. Aborts and knobs may come at any time between.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.plant.jit import compiled
from simulator.plant.spec import Batch

Row = NDArray[np.int64]

QUEUED, QUEUE_FULL = range(2)
"""What `batch_arrive` answers."""
NEVER = 1 << 62
"""The end of a batch that stands still."""

# Columns of `ints`: what may be read (gauges, then counters), knobs, state.
WAITING, RUNNING, BATCHES, BUSY_NS = range(4)
BATCH_MAX, WINDOW_NS, BASE_NS, PER_ITEM_NS, QUEUE_MAX = range(4, 9)
STARTED_AT, ENDS_AT, QUEUE_HEAD, QUEUE_TAIL, RUN_HEAD, RUN_TAIL = range(9, 15)
INT_COLUMNS = 16
# Columns of `floats`.
SLOWDOWN, REMAINING = range(2)
# Columns of `calls`.
STATE, ARRIVED_AT, SERVED_AT, NEXT, PREVIOUS = range(5)
CALL_COLUMNS = 5
ABSENT, IN_QUEUE, SERVED = range(3)  # values of STATE

_LINKS = (ENDS_AT, QUEUE_HEAD, QUEUE_TAIL, RUN_HEAD, RUN_TAIL)


class BatchTables(NamedTuple):
    """Everything the batch servers are, as arrays that compiled code changes in place."""

    ints: NDArray[np.int64]
    floats: NDArray[np.float64]
    calls: NDArray[np.int64]


def batch_tables(replicas: int, calls: int) -> BatchTables:
    """Make room for idle servers without a spec."""
    ints = np.zeros((replicas, INT_COLUMNS), dtype=np.int64)
    ints[:, _LINKS] = -1
    floats = np.zeros((replicas, 2))
    floats[:, SLOWDOWN] = 1.0
    return BatchTables(ints, floats, np.zeros((calls, CALL_COLUMNS), dtype=np.int64))


def batch_grow(tables: BatchTables, replicas: int, calls: int) -> BatchTables:
    """Copy into larger tables; nothing that happens later is changed by it."""
    grown = batch_tables(replicas, calls)
    for old, new in zip(tables, grown, strict=True):
        new[: old.shape[0]] = old
    return grown


def batch_configure(tables: BatchTables, replica: int, spec: Batch) -> None:
    """Set an idle replica up from its spec."""
    row = tables.ints[replica]
    row[BATCH_MAX], row[WINDOW_NS] = spec.batch_max, spec.window_ns
    row[BASE_NS], row[PER_ITEM_NS] = spec.base_ns, spec.per_item_ns
    row[QUEUE_MAX] = spec.queue_max
    tables.floats[replica, SLOWDOWN] = 1.0


@compiled
def batch_arrive(tables: BatchTables, replica: int, slot: int, now: int) -> int:
    """Put a call into the queue, or refuse it with QUEUE_FULL; `batch_step` starts what is due."""
    row, call = tables.ints[replica], tables.calls[slot]
    if row[WAITING] >= row[QUEUE_MAX]:
        return QUEUE_FULL
    call[STATE], call[ARRIVED_AT], call[SERVED_AT] = IN_QUEUE, now, -1
    _append(row, tables.calls, QUEUE_HEAD, QUEUE_TAIL, slot)
    row[WAITING] += 1
    return QUEUED


@compiled
def batch_due(tables: BatchTables, replica: int, now: int) -> int:
    """Say when `batch_step` is due next, not before now; -1 while nothing will happen by itself."""
    row = tables.ints[replica]
    if tables.floats[replica, SLOWDOWN] <= 0.0:
        return -1
    if row[ENDS_AT] >= 0:
        return max(int(row[ENDS_AT]), now)
    if row[WAITING] == 0:
        return -1
    if row[WAITING] >= row[BATCH_MAX]:
        return now
    return max(int(tables.calls[row[QUEUE_HEAD], ARRIVED_AT] + row[WINDOW_NS]), now)


@compiled
def batch_step(tables: BatchTables, replica: int, now: int, out: Row) -> int:
    """End the batch and start the next, where they are due; write finished slots, say how many.

    `out` [n, 2] must hold a full batch; column 0 gets the slots in the order they came in.
    """
    row, calls = tables.ints[replica], tables.calls
    n = 0
    if 0 <= row[ENDS_AT] <= now:
        slot = row[RUN_HEAD]
        while slot >= 0:
            out[n, 0] = slot
            n += 1
            calls[slot, STATE] = ABSENT
            slot = calls[slot, NEXT]
        row[RUN_HEAD] = row[RUN_TAIL] = row[ENDS_AT] = -1
        row[RUNNING] = 0
        row[BATCHES] += 1
        row[BUSY_NS] += now - row[STARTED_AT]
    due = batch_due(tables, replica, now)
    if row[ENDS_AT] < 0 and 0 <= due <= now:
        _start(tables, replica, now)
    return n


@compiled
def batch_abort(tables: BatchTables, replica: int, slot: int, now: int) -> int:  # noqa: ARG001  one shape for all transitions
    """Take a call out at once, 1 if it was there; a batch under way takes no less for it."""
    row, call = tables.ints[replica], tables.calls[slot]
    if call[STATE] == IN_QUEUE:
        _unlink(row, tables.calls, QUEUE_HEAD, QUEUE_TAIL, slot)
        row[WAITING] -= 1
    elif call[STATE] == SERVED:
        _unlink(row, tables.calls, RUN_HEAD, RUN_TAIL, slot)
        row[RUNNING] -= 1
    else:
        return 0
    call[STATE] = ABSENT
    return 1


@compiled
def batch_retime(tables: BatchTables, replica: int, now: int, new_slowdown: float) -> int:
    """Turn the slowdown, also of the batch under way, and say its new end.

    At 0 or below everything stands still until it is turned again. -1: no batch, or standing still.
    """
    row, floats = tables.ints[replica], tables.floats[replica]
    old = floats[SLOWDOWN]
    floats[SLOWDOWN] = new_slowdown
    if row[ENDS_AT] < 0:
        return -1
    if old > 0.0:
        floats[REMAINING] = max(row[ENDS_AT] - now, 0) / old
    if new_slowdown <= 0.0:
        row[ENDS_AT] = NEVER
        return -1
    row[ENDS_AT] = now + int(floats[REMAINING] * new_slowdown + 0.5)
    return int(row[ENDS_AT])


@compiled
def batch_held(tables: BatchTables, replica: int) -> int:
    """Name one call the replica holds, those in service first; -1 when it is empty."""
    row = tables.ints[replica]
    return int(row[RUN_HEAD]) if row[RUN_HEAD] >= 0 else int(row[QUEUE_HEAD])


@compiled
def batch_reset(tables: BatchTables, replica: int) -> None:
    """Forget everything, as when the process dies; knobs and counters stay as they are."""
    slot = batch_held(tables, replica)
    while slot >= 0:
        batch_abort(tables, replica, slot, 0)
        slot = batch_held(tables, replica)
    tables.ints[replica, ENDS_AT] = -1


@compiled
def _start(tables: BatchTables, replica: int, now: int) -> None:
    row, calls = tables.ints[replica], tables.calls
    size = min(row[WAITING], row[BATCH_MAX])
    for _ in range(size):
        slot = row[QUEUE_HEAD]
        _unlink(row, calls, QUEUE_HEAD, QUEUE_TAIL, slot)
        _append(row, calls, RUN_HEAD, RUN_TAIL, slot)
        calls[slot, STATE], calls[slot, SERVED_AT] = SERVED, now
    row[WAITING] -= size
    row[RUNNING] = size
    work = row[BASE_NS] + row[PER_ITEM_NS] * size
    row[STARTED_AT] = now
    row[ENDS_AT] = now + max(int(work * tables.floats[replica, SLOWDOWN] + 0.5), 1)


@compiled
def _append(row: Row, calls: Row, head: int, tail: int, slot: int) -> None:
    last = row[tail]
    calls[slot, PREVIOUS], calls[slot, NEXT] = last, -1
    row[tail] = slot
    if last >= 0:
        calls[last, NEXT] = slot
    else:
        row[head] = slot


@compiled
def _unlink(row: Row, calls: Row, head: int, tail: int, slot: int) -> None:
    before, after = calls[slot, PREVIOUS], calls[slot, NEXT]
    if before >= 0:
        calls[before, NEXT] = after
    else:
        row[head] = after
    if after >= 0:
        calls[after, PREVIOUS] = before
    else:
        row[tail] = before
