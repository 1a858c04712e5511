"""Relational stores as replicas come, go and change: what they apply, and who becomes primary."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant import store_tables as st
from simulator.plant.api import PoolKnob
from simulator.plant.arrivals import name_key
from simulator.plant.chance import draw, law_table
from simulator.plant.objects import B_PREFIX_RATE, B_TOTAL, retime_transfers, settle_transfers
from simulator.plant.readings import Readings
from simulator.plant.replication import catch_up, take_keeper, wake_keeper
from simulator.plant.spec import Distribution
from simulator.plant.storing import is_serving, make_keeper, relational_of, retime_replay

STORE_COLUMNS = {
    PoolKnob.BACKENDS_MAX: st.S_CONNECTIONS_MAX,
    PoolKnob.LOCK_HOLD_NS: st.S_HOLD_NS,
    PoolKnob.LOCK_TIMEOUT_NS: st.S_LOCK_TIMEOUT_NS,
    PoolKnob.HOT_SHARE: st.S_HOT,
    PoolKnob.REPLAY_NS: st.S_REPLAY_NS,
}

_OBJECT_COLUMNS = {
    PoolKnob.BYTES_PER_SECOND: B_TOTAL,
    PoolKnob.PREFIX_REQUESTS_PER_SECOND: B_PREFIX_RATE,
}
_SECOND = 1_000_000_000


class Standbys(Readings):
    """The plant's primaries and those who would follow them."""

    def _is_store(self, pool: int) -> bool:
        return bool(self._s.pools[pool, at.P_CONTENT] == at.STORE)

    def _make_keepers(self) -> None:
        """Give every store and queue a frame of its own."""
        for pool in range(len(self.spec.pools)):
            if self._s.pools[pool, at.P_CONTENT] in {at.STORE, at.BROKER}:
                make_keeper(self._s, int(take_keeper(self._s)), pool)

    def _begin_replay(self, replica: int) -> None:
        """Let a new replica begin with a copy of all that is committed now."""
        pool = int(self._s.replicas[replica, at.R_POOL])
        if self._is_store(pool):
            row = self._s.replays[replica]
            row[[st.Y_APPLIED, st.Y_AT]] = self._s.databases[pool, st.S_WRITTEN], self.now
            retime_replay(self._s, replica, self.now)

    def _retime_replay(self, replica: int) -> None:
        """Apply and send what has been at the old speed, and go on at the new one."""
        if self._s.pools[self._s.replicas[replica, at.R_POOL], at.P_CONTENT] == at.OBJECTS:
            retime_transfers(self._s, replica)
        if self._is_store(int(self._s.replicas[replica, at.R_POOL])):
            catch_up(self._s, replica, self.now)
            retime_replay(self._s, replica, self.now)

    def _turn_store(self, pool: int, knob: PoolKnob, value: float) -> None:
        if not self._is_store(pool) or knob not in STORE_COLUMNS:
            return
        rows = [r for r in range(self._replicas) if self._s.replicas[r, at.R_POOL] == pool]
        for replica in rows:
            catch_up(self._s, replica, self.now)
        whole = int(value * at.CHANCE_ONE) if knob is PoolKnob.HOT_SHARE else int(value)
        self._s.databases[pool, STORE_COLUMNS[knob]] = whole
        for replica in rows:
            retime_replay(self._s, replica, self.now)

    def _turn_objects(self, pool: int, knob: PoolKnob, value: float) -> None:
        if self._s.pools[pool, at.P_CONTENT] != at.OBJECTS or knob not in _OBJECT_COLUMNS:
            return
        rows = [r for r in range(self._replicas) if self._s.replicas[r, at.R_POOL] == pool]
        for replica in rows:
            settle_transfers(self._s, replica, self.now)
        self._s.objects[pool, _OBJECT_COLUMNS[knob]] = value / _SECOND
        for replica in rows:
            retime_transfers(self._s, replica)

    def _watch_primary(self, pool: int) -> None:
        """Note whether a store has its primary; where it has lost it, when another takes over."""
        if not self._is_store(pool):
            return
        store = self._s.databases[pool]
        if store[st.S_PRIMARY] < 0:
            first = [r for r in range(self._replicas) if self._s.replicas[r, at.R_POOL] == pool]
            store[st.S_PRIMARY] = next((r for r in first if is_serving(self._s, r)), -1)
            return
        keeper = int(store[st.S_KEEPER])
        if is_serving(self._s, int(store[st.S_PRIMARY])):
            store[st.S_DUE_AT] = self._s.slots[keeper, at.STAMP] = 0
        elif store[st.S_DUE_AT] == 0:
            store[st.S_DUE_AT] = self.now + self._promotion(pool)
            if self._s.head[at.HEAP_COUNT] + 8 > len(self._s.heap):
                self._make_room()
            wake_keeper(self._s, keeper, int(store[st.S_DUE_AT]))

    def _promotion(self, pool: int) -> int:
        """Draw how long it takes to find that the primary is lost, and to promote another."""
        spec = self.spec.pools[pool]
        content = relational_of(spec)
        law = content.promotion if content else Distribution("fixed", 0)
        key = chance.mix(self.seed % (1 << 63), name_key(spec.name))
        key = chance.mix(key, int(self._s.databases[pool, st.S_PROMOTIONS]) + (1 << 32))
        return int(draw(law_table([law]), 0, key))

    def primary(self, pool: int) -> int:
        """Say which replica of a relational store is its primary, ready or not; -1: none yet."""
        return int(self._s.databases[pool, st.S_PRIMARY])

    def writes_lost(self, pool: int) -> int:
        """Count committed writes of a relational store that no promoted replica had applied."""
        return int(self._s.databases[pool, st.S_LOST])

    def stale_reads(self, pool: int) -> int:
        """Count reads of a row that had been written, but not yet where it was read."""
        return int(self._s.databases[pool, st.S_STALE_READS])
