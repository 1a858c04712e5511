"""Replicas come and go, and caches are flushed and warmed."""

import numpy as np

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.api import Impairment, SignalKind
from simulator.plant.arrivals import name_key
from simulator.plant.batch import batch_configure, batch_reset
from simulator.plant.cache import not_held, warm
from simulator.plant.cache_entries import remove_all
from simulator.plant.cache_tables import give_room
from simulator.plant.cpu import cpu_configure
from simulator.plant.index_tables import free_slot_of, pass_on_slot
from simulator.plant.knobs import Turning
from simulator.plant.layout import Ints
from simulator.plant.limits import TARGET
from simulator.plant.limits_tables import LIMIT, begin_uses, grown_uses, restart_uses
from simulator.plant.listing import list_ready
from simulator.plant.llm import llm_reset
from simulator.plant.llm_tables import llm_configure
from simulator.plant.network_tables import begin_impairment, end_impairment
from simulator.plant.object_tables import wider_transfers
from simulator.plant.objects import F_AT
from simulator.plant.pooling import close_pools, cut_off, wider_conns
from simulator.plant.programs import reaches
from simulator.plant.queues import goes_by_priority, level_rows
from simulator.plant.snapshots import settle_at
from simulator.plant.spec import Batch, Cpu, Llm, Workers
from simulator.plant.storing import wider_replays
from simulator.plant.tables import signal_replica

# On the wire, not at the replica.
_GONE = {at.SENT, at.RETURNING, at.STRAYED, at.CONNECTING, at.HUNG}
_NEVER = 1 << 62
_LINKS = (at.R_QUEUE_HEAD, at.R_QUEUE_TAIL, at.R_KEY_NEWEST, at.R_KEY_OLDEST)


