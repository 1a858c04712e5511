"""Message queues from Python's side: made and checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvariantViolated
from simulator.plant import broker_tables as bt
from simulator.plant import layout as at
from simulator.plant.brokers import attempt_of
from simulator.plant.contents import Queue
from simulator.plant.layout import State
from simulator.plant.spec import EdgeSpec, PoolSpec, Workers


def queue_of(pool: PoolSpec) -> Queue | None:
    """Say how a pool is a message queue; None where it is none."""
    served = pool.discipline
    content = served.content if isinstance(served, Workers) else None
    return content if isinstance(content, Queue) else None


def brokering_tables(
    specs: Sequence[EdgeSpec], pools: Sequence[PoolSpec]
) -> dict[str, NDArray[Any]]:
    """Make the tables of all queues, each with rows for as many messages as it may hold."""
    queues = np.zeros((len(pools), bt.QUEUE_COLUMNS), dtype=np.int64)
    queues[:, [bt.Q_CONSUMER, bt.Q_EDGE, bt.Q_KEEPER, bt.Q_FREE]] = -1
    queues[:, [bt.Q_READY_HEAD, bt.Q_READY_TAIL, bt.Q_OUT_HEAD, bt.Q_OUT_TAIL]] = -1
    names, pairs = [pool.name for pool in pools], [(each.caller, each.callee) for each in specs]
    rows = 0
    for number, pool in enumerate(pools):
        if (content := queue_of(pool)) is None:
            continue
        row = queues[number]
        if content.consumer:
            row[bt.Q_CONSUMER] = names.index(content.consumer)
            row[bt.Q_EDGE] = pairs.index((pool.name, content.consumer))
        row[bt.Q_DEPTH_MAX] = content.depth_max
        row[bt.Q_VISIBLE_NS], row[bt.Q_RECEIVES_MAX] = content.visible_ns, content.receives_max
        row[bt.Q_PREFETCH], row[bt.Q_RETRY_NS] = content.prefetch, content.retry_ns
        row[bt.Q_REBALANCE_NS] = content.rebalance_ns
        row[bt.Q_POISON] = int(content.poison_share * at.CHANCE_ONE)
        row[bt.Q_FRESH] = rows
        rows += content.depth_max
        row[bt.Q_END] = rows
    return {"queues": queues, "messages": np.zeros((rows, bt.MESSAGE_COLUMNS), dtype=np.int64)}


def check_queues(s: State, replicas: int) -> None:
    """Raise InvariantViolated unless every message is done, dead, waiting or handed out.

    No message may wait while a consumer would take it.
    """
    calls = s.slots[(s.slots[:, at.STATE] != at.VACANT) & (s.slots[:, at.KIND] == at.CALL)]
    rows = s.replicas[:replicas]
    for pool in np.flatnonzero(s.queues[:, bt.Q_END] > 0):
        queue = s.queues[pool]
        mine = s.messages[queue[bt.Q_END] - _size(s, int(pool)) : queue[bt.Q_END]]
        found = [int((mine[:, bt.M_STATE] == state).sum()) for state in (bt.READY, bt.OUT)]
        said = [int(queue[bt.Q_READY]), int(queue[bt.Q_OUT])]
        ended = int(queue[bt.Q_DONE] + queue[bt.Q_DEAD])
        if found != said or queue[bt.Q_ENQUEUED] != ended + sum(said):
            msg = (
                f"queue {pool}: {queue[bt.Q_ENQUEUED]} enqueued, {ended} ended, {said} waiting and "
                f"handed out, {found} found"
            )
            raise InvariantViolated(msg)
        consumer = queue[bt.Q_CONSUMER]
        for replica in np.flatnonzero((rows[:, at.R_POOL] == consumer) & (consumer >= 0)):
            here = calls[
                (calls[:, at.REPLICA] == replica) & (calls[:, at.EDGE] == queue[bt.Q_EDGE])
            ]
            held = int((here[:, at.ENTRY] >= 0).sum())
            if held != rows[replica, at.R_MESSAGES]:
                msg = f"replica {replica} holds {held} messages, not {rows[replica, at.R_MESSAGES]}"
                raise InvariantViolated(msg)


def _size(s: State, pool: int) -> int:
    before = s.queues[:pool, bt.Q_END]
    return int(s.queues[pool, bt.Q_END] - before.max(initial=0))


def check_deliveries(s: State) -> None:
    """Raise InvariantViolated where a message waits that a consumer would take."""
    for pool in np.flatnonzero(s.queues[:, bt.Q_END] > 0):
        if attempt_of(s, int(pool)) >= 0:
            raise InvariantViolated(f"queue {pool}: a message waits, and a consumer has room")
