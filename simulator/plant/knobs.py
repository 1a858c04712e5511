"""Turning knobs: what changes, and what becomes of work in progress at that instant."""

import numpy as np

from simulator.plant import batch, batch_items, cpu
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.api import ClassKnob, EdgeKnob, PoolKnob, ReplicaKnob, TenantKnob
from simulator.plant.batch import batch_retime
from simulator.plant.build import index_ns, quality, recall
from simulator.plant.cache_knobs import CACHE_KNOBS, turn_cache
from simulator.plant.chance import law_table
from simulator.plant.connections import X_TIMEOUT_NS
from simulator.plant.consumers import Consumers
from simulator.plant.index_tables import INDEX_KNOBS, turn_index
from simulator.plant.limits_tables import (
    LEAK_KNOBS,
    LIMIT_KNOBS,
    look_again,
    turn_leak,
    turn_limit,
)
from simulator.plant.listing import note_weights
from simulator.plant.llm import llm_retime
from simulator.plant.llm_tables import ACCEPTANCE, llm_set_max_num_seqs
from simulator.plant.network import W_JITTER_NS, W_LOSS
from simulator.plant.network_tables import note_far
from simulator.plant.pooling import set_pool_max
from simulator.plant.processors import turn_cores
from simulator.plant.provider_knobs import turn_provider
from simulator.plant.servers import stops_at
from simulator.plant.shedding import S_SCALE
from simulator.plant.snapshots import settle_at
from simulator.plant.spec import Batch, Distribution, External, VectorIndex, Workers
from simulator.plant.tables import put_heap, set_replica_timer
from simulator.plant.tenants import refill

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND

_TENANTS = [of.M_TENANTS_AT, of.M_TENANT_COUNT]
_EDGE_COLUMNS = {
    EdgeKnob.DELAY_NS: at.E_DELAY_NS,
    EdgeKnob.TIMEOUT_NS: at.E_TIMEOUT_NS,
    EdgeKnob.RETRIES_MAX: at.E_RETRIES_MAX,
    EdgeKnob.BACKOFF_NS: at.E_BACKOFF_NS,
    EdgeKnob.CONCURRENCY_MAX: at.E_CONCURRENCY_MAX,
    EdgeKnob.DIVERT_TO: at.E_DIVERT_TO,
    EdgeKnob.CANCELS: at.E_CANCELS,
}
_BATCH_POOL_COLUMNS = {
    PoolKnob.DETECTED: batch_items.DETECTED,
    PoolKnob.FALSE_ALARMS: batch_items.FALSE_ALARMS,
    PoolKnob.LIFT: batch_items.LIFT,
}
_BATCH_COLUMNS = {
    PoolKnob.TOKENS_MAX: batch.TOKENS_MAX,
    PoolKnob.BATCH_MAX: batch.BATCH_MAX,
    PoolKnob.WINDOW_NS: batch.WINDOW_NS,
}
_EDGE_LANES = {EdgeKnob.DELAY_NS: at.E_DELAY_LANE, EdgeKnob.TIMEOUT_NS: at.E_TIMEOUT_LANE}
_CLASS_COLUMNS = {
    ClassKnob.CONCURRENCY_MAX: at.C_CONCURRENCY_MAX,
    ClassKnob.PROMPT_TOKENS_MAX: at.C_PROMPT_MAX,
    ClassKnob.OUTPUT_TOKENS_MAX: at.C_OUTPUT_MAX,
}