class Lifecycle(Turning):
    """The plant's replicas and contents."""

    def impair(self, impairment: Impairment) -> int:
        """Let trouble begin on the network; its number, to end it by."""
        return begin_impairment(self._s, impairment)

    def repair(self, number: int) -> None:
        """End it. What was sent meanwhile arrives when it is sent again, or has been given up."""
        end_impairment(self._s, number)

    def add_replica(self, pool: int, ordinal: int, zone: int = 0) -> int:
        """Make a row for the pool's ordinal-th pod, not ready; draws are keyed by the ordinal."""
        replica = self._replicas
        if replica == len(self._s.replicas):
            self._grow_replicas()
        self._replicas += 1
        s, spec = self._s, self.spec.pools[pool]
        row, floats = s.replicas[replica], s.replica_floats[replica]
        row[at.R_POOL], row[at.R_ORDINAL], row[at.R_ZONE] = pool, ordinal, zone
        row[at.R_ALIVE] = row[at.R_REACHABLE] = 1
        row[list(_LINKS)] = row[at.R_PLACE] = -1
        row[at.R_QUALITY] = s.pools[pool, at.P_QUALITY]
        row[[at.R_BORN_AT, at.R_BUSY_SINCE, at.R_CPU_SETTLED_AT]] = self.now
        floats[[at.R_SLOWDOWN, at.R_WEIGHT]] = 1.0
        floats[at.R_TURN] = -1.0  # has had none
        if spec.limits is not None:
            target = self._add_target(LIMIT, replica, 0, _NEVER)
            begin_uses(self._s, replica, spec, target, self.now)
            restart_uses(self._s, replica, self.now)
        self._begin_replay(replica)
        if s.pools[pool, at.P_CONTENT] == at.OBJECTS:
            s.transfers[replica, F_AT] = self.now
        key = chance.mix(chance.mix(self.seed % (1 << 63), name_key(spec.name)), ordinal)
        if isinstance(spec.discipline, Workers):
            row[at.R_WORKERS] = spec.discipline.workers
            row[at.R_SLOT] = -1
            row[at.R_SLOT] = free_slot_of(s, pool, self._replicas)
            if s.pools[pool, at.P_OPTIONS] and s.pools[pool, at.P_CONTENT] == at.CACHE:
                give_room(s, replica)
        elif isinstance(spec.discipline, Cpu):
            row[at.R_WORKERS] = spec.discipline.threads_max
            cpu_configure(self._cpu(), replica, spec.discipline, int(key), self.now)
        elif isinstance(spec.discipline, Llm):
            llm_configure(self._s.llm, replica, spec.discipline, int(key), pool)
        elif isinstance(spec.discipline, Batch):
            batch_configure(self._s.batch, replica, spec.discipline)
            for (turned, column), value in self._turned.items():
                if turned == pool:
                    s.batch.ints[replica, column] = value
        return replica

    def _grow_replicas(self) -> None:
        s = self._s
        rows = 2 * len(s.replicas)
        replicas = np.zeros((rows, s.replicas.shape[1]), dtype=np.int64)
        replicas[: len(s.replicas)] = s.replicas
        floats = np.zeros((rows, at.REPLICA_FLOATS))
        floats[: len(s.replicas)] = s.replica_floats
        outliers = np.zeros((len(s.outliers), rows, at.OUTLIER_COLUMNS), dtype=np.int64)
        outliers[:, : s.outliers.shape[1]] = s.outliers
        s.replace(uses=grown_uses(s, rows))
        conns = wider_conns(s.conns, len(s.replicas), rows)
        s.replace(replicas=replicas, replica_floats=floats, outliers=outliers, conns=conns)
        if goes_by_priority(self.spec):
            levels = level_rows(rows)
            levels[: len(s.levels)] = s.levels
            s.replace(levels=levels)
        s.replace(replays=wider_replays(s.replays, rows))
        s.replace(transfers=wider_transfers(s.transfers, rows))
        self._grow_engines()

    def set_ready(self, replica: int, *, ready: bool) -> None:
        """Let the balancer choose it, or not; calls in flight go on."""
        row = self._s.replicas[replica]
        if ready and (not row[at.R_ALIVE] or row[at.R_REMOVED]):
            return
        row[at.R_READY] = ready
        list_ready(self._s, int(row[at.R_POOL]), self._replicas)
        self._watch_primary(int(row[at.R_POOL]))
        self._note_consumers(int(row[at.R_POOL]))

    def drain(self, replica: int) -> None:
        """Take no new calls, finish those in flight, then signal DRAINED."""
        self.set_ready(replica, ready=False)
        row = self._s.replicas[replica]
        if row[at.R_PRESENT] > 0:
            row[at.R_DRAINING] = 1
            return
        signal_replica(self._s, int(SignalKind.DRAINED), replica, 0)
        self._s.head[at.STOPPED] = 1

    def kill(self, replica: int) -> None:
        """Fail its calls at once, lose its content; not ready until told so again."""
        row = self._s.replicas[replica]
        if not row[at.R_ALIVE]:
            return
        settle_at(self._s.key, replica, self.now)
        cut_off(self._s, replica)
        row[at.R_ALIVE] = row[at.R_DRAINING] = row[at.R_STAMP] = 0
        self.set_ready(replica, ready=False)
        for slot in self._frames_at(replica):
            call = self._s.slots[slot]
            inside = call[at.KIND] == at.CALL and call[at.STATE] not in _GONE
            if inside or call[at.KIND] == at.RENEWAL:
                self._put(at.DROP, slot, int(call[at.SERIAL]))
        self._settle_instant()
        close_pools(self._s, replica)
        if self._discipline(replica) == at.MODEL:
            llm_reset(self._s.llm, replica)
        elif self._discipline(replica) == at.BATCHES:
            batch_reset(self._s.batch, replica)
        elif self._discipline(replica) == at.PROCESSORS:
            self._renew_quota(replica)
        self._s.replicas[replica, at.R_STAMP] = 0
        self._forget(replica)
        self._retime_replay(replica)

    def revive(self, replica: int) -> None:
        """Start the process of a killed row afresh: empty, healthy knobs kept as set, not ready."""
        row = self._s.replicas[replica]
        if row[at.R_REMOVED]:
            return
        row[at.R_ALIVE] = 1
        if self._discipline(replica) == at.PROCESSORS:
            self._renew_quota(replica)
        if self._s.pools[row[at.R_POOL], at.P_LIMITED]:
            restart_uses(self._s, replica, self.now)
        self._retime_replay(replica)
        row[[at.R_BUSY_SINCE, at.R_CPU_SETTLED_AT]] = self.now

    def remove(self, replica: int) -> None:
        """Kill it and never use the row again."""
        self.kill(replica)
        row = self._s.replicas[replica]
        row[at.R_REMOVED] = 1
        pass_on_slot(self._s, int(row[at.R_POOL]), int(row[at.R_SLOT]), self._replicas)
        if self._s.pools[self._s.replicas[replica, at.R_POOL], at.P_LIMITED]:
            self.stop_scraping(int(self._s.uses[replica, TARGET]))
        # Its address is gone: who hung on a host that did not answer is told at last.
        for slot in self._frames_at(replica):
            call = self._s.slots[slot]
            if call[at.KIND] == at.CALL and call[at.STATE] == at.HUNG:
                self._put(at.DROP, slot, int(call[at.SERIAL]))
        self._settle_instant()

    def _forget(self, replica: int) -> int:
        """Delete every key of one replica; those who wait for a flight are told to fetch."""
        s = self._s
        for slot in self._frames_at(replica):
            call = s.slots[slot]
            if call[at.STATE] == at.IN_FLIGHT_WAIT:
                call[at.STATE], call[at.ENTRY] = at.RUNNING, -1
                call[at.MISS_0], call[at.RESULT] = replica, at.MISSED
                s.replicas[replica, at.R_MISSES] += 1
                self._put(at.FINISH, slot, int(call[at.SERIAL]))
        entries = np.flatnonzero(s.keys[:, at.K_REPLICA] == replica)
        remove_all(s, entries)
        self._settle_instant()
        return len(entries)

    def flush_cache(self, pool: int) -> int:
        """Delete every key; return how many there were."""
        if self._s.pools[pool, at.P_CONTENT] != at.CACHE:
            return 0
        rows = self._s.replicas[: self._replicas, at.R_POOL] == pool
        return sum(self._forget(int(replica)) for replica in np.flatnonzero(rows))

    def warm_cache(self, pool: int, share: float) -> int:
        """Fill up to `share` of capacity with the most popular keys; return how many were added."""
        rows = np.flatnonzero(
            (self._s.replicas[: self._replicas, at.R_POOL] == pool)
            & (self._s.replicas[: self._replicas, at.R_ALIVE] != 0)
        )
        if self._s.pools[pool, at.P_CONTENT] != at.CACHE:
            return 0
        return sum(self._warm(int(replica), share) for replica in rows)

    def _warm(self, replica: int, share: float) -> int:
        pool = int(self._s.replicas[replica, at.R_POOL])
        keys_max = int(self._s.pools[pool, at.P_KEYS_MAX])
        room = int(share * keys_max) - int(self._s.replicas[replica, at.R_KEYS])
        wanted = self._popular_keys(pool, keys_max)
        found = np.zeros(max(room, 0), dtype=np.int64)
        missing = found[: not_held(self._s, replica, wanted, found)]
        while self._s.head[at.KEYS_FREE_COUNT] < len(missing) + self._s.head[at.MARGIN]:
            self._grow_keys()
        warm(self._s, replica, missing, int(self._s.pools[pool, at.P_TTL_NS]))
        return len(missing)

    def _popular_keys(self, pool: int, count: int) -> Ints:
        """List the most popular keys of the classes that call the pool, rank by rank."""
        if (pool, count) not in self._popular:
            name = self.spec.pools[pool].name
            ranks, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
            for row, spec in enumerate(self.spec.classes):
                if spec.keys > 0 and reaches(self.spec, spec, name):
                    ranks.append(np.arange(min(spec.keys, count), dtype=np.int64))
                    keys.append(((row + 1) << 40) + ranks[-1])
            order = np.argsort(np.concatenate(ranks), kind="stable")[:count]
            self._popular[pool, count] = np.concatenate(keys)[order]
        return self._popular[pool, count]
