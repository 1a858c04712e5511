"""Connection pools on edges: who has a connection, who waits for one, who gets the next.

Each calling replica keeps a pool of connections to every replica it calls over a pooled edge. A
call takes an idle connection or opens one, which stays open; when `max` are taken it stands in
line, first come first served. A relational store counts what is open to it and refuses what is too
many; to it, a call over an edge without a pool opens a connection of its own. `conns` has a row per
pooled edge, caller and callee; `pooled` one per edge.
"""

from simulator.plant import layout as at
from simulator.plant import store_tables as st
from simulator.plant.guards import note_no_result
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import put_work, set_timer

# pooled: the edge's number among pooled ones (-1: none), its limit and how long one waits for it
X_NUMBER, X_MAX, X_TIMEOUT_NS = range(3)
POOLED_COLUMNS = 3
# conns: taken, open and idle, and who stands in line
N_BUSY, N_IDLE, N_WAITING, N_HEAD, N_TAIL = range(5)
CONNECTION_COLUMNS = 5

# Values of LINK: none of its own; asks for a new one; open, as the server knows; the call's own,
# which ends with it.
NO_LINK, ASKED, OPEN, OWN = range(4)
CALLEE_BITS, _CALLEE_MASK = 24, (1 << 24) - 1


@compiled
def connection_row(s: State, edge: int, caller: int, callee: int) -> int:
    """Say which row of `conns` a caller's connections to a callee have."""
    replicas = s.replicas.shape[0]
    return (s.pooled[edge, X_NUMBER] * replicas + caller) * replicas + callee


@internal
def _count(s: State, edge: int, busy: int, idle: int, waiting: int) -> None:
    row = s.edges[edge]
    row[at.E_POOL_BUSY] += busy
    row[at.E_POOL_IDLE] += idle
    row[at.E_POOL_PENDING] += waiting


@rare
def takes_connection(s: State, frame: int, edge: int, r: int) -> bool:
    """Take one of the pool's connections for a frame's attempt, if one is to be had now."""
    row = s.conns[connection_row(s, edge, s.slots[frame, at.REPLICA], r)]
    if row[N_BUSY] >= s.pooled[edge, X_MAX]:
        return False
    row[N_BUSY] += 1
    _count(s, edge, 1, 0, 0)
    return True


@rare
def stand_in_line(s: State, frame: int, edge: int, r: int) -> None:
    """Let a frame wait for a connection to a replica, as long as the pool lets it."""
    call = s.slots[frame]
    row = s.conns[connection_row(s, edge, call[at.REPLICA], r)]
    tail = row[N_TAIL] if row[N_WAITING] > 0 else -1
    call[at.PREVIOUS] = tail
    call[at.NEXT] = -1
    if tail >= 0:
        s.slots[tail, at.NEXT] = frame
    else:
        row[N_HEAD] = frame
    row[N_TAIL] = frame
    row[N_WAITING] += 1
    _count(s, edge, 0, 0, 1)
    call[at.STATE] = at.IN_LINE
    call[at.PENDING] = (edge << CALLEE_BITS) + r  # free: hedges and branches begin later
    call[at.QUEUED_AT] = s.head[at.NOW]
    now, timeout, deadline = s.head[at.NOW], s.pooled[edge, X_TIMEOUT_NS], call[at.DEADLINE]
    if timeout > 0 and (deadline == 0 or now + timeout < deadline):
        set_timer(s, frame, now + timeout, -1)
    elif deadline > 0:
        set_timer(s, frame, max(deadline, now), -1)


@internal
def _unlink(s: State, frame: int, row: int) -> None:
    call, conns = s.slots[frame], s.conns[row]
    before, after = call[at.PREVIOUS], call[at.NEXT]
    if before >= 0:
        s.slots[before, at.NEXT] = after
    else:
        conns[N_HEAD] = after
    if after >= 0:
        s.slots[after, at.PREVIOUS] = before
    else:
        conns[N_TAIL] = before
    conns[N_WAITING] -= 1


@rare
def leave_line(s: State, frame: int) -> int:
    """Let a frame go that waits for a connection or was just given one; say over which edge."""
    call = s.slots[frame]
    edge, r = call[at.PENDING] >> CALLEE_BITS, call[at.PENDING] & _CALLEE_MASK
    row = connection_row(s, edge, call[at.REPLICA], r)
    call[at.PENDING] = 0
    s.edges[edge, at.E_POOL_WAIT_NS] += s.head[at.NOW] - call[at.QUEUED_AT]
    if call[at.STATE] == at.IN_LINE:
        _unlink(s, frame, row)
        _count(s, edge, 0, 0, -1)
    else:
        s.conns[row, N_BUSY] -= 1
        _count(s, edge, -1, 0, 0)
        call_next(s, edge, row)
    return edge