class Turning(Consumers):
    """The plant's knobs."""

    def turn_replica(self, replica: int, knob: ReplicaKnob, value: float) -> None:
        """Turn a knob of one replica, also for work in progress where physics says so."""
        row, floats = self._s.replicas[replica], self._s.replica_floats[replica]
        if knob is ReplicaKnob.SLOWDOWN:
            self._slow_down(replica, value)
        elif knob is ReplicaKnob.ERROR_SHARE:
            floats[at.R_ERROR_SHARE] = value
        elif knob is ReplicaKnob.REACHABLE:
            self._set_reachable(replica, value > 0.0)
        elif knob is ReplicaKnob.QUALITY:
            row[at.R_QUALITY] = quality(value)
        elif knob is ReplicaKnob.WEIGHT:
            floats[at.R_WEIGHT] = max(value, 0.0)
            note_weights(self._s, int(row[at.R_POOL]))
        elif knob is ReplicaKnob.WORKERS:
            row[at.R_WORKERS] = int(value)
            self._put(at.RELEASE, replica)
        elif knob is ReplicaKnob.ACCEPTANCE:
            self._s.llm.floats[replica, ACCEPTANCE] = value
        elif knob is ReplicaKnob.CORES or knob is ReplicaKnob.CPU_LIMIT:
            self._set_cores(replica, knob, value)
        elif knob in LEAK_KNOBS:
            spec = self.spec.pools[int(row[at.R_POOL])]
            turn_leak(self._s, replica, spec, knob, value, self.now)
        elif self._discipline(replica) == at.MODEL:
            row[at.R_MAX_SEQS] = int(value)
            llm_set_max_num_seqs(self._s.llm, replica, int(value))
            self._put(at.ENGINE, replica)
        self._settle_instant()

    def _discipline(self, replica: int) -> int:
        return int(self._s.pools[self._s.replicas[replica, at.R_POOL], at.P_DISCIPLINE])

    def _slow_down(self, replica: int, value: float) -> None:
        """Re-time running work: what is left takes new / old times as long."""
        s = self._s
        settle_at(s.key, replica, self.now)
        old = s.replica_floats[replica, at.R_SLOWDOWN]
        s.replica_floats[replica, at.R_SLOWDOWN] = value
        self._retime_replay(replica)
        if not s.replicas[replica, at.R_REACHABLE]:
            for slot in self._frames_at(replica):
                if s.slots[slot, at.STATE] == at.FROZEN:
                    left = s.slots[slot, at.END_AT]
                    s.slots[slot, at.END_AT] = int(left * value / old + 0.5)
            return
        if self._retime_engine(replica, value):
            return
        for slot in self._frames_at(replica):
            call = s.slots[slot]
            if call[at.STATE] in {at.WORKING, at.STREAMING}:
                left = int((call[at.END_AT] - self.now) * value / old + 0.5)
                if call[at.STATE] == at.STREAMING and call[at.FIRST_AT] > self.now:
                    wait = (call[at.FIRST_AT] - self.now) * value / old
                    call[at.FIRST_AT] = self.now + int(wait + 0.5)
                self._restart(slot, left)

    def _restart(self, slot: int, left: int) -> None:
        """Give a frame's work a new end."""
        head, call = self._s.head, self._s.slots[slot]
        if head[at.HEAP_COUNT] + 8 > len(self._s.heap):
            self._make_room()
        call[at.END_AT] = self.now + left
        head[at.STAMPS] += 1
        call[at.STAMP] = head[at.STAMPS]
        ends_at = self.now + left
        if call[at.DEADLINE] > 0 and call[at.STATE] == at.WORKING:
            ends_at = int(stops_at(self._s, slot, ends_at))
        put_heap(head, self._s.heap, ends_at, int(head[at.STAMPS]), slot)

    def _retime_engine(self, replica: int, slowdown: float) -> bool:
        """Re-time a model or batch server's running step; False where there is none to re-time."""
        discipline = self._discipline(replica)
        if discipline == at.MODEL:
            ends_at = llm_retime(self._s.llm, replica, self.now, slowdown)
        elif discipline == at.PROCESSORS:
            self._turn_cores(replica, cpu.SLOWDOWN, slowdown)
            return True
        elif discipline == at.BATCHES:
            ends_at = batch_retime(self._s.batch, replica, self.now, slowdown)
        else:
            return False
        self._s.replicas[replica, at.R_STAMP] = 0
        if ends_at >= 0:
            set_replica_timer(self._s, replica, ends_at)
        elif slowdown > 0.0:
            self._put(at.ENGINE, replica)
        return True

    def _set_cores(self, replica: int, knob: ReplicaKnob, value: float) -> None:
        if self._discipline(replica) != at.PROCESSORS:
            return
        column, period_ns = cpu.CORES, int(self._s.cpu_ints[replica, cpu.PERIOD_NS])
        if knob is ReplicaKnob.CPU_LIMIT:
            column, value = cpu.QUOTA, cpu.quota(value, period_ns)
        # An affliction on something else tells every knob again; the quota is not filled for that.
        if self._s.cpu_floats[replica, column] != value:
            self._turn_cores(replica, column, value)

    def _turn_cores(self, replica: int, column: int, value: float) -> None:
        head = self._s.head
        while (
            head[at.HEAP_COUNT] + 8 > len(self._s.heap)
            or head[at.WORK_COUNT] + 8 > self._s.work.shape[0]
        ):
            self._make_room()
        turn_cores(self._s, replica, column, value)

    def _renew_quota(self, replica: int) -> None:
        """Start a new process: what its predecessor had used up of a period is forgotten."""
        self._turn_cores(replica, cpu.QUOTA, float(self._s.cpu_floats[replica, cpu.QUOTA]))

    def _set_reachable(self, replica: int, reachable: bool) -> None:
        s = self._s
        if bool(s.replicas[replica, at.R_REACHABLE]) == reachable:
            return
        settle_at(s.key, replica, self.now)
        s.replicas[replica, at.R_REACHABLE] = reachable
        self._retime_replay(replica)
        self._watch_primary(int(s.replicas[replica, at.R_POOL]))
        slowdown = float(s.replica_floats[replica, at.R_SLOWDOWN])
        self._retime_engine(replica, slowdown if reachable else 0.0)
        for slot in self._frames_at(replica):
            (self._thaw if reachable else self._freeze)(slot)
        if reachable:
            self._thaw_answers(replica)
            self._put(at.RELEASE, replica)
        self._note_consumers(int(s.replicas[replica, at.R_POOL]))

    def _freeze(self, slot: int) -> None:
        """Stop the clock of running work; what is left of it stands in END_AT."""
        call = self._s.slots[slot]
        if call[at.STATE] not in {at.WORKING, at.STREAMING}:
            return
        if call[at.STATE] == at.WORKING:
            self._s.replicas[call[at.REPLICA], at.R_WORKING] -= 1
        else:
            call[at.FIRST_AT] -= self.now
        call[at.PENDING] = call[at.STATE]
        call[at.STATE] = at.FROZEN
        call[at.STAMP] = 0
        call[at.END_AT] -= self.now

    def _thaw(self, slot: int) -> None:
        call = self._s.slots[slot]
        if call[at.STATE] == at.FROZEN:
            call[at.STATE] = call[at.PENDING]
            call[at.PENDING] = 0
            if call[at.STATE] == at.WORKING:
                self._s.replicas[call[at.REPLICA], at.R_WORKING] += 1
            else:
                call[at.FIRST_AT] += self.now
            self._restart(slot, int(call[at.END_AT]))
        elif call[at.STATE] == at.HUNG:
            self._put(at.ARRIVE, slot, int(call[at.SERIAL]))
        elif call[at.PARKED] and call[at.STATE] != at.RETURNING:
            call[at.PARKED] = 0
            self._put(at.TIMER, slot, int(call[at.SERIAL]))

    def _thaw_answers(self, replica: int) -> None:
        """Deliver the answers that came while their reader stood still."""
        slots = self._s.slots
        parked = np.flatnonzero((slots[:, at.STATE] == at.RETURNING) & (slots[:, at.PARKED] != 0))
        for slot in parked[np.argsort(slots[parked, at.SERIAL])]:
            parent = slots[slot, at.PARENT]
            if parent >= 0 and slots[parent, at.REPLICA] == replica:
                slots[slot, at.PARKED] = 0
                self._put(at.ANSWER, int(slot), int(slots[slot, at.SERIAL]))

    def turn_pool(self, pool: int, knob: PoolKnob, value: float) -> None:
        """Turn a knob of a component as a whole."""
        row, floats = self._s.pools[pool], self._s.pool_floats[pool]
        spec = self.spec.pools[pool].discipline
        if knob is PoolKnob.QUEUE_MAX:
            row[at.P_QUEUE_MAX] = int(value)
            self._set_engine_queues(pool, int(value))
        elif knob in CACHE_KNOBS:
            if row[at.P_CONTENT] == at.CACHE:
                turn_cache(self._s, pool, knob, value, self._replicas, self.now)
        elif knob is PoolKnob.SHED_PERCENT:
            self._s.sheds[pool, S_SCALE] = value / 100.0
        elif knob in INDEX_KNOBS:
            if isinstance(spec, Workers) and isinstance(spec.content, VectorIndex):
                turn_index(self._s, pool, knob, value, self.now)
                if knob is PoolKnob.EF:
                    row[at.P_RECALL] = quality(recall(value))
                    floats[at.P_INDEX_NS] = index_ns(spec.content, value)
        elif knob in LIMIT_KNOBS:
            turn_limit(self._s, pool, knob, value)
            for replica in np.flatnonzero(self._s.replicas[: self._replicas, at.R_POOL] == pool):
                look_again(self._s, int(replica), self.now)
            self._settle_instant()
        elif knob in _BATCH_POOL_COLUMNS:
            self._s.batch_pools[pool, _BATCH_POOL_COLUMNS[knob]] = value
        elif knob in _BATCH_COLUMNS and isinstance(spec, Batch):
            most = spec.batch_max if knob is PoolKnob.BATCH_MAX else int(value)
            self._turn_batches(pool, _BATCH_COLUMNS[knob], min(int(value), most))
        elif isinstance(spec, External):
            turn_provider(self._s, pool, knob, value, self.now)
        else:
            self._turn_store(pool, knob, value)
            self._turn_objects(pool, knob, value)
            self._turn_queue(pool, knob, value)

    def _turn_batches(self, pool: int, column: int, value: int) -> None:
        """Turn every batch server of a pool, those to come as well; what runs goes on."""
        self._turned[pool, column] = value
        for replica in np.flatnonzero(self._s.replicas[: self._replicas, at.R_POOL] == pool):
            self._s.batch.ints[replica, column] = value
            if self._s.replicas[replica, at.R_ALIVE]:
                self._put(at.ENGINE, int(replica))
        self._settle_instant()

    def _set_engine_queues(self, pool: int, value: int) -> None:
        from simulator.plant import llm_tables  # noqa: PLC0415  column names collide here

        for replica in range(self._replicas):
            if self._s.replicas[replica, at.R_POOL] == pool:
                if self._discipline(replica) == at.MODEL:
                    self._s.llm.ints[replica, llm_tables.QUEUE_MAX] = value
                elif self._discipline(replica) == at.BATCHES:
                    self._turned[pool, batch.QUEUE_MAX] = value
                    self._s.batch.ints[replica, batch.QUEUE_MAX] = value

    def turn_edge(self, edge: int, knob: EdgeKnob, value: float) -> None:
        """Turn a knob of an edge; attempts under way keep the timer they have."""
        row, floats = self._s.edges[edge], self._s.edge_floats[edge]
        if knob in _EDGE_COLUMNS:
            row[_EDGE_COLUMNS[knob]] = int(value)
            if knob in _EDGE_LANES:
                row[_EDGE_LANES[knob]] = self._lanes.of(int(value))
                self._s.head[at.LANES_USED] = len(self._lanes.by_delay)
        elif knob is EdgeKnob.RETRY_BUDGET:
            floats[at.E_RETRY_BUDGET] = value
        elif knob in {EdgeKnob.LOSS, EdgeKnob.JITTER_NS}:
            self._s.wires[edge, W_LOSS if knob is EdgeKnob.LOSS else W_JITTER_NS] = value
            note_far(self._s)
        elif knob is EdgeKnob.DIVERT_SHARE:
            floats[at.E_DIVERT_SHARE] = value
        elif knob is EdgeKnob.POOL_MAX or knob is EdgeKnob.POOL_TIMEOUT_NS:
            self._turn_pool_of(edge, knob, int(value))
        else:
            floats[at.E_RATE_PER_NS] = value / _SECOND
            floats[at.E_LEFT] = max(value, 1.0)
            floats[at.E_FILLED_AT] = self.now

    def _turn_pool_of(self, edge: int, knob: EdgeKnob, value: int) -> None:
        """Turn a knob of an edge's connection pools, where it has any."""
        if not self._s.edges[edge, at.E_GUARDED] & at.POOLED:
            return
        if knob is EdgeKnob.POOL_MAX:
            set_pool_max(self._s, edge, max(value, 1))
            self._settle_instant()
            return
        self._s.pooled[edge, X_TIMEOUT_NS] = value

    def turn_class(self, request_class: int, knob: ClassKnob, value: float) -> None:
        """Turn a knob at the door of a class."""
        row, floats = self._s.classes[request_class], self._s.class_floats[request_class]
        if knob in _CLASS_COLUMNS:
            row[_CLASS_COLUMNS[knob]] = int(value)
        elif knob is ClassKnob.SHED_SHARE:
            floats[at.C_SHED_SHARE] = value
        elif knob is ClassKnob.UNSAFE_SHARE:
            floats[at.C_UNSAFE] = value
        elif knob is ClassKnob.MIX_SHARE:
            floats[at.C_MIX_SHARE] = value
        elif knob is ClassKnob.HOT_TENANT_SHARE:
            self._s.manner_floats[request_class, of.F_HOT] = value
        else:
            floats[at.C_RATE_PER_NS] = value / _SECOND
            floats[at.C_LEFT] = max(value, 1.0)
            floats[at.C_FILLED_AT] = self.now

    def turn_tenant(self, request_class: int, tenant: int, knob: TenantKnob, value: float) -> None:
        """Turn a quota of one tenant, of all of them with -1; what has gathered is kept."""
        first, count = (int(n) for n in self._s.manners[request_class, _TENANTS])
        rows = (
            slice(first, first + count) if tenant < 0 else slice(first + tenant, first + tenant + 1)
        )
        if knob is TenantKnob.CONCURRENCY_MAX:
            self._s.tenants[rows, of.T_CONCURRENCY_MAX] = int(value)
            return
        requests = knob is TenantKnob.REQUESTS_PER_MINUTE
        rate = of.TF_REQUESTS_PER_NS if requests else of.TF_TOKENS_PER_NS
        left = of.TF_REQUESTS if requests else of.TF_TOKENS
        for bucket in self._s.tenant_floats[rows]:
            had_none = bucket[rate] <= 0.0
            refill(bucket, self.now)
            bucket[rate] = value / _MINUTE
            bucket[left] = value if had_none else min(bucket[left], value)

    def set_arrival_multiplier(self, request_class: int, value: float) -> None:
        """Thin the base stream below 1; add streams of the same rate above 1."""
        self._feed.multipliers[request_class] = value
        self._reload_arrivals()

    def set_other_mix(
        self, request_class: int, prompt: Distribution | None, output: Distribution | None
    ) -> None:
        """Say what MIX_SHARE of the class's arrivals ask for; None keeps the class's own."""
        row = self._s.classes[request_class]
        for column, law in ((at.C_OTHER_PROMPT_LAW, prompt), (at.C_OTHER_OUTPUT_LAW, output)):
            row[column] = -1 if law is None else self._programs.law(law)
        self._s.replace(laws=law_table(self._programs.laws))

    def stop_arrivals(self, at_: int) -> None:
        """Admit no arrival from that instant on, and let nobody ask the next thing: the horizon."""
        self._feed.stops_at = at_
        self._s.head[at.ENDS_AT] = at_
        self._reload_arrivals()
