"""Message queues as consumers come and go and knobs are turned."""

import numpy as np

from simulator.plant import broker_tables as bt
from simulator.plant import layout as at
from simulator.plant.api import PoolKnob
from simulator.plant.brokers import wake_queue
from simulator.plant.layout import Ints
from simulator.plant.standbys import Standbys

QUEUE_COLUMNS = {
    PoolKnob.VISIBLE_NS: bt.Q_VISIBLE_NS,
    PoolKnob.RECEIVES_MAX: bt.Q_RECEIVES_MAX,
    PoolKnob.PREFETCH: bt.Q_PREFETCH,
    PoolKnob.POISON_SHARE: bt.Q_POISON,
    PoolKnob.PAUSED: bt.Q_PAUSED,
    PoolKnob.DEPTH_MAX: bt.Q_DEPTH_MAX,
}


class Consumers(Standbys):
    """The plant's queues and those who read them."""

    def _is_queue(self, pool: int) -> bool:
        return bool(self._s.pools[pool, at.P_CONTENT] == at.BROKER)

    def _queues_of(self, pool: int) -> list[int]:
        """List the queues that a pool is, or reads."""
        queues = self._s.queues
        is_mine = (queues[:, bt.Q_CONSUMER] == pool) | (np.arange(len(queues)) == pool)
        return [int(number) for number in np.flatnonzero(is_mine & (queues[:, bt.Q_END] > 0))]

    def _note_consumers(self, pool: int) -> None:
        """Hold deliveries up while consumers share the queue out anew, then go on with them."""
        for number in self._queues_of(pool):
            queue = self._s.queues[number]
            if queue[bt.Q_CONSUMER] == pool and queue[bt.Q_REBALANCE_NS] > 0:
                queue[bt.Q_RESUMES_AT] = self.now + queue[bt.Q_REBALANCE_NS]
                if self._s.head[at.HEAP_COUNT] + 8 > len(self._s.heap):
                    self._make_room()
                wake_queue(self._s, number)
            self._put(at.DELIVER, number)
            self._settle_instant()

    def _turn_queue(self, pool: int, knob: PoolKnob, value: float) -> None:
        if not self._is_queue(pool) or knob not in QUEUE_COLUMNS:
            return
        whole = int(value * at.CHANCE_ONE) if knob is PoolKnob.POISON_SHARE else int(value)
        if knob is PoolKnob.DEPTH_MAX:
            before = self._s.queues[:pool, bt.Q_END].max(initial=0)
            whole = min(whole, int(self._s.queues[pool, bt.Q_END] - before))
        self._s.queues[pool, QUEUE_COLUMNS[knob]] = whole
        self._put(at.DELIVER, pool)
        self._settle_instant()

    def queue_row(self, pool: int) -> Ints:
        """What a queue is at, by the columns of `broker_tables`."""
        return self._s.queues[pool].copy()
