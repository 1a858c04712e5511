"""Relational stores: who is asked, how rows are locked, what a read sees, when a write commits.

A write holds the lock of its row from before it works until it has committed; others that write
the same row wait, first come first served. Reads take no lock. The locks of rows are entries of
`keys` (store_tables.py says how), the primary's own.
"""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant import store_tables as st
from simulator.plant.brokers import enqueue
from simulator.plant.cache_entries import find, insert, key_of
from simulator.plant.jit import internal, rare
from simulator.plant.layout import State
from simulator.plant.loads import load_of
from simulator.plant.objects import admit, begin_transfer
from simulator.plant.replication import catch_up, note_commit
from simulator.plant.tables import put_work, set_timer, then

_RANK = (1 << 40) - 1


@internal
def row_of(s: State, slot: int) -> int:
    """Name the row a call reads or writes; -1 where nobody else asks for it.

    Classes with cache keys share rows, rank by rank; a hot row draws calls from all others.
    """
    call = s.slots[slot]
    hot = s.databases[call[at.POOL], st.S_HOT]
    if hot > 0:
        u = chance.uniform(chance.mix(call[at.ROOT_KEY], chance.HOT_ROW))
        if u * at.CHANCE_ONE < hot:
            return 0
    if s.classes[call[at.CLASS], at.C_KEYS] == 0:
        return -1
    return key_of(s, call[at.CLASS], call[at.ROOT_KEY]) & _RANK


@internal
def place_in_store(s: State, pool: int, edge: int, key: int, frame: int) -> int:
    """Choose the primary for writes, one of the others for reads; -1 where there is none.

    Round robin takes readers in turn; every other policy compares two that it draws.
    """
    row, store = s.pools[pool], s.databases[pool]
    primary = store[st.S_PRIMARY]
    mine = s.replicas[primary, at.R_PLACE] if primary >= 0 else -1
    writes = s.prog[s.slots[frame, at.CALL_PC], at.DEPTH] == st.WRITE_CALL
    readers = row[at.P_READY_COUNT] - (1 if mine >= 0 else 0)
    if writes or store[st.S_READS_PRIMARY] or readers == 0:
        return mine
    if s.edges[edge, at.E_BALANCE] == at.ROUND_ROBIN:
        one = s.edges[edge, at.E_TURN] % readers
        s.edges[edge, at.E_TURN] += 1
        return one + 1 if 0 <= mine <= one else one
    draw = chance.mix(key, chance.BALANCE)
    one = int(chance.uniform(draw) * readers)
    other = int(chance.uniform(chance.mix(draw, chance.BALANCE)) * readers)
    one = one + 1 if 0 <= mine <= one else one
    other = other + 1 if 0 <= mine <= other else other
    ready = row[row[at.P_READY] :]
    return other if load_of(s, ready[other]) < load_of(s, ready[one]) else one


@rare
def serve_step(s: State, slot: int, op: int) -> int:
    """Do what only stores and queues do: lock, commit, look what a read sees, take a message."""
    if op == at.DO_LOCK:
        return _lock(s, slot)
    if op == at.DO_ENQUEUE:
        return enqueue(s, slot)
    if op == at.DO_ADMIT:
        return admit(s, slot)
    if op == at.DO_TRANSFER:
        return begin_transfer(s, slot)
    call = s.slots[slot]
    if op == at.DO_COMMIT:
        hold = s.databases[call[at.POOL], st.S_HOLD_NS]
        if hold > 0 and call[at.STATE] != at.COMMITTING:
            call[at.STATE] = at.COMMITTING
            s.replicas[call[at.REPLICA], at.R_HELD_OPEN] += 1
            set_timer(s, slot, s.head[at.NOW] + hold, -1)
            return then(at.NOTHING, 0)
        return commit(s, slot)
    _read(s, slot)
    call[at.PC] += 1
    return then(at.STEP, slot)


