"""What every part of the plant's Python side shares: the tables, room to grow, the worklist."""

from abc import ABC, abstractmethod

import numpy as np

from simulator.plant import layout as at
from simulator.plant.api import Pause
from simulator.plant.arrivals import MINUTE, Feed
from simulator.plant.batch import batch_grow
from simulator.plant.build import build, key_rows, slot_rows
from simulator.plant.cache_entries import bucket_of
from simulator.plant.cache_tables import keep_facts
from simulator.plant.cpu import CpuTables, cpu_grow
from simulator.plant.jit import compiled
from simulator.plant.kernel import SIGNALLED, SLICE, SPACE, run
from simulator.plant.layout import Ints
from simulator.plant.llm_tables import llm_grow
from simulator.plant.spec import Batch, Cpu, Llm, PlantSpec
from simulator.plant.tables import compact_heap, put_work

_SLICE_EVENTS = 1 << 20


@compiled
def _hang_up(keys: Ints, buckets: Ints) -> None:
    """Hang every entry in use on its chain, the oldest row last, as if just inserted."""
    for entry in range(keys.shape[0]):
        if keys[entry, at.K_REPLICA] >= 0:
            bucket = bucket_of(buckets, keys[entry, at.K_REPLICA], keys[entry, at.K_KEY])
            keys[entry, at.K_CHAIN] = buckets[bucket]
            buckets[bucket] = entry