@rare
def go_on(s: State, frame: int) -> int:
    """Take up the connection a frame was given: the edge and replica it leads over, in one word."""
    call = s.slots[frame]
    way = call[at.PENDING]
    call[at.PENDING] = 0
    call[at.END_AT] = s.head[at.NOW]
    s.edges[way >> CALLEE_BITS, at.E_POOL_WAIT_NS] += s.head[at.NOW] - call[at.QUEUED_AT]
    return way


@compiled
def edge_of_way(way: int) -> int:
    """Say which edge a granted connection belongs to."""
    return way >> CALLEE_BITS


@compiled
def callee_of_way(way: int) -> int:
    """Say which replica a granted connection leads to."""
    return way & _CALLEE_MASK


@compiled
def call_next(s: State, edge: int, row: int) -> None:
    """Give free connections to those who have waited longest."""
    conns = s.conns[row]
    while conns[N_WAITING] > 0 and conns[N_BUSY] < s.pooled[edge, X_MAX]:
        frame = conns[N_HEAD]
        _unlink(s, frame, row)
        conns[N_BUSY] += 1
        _count(s, edge, 1, 0, -1)
        s.slots[frame, at.STATE] = at.GRANTED
        s.slots[frame, at.STAMP] = s.slots[frame, at.PARKED] = 0
        put_work(s.head, s.work, at.CONNECTED, frame, s.slots[frame, at.SERIAL])


@rare
def link_up(s: State, parent: int, child: int) -> None:
    """Put an attempt on its connection, open already or to be opened as it arrives."""
    call, frame = s.slots[child], s.slots[parent]
    edge = call[at.EDGE]
    call[at.WRITES] = s.prog[frame[at.CALL_PC], at.DEPTH] == st.WRITE_CALL
    if s.edges[edge, at.E_GUARDED] & at.POOLED == 0:
        return
    row = s.conns[connection_row(s, edge, frame[at.REPLICA], call[at.REPLICA])]
    if row[N_IDLE] > 0:
        row[N_IDLE] -= 1
        _count(s, edge, 0, -1, 0)
        call[at.LINK] = OPEN
    else:
        counted = s.pools[call[at.POOL], at.P_CONTENT] == at.STORE
        call[at.LINK] = ASKED if counted else OPEN


@internal
def _close(s: State, slot: int) -> None:
    """Close a call's connection, which a store no longer counts."""
    call = s.slots[slot]
    call[at.LINK] = NO_LINK
    if s.pools[call[at.POOL], at.P_CONTENT] == at.STORE:
        s.replicas[call[at.REPLICA], at.R_BACKENDS] -= 1


@rare
def open_link(s: State, slot: int) -> bool:
    """Let a call in at a store, on the connection it has or a new one; False: too many clients."""
    call = s.slots[slot]
    replica = s.replicas[call[at.REPLICA]]
    if call[at.LINK] == OPEN:
        return True
    if replica[at.R_BACKENDS] >= s.databases[call[at.POOL], st.S_CONNECTIONS_MAX]:
        replica[at.R_BACKENDS_REFUSED] += 1
        return False
    replica[at.R_BACKENDS] += 1
    call[at.LINK] = OPEN if call[at.LINK] == ASKED else OWN
    return True


@rare
def end_link(s: State, slot: int) -> None:
    """Close a connection with its call, where it is the call's own or its pool gave it up."""
    call = s.slots[slot]
    if call[at.LINK] == OWN or (call[at.LINK] == OPEN and call[at.PARENT] < 0):
        _close(s, slot)


@internal
def give_back(s: State, child: int, answered: bool) -> None:
    """Return an attempt's connection to its pool, or close it: what was cut off is of no use."""
    call = s.slots[child]
    edge = call[at.EDGE]
    place = connection_row(s, edge, s.slots[call[at.PARENT], at.REPLICA], call[at.REPLICA])
    row = s.conns[place]
    row[N_BUSY] -= 1
    _count(s, edge, -1, 0, 0)
    state = call[at.STATE]
    has_left = state == at.RETURNING or state == at.STRAYED
    has_room = row[N_BUSY] + row[N_IDLE] < s.pooled[edge, X_MAX]
    if call[at.LINK] == OPEN and answered and has_room and call[at.RESULT] != at.RESET:
        row[N_IDLE] += 1
        _count(s, edge, 0, 1, 0)
    elif call[at.LINK] == OPEN and (answered or has_left or state == at.CONNECTING):
        # Else the server closes it as the call ends there.
        _close(s, child)
    call_next(s, edge, place)


@rare
def quit_line(s: State, frame: int) -> None:
    """Let a frame go that is removed while it waits; its breaker learns nothing of it."""
    edge = leave_line(s, frame)
    if s.edges[edge, at.E_GUARDED] & at.HAS_BREAKER:
        note_no_result(s, edge)
