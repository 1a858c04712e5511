"""A batch server: calls that come within a window are served together, as embedding servers do.

A batch starts when the server is free and either no more calls fit into it or the oldest has waited
for the window; it takes base + per_item x items + per_token x tokens. A call has one item or more,
each of so many tokens. Where shorter items are padded, a batch computes its items times its longest
one. A batch takes calls in turn while they are no more than `batch_max` and what it would compute
is no more than `tokens_max` (text-embeddings-inference, core/src/queue.rs); a call that is more by
itself is served alone, in as many passes as it needs, each with its base.

`ints` [replica, column] is the server, `floats` [replica, column] its slowdown, `calls` [slot,
column] a queued or served call; links are slots, -1 for none.

Per replica the caller: `batch_arrive`, `batch_step` (which starts what is due), then sleeps until
`batch_due` and calls `batch_step` again. Aborts and knobs may come at any time between.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from simulator.plant.handle import FLOATS_2, INTS_2, Handle
from simulator.plant.jit import compiled
from simulator.plant.spec import Batch

Row = NDArray[np.int64]

QUEUED, QUEUE_FULL, ITEM_TOO_LONG = range(3)
"""What `batch_arrive` answers."""
NEVER = 1 << 62
"""The end of a batch that stands still."""

# Columns of `ints`: what may be read (gauges, then counters), knobs, state.
WAITING, RUNNING, BATCHES, BUSY_NS, ITEMS, TOKENS, PADDING = range(7)
BATCH_MAX, WINDOW_NS, BASE_NS, PER_ITEM_NS, QUEUE_MAX, TOKENS_MAX, PADS = range(7, 14)
STARTED_AT, ENDS_AT, QUEUE_HEAD, QUEUE_TAIL, RUN_HEAD, RUN_TAIL = range(14, 20)
INT_COLUMNS = 20
# Columns of `floats`.
SLOWDOWN, REMAINING, PER_TOKEN_NS = range(3)
FLOAT_COLUMNS = 3
# Columns of `calls`.
STATE, ARRIVED_AT, SERVED_AT, NEXT, PREVIOUS, CALL_ITEMS, CALL_TOKENS, LONGEST = range(8)
CALL_COLUMNS = 8
ABSENT, IN_QUEUE, SERVED = range(3)  # values of STATE

_LINKS = (ENDS_AT, QUEUE_HEAD, QUEUE_TAIL, RUN_HEAD, RUN_TAIL)


class BatchTables(Handle):
    """Everything the batch servers are, as arrays that compiled code changes in place."""

    FIELDS: ClassVar[dict[str, Any]] = {"ints": INTS_2, "floats": FLOATS_2, "calls": INTS_2}
    WIDTHS: ClassVar[dict[str, int]] = {
        "ints": INT_COLUMNS, "floats": FLOAT_COLUMNS, "calls": CALL_COLUMNS,
    }  # fmt: skip

    ints: NDArray[np.int64]
    floats: NDArray[np.float64]
    calls: NDArray[np.int64]


def batch_tables(replicas: int, calls: int) -> BatchTables:
    """Make room for idle servers without a spec."""
    ints = np.zeros((replicas, INT_COLUMNS), dtype=np.int64)
    ints[:, _LINKS] = -1
    floats = np.zeros((replicas, FLOAT_COLUMNS))
    floats[:, SLOWDOWN] = 1.0
    free = np.zeros((calls, CALL_COLUMNS), dtype=np.int64)
    return BatchTables(ints=ints, floats=floats, calls=free)


def batch_grow(tables: BatchTables, replicas: int, calls: int) -> BatchTables:
    """Copy into larger tables; nothing that happens later is changed by it."""
    grown = batch_tables(replicas, calls)
    for name, old in tables.tables().items():
        getattr(grown, name)[: old.shape[0]] = old
    return grown


def batch_configure(tables: BatchTables, replica: int, spec: Batch) -> None:
    """Set an idle replica up from its spec."""
    row = tables.ints[replica]
    row[BATCH_MAX], row[WINDOW_NS] = spec.batch_max, spec.window_ns
    row[BASE_NS], row[PER_ITEM_NS] = spec.base_ns, spec.per_item_ns
    row[QUEUE_MAX], row[TOKENS_MAX], row[PADS] = spec.queue_max, spec.tokens_max, spec.pads
    tables.floats[replica, [SLOWDOWN, PER_TOKEN_NS]] = 1.0, spec.per_token_ns


@compiled
def batch_arrive(tables: BatchTables, replica: int, slot: int, now: int) -> int:
    """Put a call into the queue, or say why not; `batch_step` starts what is due.

    CALL_ITEMS, CALL_TOKENS and LONGEST of the slot have been set before.
    """
    row, call = tables.ints[replica], tables.calls[slot]
    if row[TOKENS_MAX] > 0 and call[LONGEST] > row[TOKENS_MAX]:
        return ITEM_TOO_LONG
    if row[WAITING] >= row[QUEUE_MAX]:
        return QUEUE_FULL
    call[STATE], call[ARRIVED_AT], call[SERVED_AT] = IN_QUEUE, now, -1
    _append(row, tables.calls, QUEUE_HEAD, QUEUE_TAIL, slot)
    row[WAITING] += 1
    return QUEUED


@compiled
def batch_size(tables: BatchTables, replica: int) -> int:
    """Count the waiting calls that the next batch takes."""
    row, calls = tables.ints[replica], tables.calls
    size = min(row[WAITING], row[BATCH_MAX])
    if row[TOKENS_MAX] == 0:
        return int(size)
    slot = row[QUEUE_HEAD]
    items = tokens = longest = 0
    for taken in range(size):
        call = calls[slot]
        items += call[CALL_ITEMS]
        tokens += call[CALL_TOKENS]
        longest = max(longest, call[LONGEST])
        computed = items * longest if row[PADS] else tokens
        if computed > row[TOKENS_MAX] and taken > 0:
            return taken
        slot = call[NEXT]
    return int(size)


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
    if row[WAITING] >= row[BATCH_MAX] or batch_size(tables, replica) < row[WAITING]:
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
    size = batch_size(tables, replica)
    items = tokens = longest = 0
    for _ in range(size):
        slot = row[QUEUE_HEAD]
        _unlink(row, calls, QUEUE_HEAD, QUEUE_TAIL, slot)
        _append(row, calls, RUN_HEAD, RUN_TAIL, slot)
        calls[slot, STATE], calls[slot, SERVED_AT] = SERVED, now
        items += calls[slot, CALL_ITEMS]
        tokens += calls[slot, CALL_TOKENS]
        longest = max(longest, calls[slot, LONGEST])
    row[WAITING] -= size
    row[RUNNING] = size
    computed = items * longest if row[PADS] else tokens
    passes = 1
    if row[TOKENS_MAX] > 0 and computed > row[TOKENS_MAX]:
        passes = -(-computed // row[TOKENS_MAX])
    row[ITEMS] += items
    row[TOKENS] += tokens
    row[PADDING] += computed - tokens
    work = row[BASE_NS] * passes + row[PER_ITEM_NS] * items
    work += computed * tables.floats[replica, PER_TOKEN_NS]
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