class PlantCore(ABC):
    """Tables, time and growth; the parts that turn and read them build on it."""

    def __init__(self, spec: PlantSpec, seed: int, feed: Feed, capacity: int) -> None:
        self.spec = spec
        self.seed = seed
        self.now = 0
        self._feed = feed
        self._s, self._programs, self._lanes = build(spec, seed, max(capacity, 16))
        self._replicas = 0
        self._models = any(isinstance(pool.discipline, Llm) for pool in spec.pools)
        self._processors = any(isinstance(pool.discipline, Cpu) for pool in spec.pools)
        self._batches = any(isinstance(pool.discipline, Batch) for pool in spec.pools)
        self._popular: dict[tuple[int, int], Ints] = {}  # pool and count to its best keys
        self._turned: dict[tuple[int, int], int] = {}  # pool and column of its batch servers
        self._instant_is_over = False  # no more arrivals at `now`, whatever is turned

    def advance(self, until: int, *, inclusive: bool) -> Pause:
        """Run events before `until` (and at it, if inclusive); may return early with a reason."""
        self._instant_is_over = self._instant_is_over and until == self.now
        while True:
            if self._feed.minute < 0 or self.now >= (self._feed.minute + 1) * MINUTE:
                self._load(self._feed.minute + 1)
            ends_at = (self._feed.minute + 1) * MINUTE
            last = until < ends_at or (until == ends_at and not inclusive)
            target, closed = (until, inclusive) if last else (ends_at, False)
            reason = run(self._s.key, target, closed, _SLICE_EVENTS)
            self.now = int(self._s.head[at.NOW])
            if reason == SPACE:
                self._make_room()
            elif reason == SIGNALLED:
                return Pause.SIGNAL
            elif reason == SLICE:
                return Pause.SLICE
            elif last:
                self._instant_is_over = inclusive
                return Pause.DONE

    def _load(self, minute: int) -> None:
        self._set_arrivals(self._feed.load(minute))
        bins_needed = ((minute + 1) * MINUTE) // self.spec.bin_ns + 1
        if self._s.bins.shape[0] < bins_needed:
            self._s.replace(bins=_taller(self._s.bins, 2 * bins_needed))

    def _set_arrivals(self, arrivals: Ints) -> None:
        self._s.replace(arrivals=arrivals)
        self._s.head[at.ARRIVAL_AT] = 0
        self._s.head[at.ARRIVAL_COUNT] = len(arrivals)

    def _reload_arrivals(self) -> None:
        """Lay out the minute again after its rate was turned; what has arrived stays arrived."""
        if self._feed.minute < 0:
            return
        head = self._s.head
        here = self._s.arrivals
        done = {int(row[2]) for row in here[: head[at.ARRIVAL_AT]] if row[0] == self.now}
        table = self._feed.load(self._feed.minute)
        later = table[:, 0] > self.now
        if not self._instant_is_over:
            new = np.array([int(key) not in done for key in table[:, 2]], dtype=bool)
            later |= (table[:, 0] == self.now) & new
        self._set_arrivals(np.ascontiguousarray(table[later]))

    def _put(self, op: int, row: int, serial: int = 0) -> None:
        if self._s.head[at.WORK_COUNT] + 8 > self._s.work.shape[0]:
            self._make_room()
        put_work(self._s.head, self._s.work, op, row, serial)

    def _settle_instant(self) -> None:
        """Do at once whatever a turned knob has made possible; no event is taken for it."""
        while True:
            reason = run(self._s.key, self.now, False, 0)
            if reason == SPACE:
                self._make_room()
                continue
            if reason == SIGNALLED:
                self._s.head[at.STOPPED] = 1  # for the next advance to say
            return

    def _make_room(self) -> None:
        """Double whatever is short of room; nothing that happens later is changed by it."""
        s, head = self._s, self._s.head
        margin = int(head[at.MARGIN])
        if head[at.HEAP_COUNT] + margin > s.heap.shape[0]:
            compact_heap(head, s.heap, s.slots, s.replicas)
            if 2 * head[at.HEAP_COUNT] + margin > s.heap.shape[0]:
                s.replace(heap=_taller(s.heap, 2 * len(s.heap) + margin))
        if head[at.WORK_COUNT] + margin > s.work.shape[0]:
            self._grow_work(2 * len(s.work) + margin)
        if head[at.FREE_COUNT] < margin:
            self._grow_slots()
        if head[at.KEYS_FREE_COUNT] < margin:
            self._grow_keys()
        if head[at.SCRAPE_COUNT] + head[at.TARGETS] > self._s.scrapes.shape[0]:
            self._take_scrapes()

    def _grow_work(self, size: int) -> None:
        s = self._s
        at_, count = int(s.head[at.WORK_AT]), int(s.head[at.WORK_COUNT])
        work = np.zeros((size, 3), dtype=np.int64)
        work[:count] = s.work[(at_ + np.arange(count)) % len(s.work)]
        s.head[at.WORK_AT] = 0
        s.replace(work=work)

    def _grow_slots(self) -> None:
        s = self._s
        old = len(s.slots)
        more = slot_rows(old, old)
        more[-1, at.NEXT] = s.head[at.FREE]
        s.head[at.FREE] = old
        s.head[at.FREE_COUNT] += old
        # Lanes wait in rings: what is in them moves to the front of larger ones.
        lanes = np.zeros((at.LANES_MAX, 2 * old, 3), dtype=np.int64)
        size = s.lanes.shape[1]
        for lane in range(at.LANES_MAX):
            first, count = (int(x) for x in s.lane_heads[lane, [at.LANE_AT, at.LANE_COUNT]])
            lanes[lane, :count] = s.lanes[lane, (first + np.arange(count)) % size]
            s.lane_heads[lane, at.LANE_AT] = 0
        s.replace(slots=np.concatenate([s.slots, more]), lanes=lanes)
        s.replace(span_of=np.concatenate([s.span_of, np.full(old, -1, dtype=np.int64)]))
        if len(s.users) == old:  # one row where nobody minds
            s.replace(users=np.concatenate([s.users, np.zeros_like(s.users)]))
        if len(s.loops) == old:
            s.replace(loops=np.concatenate([s.loops, np.zeros_like(s.loops)]))
        self._grow_work(max(8 * old + 1024, len(s.work)))
        self._grow_engines()

    def _grow_engines(self) -> None:
        replicas, calls = len(self._s.replicas), len(self._s.slots)
        if self._models:
            grown = llm_grow(self._s.llm, replicas, calls)
            self._s.replace(**{f"llm_{name}": table for name, table in grown.tables().items()})
        if self._processors:
            more = cpu_grow(self._cpu(), replicas, calls)
            self._s.replace(**{f"cpu_{name}": table for name, table in more._asdict().items()})
        if self._batches:
            larger = batch_grow(self._s.batch, replicas, calls)
            self._s.replace(**{f"batch_{name}": table for name, table in larger.tables().items()})

    def _cpu(self) -> CpuTables:
        s = self._s
        return CpuTables(s.cpu_ints, s.cpu_floats, s.cpu_jobs, s.cpu_ends)

    def _grow_keys(self) -> None:
        s = self._s
        old = len(s.keys)
        more = key_rows(old, old)
        more[-1, at.K_CHAIN] = s.head[at.KEYS_FREE]
        s.head[at.KEYS_FREE] = old
        s.head[at.KEYS_FREE_COUNT] += old
        keys, buckets = np.concatenate([s.keys, more]), np.full(2 * old, -1, dtype=np.int64)
        _hang_up(keys, buckets)
        s.replace(keys=keys, buckets=buckets)
        if len(s.facts) > 1:
            keep_facts(s)

    @abstractmethod
    def _take_scrapes(self) -> None:
        """Move scraped rows out of the ring; who reads them builds on this."""

    def _frames_at(self, replica: int) -> list[int]:
        """List the frames at a replica in the order they were made."""
        slots = self._s.slots
        rows = np.flatnonzero((slots[:, at.REPLICA] == replica) & (slots[:, at.STATE] != at.VACANT))
        return [int(row) for row in rows[np.argsort(slots[rows, at.SERIAL])]]


def _taller(table: Ints, rows: int) -> Ints:
    grown = np.zeros((rows, *table.shape[1:]), dtype=table.dtype)
    grown[: len(table)] = table
    return grown