@internal
def _lock(s: State, slot: int) -> int:
    """Take the lock of the row a call writes, or wait for it."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    store = s.databases[call[at.POOL]]
    if store[st.S_PRIMARY] != r:
        call[at.RESULT] = at.FAILED  # a read-only transaction
        return then(at.FINISH, slot)
    s.replicas[r, at.R_LOCKS] += 1
    row = row_of(s, slot)
    if row < 0:
        call[at.ENTRY] = at.NO_ROW
        call[at.PC] += 1
        return then(at.STEP, slot)
    entry = find(s, r, row)
    if entry < 0:
        entry = insert(s, r, row, 1)
        s.keys[entry, st.K_HOLDER] = -1
        s.keys[entry, st.K_WRITTEN] = 0
    call[at.ENTRY] = entry
    if s.keys[entry, st.K_HOLDER] < 0:
        s.keys[entry, st.K_HOLDER] = slot
        call[at.PC] += 1
        return then(at.STEP, slot)
    tail = s.keys[entry, at.K_WAIT_TAIL]
    call[at.STATE] = at.LOCK_WAIT
    call[at.PREVIOUS] = tail
    call[at.NEXT] = -1
    if tail >= 0:
        s.slots[tail, at.NEXT] = slot
    else:
        s.keys[entry, at.K_WAIT_HEAD] = slot
    s.keys[entry, at.K_WAIT_TAIL] = slot
    now, timeout, deadline = s.head[at.NOW], store[st.S_LOCK_TIMEOUT_NS], call[at.DEADLINE]
    if timeout > 0 and (deadline == 0 or now + timeout < deadline):
        set_timer(s, slot, now + timeout, -1)
    elif deadline > 0:
        set_timer(s, slot, max(deadline, now), -1)
    return then(at.NOTHING, 0)


@internal
def _unlink(s: State, slot: int) -> None:
    call = s.slots[slot]
    entry, before, after = call[at.ENTRY], call[at.PREVIOUS], call[at.NEXT]
    if before >= 0:
        s.slots[before, at.NEXT] = after
    else:
        s.keys[entry, at.K_WAIT_HEAD] = after
    if after >= 0:
        s.slots[after, at.PREVIOUS] = before
    else:
        s.keys[entry, at.K_WAIT_TAIL] = before


@rare
def let_lock_go(s: State, slot: int) -> None:
    """Take a call out of those that hold a lock or wait for one; the next may go on."""
    call = s.slots[slot]
    entry = call[at.ENTRY]
    s.replicas[call[at.REPLICA], at.R_LOCKS] -= 1
    if call[at.STATE] == at.COMMITTING:
        s.replicas[call[at.REPLICA], at.R_HELD_OPEN] -= 1
    if call[at.STATE] == at.LOCK_WAIT:
        _unlink(s, slot)
        call[at.ENTRY] = -1
        return
    call[at.ENTRY] = -1
    if entry == at.NO_ROW:
        return
    waiter = s.keys[entry, at.K_WAIT_HEAD]
    s.keys[entry, st.K_HOLDER] = waiter
    if waiter >= 0:
        _unlink(s, waiter)
        following = s.slots[waiter]
        following[at.STATE] = at.RUNNING
        following[at.STAMP] = following[at.PARKED] = 0
        following[at.PC] += 1
        put_work(s.head, s.work, at.STEP, waiter, following[at.SERIAL])


@rare
def time_out_lock(s: State, slot: int) -> int:
    """Fail a write that has waited too long for its row."""
    call = s.slots[slot]
    s.replicas[call[at.REPLICA], at.R_LOCK_TIMEOUTS] += 1
    let_lock_go(s, slot)
    call[at.STATE] = at.RUNNING
    call[at.RESULT] = at.FAILED
    return then(at.FINISH, slot)


@rare
def commit(s: State, slot: int) -> int:
    """Number the write; one whose server is the primary no longer is rolled back."""
    call = s.slots[slot]
    if call[at.STATE] == at.COMMITTING:
        s.replicas[call[at.REPLICA], at.R_HELD_OPEN] -= 1
    call[at.STATE] = at.RUNNING
    if s.databases[call[at.POOL], st.S_PRIMARY] != call[at.REPLICA]:
        call[at.RESULT] = at.FAILED
        return then(at.FINISH, slot)
    number = note_commit(s, call[at.POOL])
    if call[at.ENTRY] != at.NO_ROW:
        s.keys[call[at.ENTRY], st.K_WRITTEN] = number
    call[at.PC] += 1
    return then(at.STEP, slot)


@internal
def _read(s: State, slot: int) -> None:
    """See whether the row was written since the replica's last applied write: then it is stale."""
    call = s.slots[slot]
    store, r = s.databases[call[at.POOL]], call[at.REPLICA]
    primary = store[st.S_PRIMARY]
    row = row_of(s, slot)
    if primary < 0 or r == primary or row < 0:
        return
    entry = find(s, primary, row)
    if entry < 0:
        return
    catch_up(s, r, s.head[at.NOW])
    if s.keys[entry, st.K_WRITTEN] > s.replays[r, st.Y_APPLIED]:
        store[st.S_STALE_READS] += 1
        call[at.QUALITY] = (call[at.QUALITY] * store[st.S_STALE_QUALITY]) >> at.ONE_BITS
