"""What a caller does about a callee that fails: it stops calling, ejects replicas, asks twice.

Behind one test of an edge's row (`E_GUARDED`); the tables are `guards` [edge, column] and
`outliers` [guarded edge, replica, column].

The breaker is resilience4j's count-based one: it opens when the share of failures among the last
calls reaches its threshold, lets nobody through for a time, then some probes, and judges by them.
Ejection is Envoy's outlier detection by consecutive 5xx (docs: arch_overview/upstream/outlier), its
panic threshold included. Hedging asks another replica when no answer has come after a time, and
takes the first good one.
"""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.balance import choose
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import State

_TRIES = 8  # draws of another replica before going along the list
_MULTIPLES_MAX = 10  # Envoy's max_ejection_time of 300 s is 10 x its base of 30 s


@internal
def is_permitted(s: State, edge: int) -> bool:
    """Ask the breaker of an edge for one call; probes are counted out."""
    row = s.guards[edge]
    if row[at.G_STATE] == at.CLOSED:
        return True
    if row[at.G_STATE] == at.OPEN:
        if s.head[at.NOW] < row[at.G_OPEN_UNTIL]:
            return False
        _show(s, edge, at.HALF_OPEN)
        row[at.G_PROBES_OUT] = row[at.G_PROBES_DONE] = row[at.G_PROBES_FAILED] = 0
    if row[at.G_PROBES_OUT] >= row[at.G_PROBES]:
        return False
    row[at.G_PROBES_OUT] += 1
    return True


@rare
def note_result(s: State, edge: int, r: int, failed: bool) -> None:
    """Tell breaker and ejection how a call ended; `r` -1 where no replica was to be had."""
    guarded = s.edges[edge, at.E_GUARDED]
    if guarded & at.HAS_BREAKER:
        _judge(s, edge, failed)
    if guarded & at.EJECTS and r >= 0:
        _watch(s, edge, r, failed)


@rare
def note_no_result(s: State, edge: int) -> None:
    """Give a cancelled call's permission back."""
    row = s.guards[edge]
    if row[at.G_STATE] == at.HALF_OPEN and row[at.G_PROBES_OUT] > row[at.G_PROBES_DONE]:
        row[at.G_PROBES_OUT] -= 1


@rare
def choose_fit(s: State, pool: int, edge: int, key: int, frame: int) -> int:
    """Choose a replica that is not ejected and has not been asked by the frame already.

    Any will do when too few are left that are not ejected: Envoy's panic.
    """
    r = choose(s, pool, edge, key, frame)
    if r < 0 or not (_is_out(s, edge, r) or _is_asked(s, r, frame)):
        return r
    row = s.pools[pool]
    count = row[at.P_READY_COUNT]
    out = _count_out(s, edge)
    panics = count - out < s.guard_floats[edge, at.G_PANIC] * count
    if panics and out > 0:
        s.edges[edge, at.E_PANICS] += 1
    for i in range(_TRIES):
        other = choose(s, pool, edge, chance.mix(key, chance.HEALTHY + i), frame)
        if (panics or not _is_out(s, edge, other)) and not _is_asked(s, other, frame):
            return other
    for place in range(count):
        other = row[row[at.P_READY] + (place + key) % count]
        if (panics or not _is_out(s, edge, other)) and not _is_asked(s, other, frame):
            return other
    return r


@internal
def _count_out(s: State, edge: int) -> int:
    """Count the ready replicas that are ejected."""
    row = s.pools[s.edges[edge, at.E_POOL]]
    out = 0
    for place in range(row[at.P_READY_COUNT]):
        out += 1 if _is_out(s, edge, row[row[at.P_READY] + place]) else 0
    return out


@compiled
def show_members(s: State, edge: int) -> None:
    """Say how many replicas an edge leads to, and how many are not ejected; changes nothing else.

    Those whose time is over are healthy, though nobody has looked at them since.
    """
    pool = s.pools[s.edges[edge, at.E_POOL]]
    healthy, number = pool[at.P_READY_COUNT], s.guards[edge, at.G_OUTLIERS]
    if number >= 0:
        for place in range(pool[at.P_READY_COUNT]):
            r = pool[pool[at.P_READY] + place]
            healthy -= 1 if s.head[at.NOW] < s.outliers[number, r, at.O_UNTIL] else 0
    s.edges[edge, at.E_MEMBERS] = pool[at.P_READY_COUNT]
    s.edges[edge, at.E_HEALTHY] = healthy


@internal
def _is_asked(s: State, r: int, frame: int) -> bool:
    """Say whether the frame waits for an answer of this replica."""
    child = s.slots[frame, at.FIRST_CHILD]
    while child >= 0:
        if s.slots[child, at.REPLICA] == r:
            return True
        child = s.slots[child, at.NEXT_SIBLING]
    return False


@internal
def _is_out(s: State, edge: int, r: int) -> bool:
    """Say whether a replica is ejected; one whose time is over comes back as it is looked at."""
    number = s.guards[edge, at.G_OUTLIERS]
    if number < 0:
        return False
    row = s.outliers[number, r]
    if row[at.O_UNTIL] == 0:
        return False
    if s.head[at.NOW] < row[at.O_UNTIL]:
        return True
    row[at.O_RETURNED_AT] = row[at.O_UNTIL]
    row[at.O_UNTIL] = row[at.O_FAILED] = 0
    s.edges[edge, at.E_EJECTED] -= 1
    return False


@internal
def _judge(s: State, edge: int, failed: bool) -> None:
    row = s.guards[edge]
    if row[at.G_STATE] == at.HALF_OPEN:
        row[at.G_PROBES_DONE] += 1
        row[at.G_PROBES_FAILED] += failed
        if row[at.G_PROBES_DONE] >= row[at.G_PROBES]:
            share = s.guard_floats[edge, at.G_FAILURES]
            bad = row[at.G_PROBES_FAILED] >= share * row[at.G_PROBES_DONE]
            _turn(s, edge, at.OPEN if bad else at.CLOSED)
        return
    if row[at.G_STATE] == at.OPEN:
        return
    window, place = row[at.G_WINDOW], row[at.G_RING_AT]
    if row[at.G_COUNTED] == window:
        row[at.G_FAILED] -= row[at.G_RING + place]
    else:
        row[at.G_COUNTED] += 1
    row[at.G_RING + place] = failed
    row[at.G_FAILED] += failed
    row[at.G_RING_AT] = place + 1 if place + 1 < window else 0
    bad = row[at.G_FAILED] >= s.guard_floats[edge, at.G_FAILURES] * row[at.G_COUNTED]
    if bad and row[at.G_COUNTED] >= row[at.G_CALLS_MIN]:
        _turn(s, edge, at.OPEN)


@internal
def _turn(s: State, edge: int, state: int) -> None:
    """Open or close a breaker; it has seen nothing in its new state."""
    row = s.guards[edge]
    _show(s, edge, state)
    row[at.G_OPEN_UNTIL] = s.head[at.NOW] + row[at.G_OPEN_NS]
    row[at.G_COUNTED] = row[at.G_FAILED] = row[at.G_RING_AT] = 0


@internal
def _show(s: State, edge: int, state: int) -> None:
    s.guards[edge, at.G_STATE] = state
    s.edges[edge, at.E_BREAKER] = state


@internal
def _watch(s: State, edge: int, r: int, failed: bool) -> None:
    guard = s.guards[edge]
    row = s.outliers[guard[at.G_OUTLIERS], r]
    if not failed:
        row[at.O_FAILED] = 0
        return
    row[at.O_FAILED] += 1
    if row[at.O_FAILED] < guard[at.G_CONSECUTIVE] or _is_out(s, edge, r):
        return
    now = s.head[at.NOW]
    hosts = max(s.pools[s.edges[edge, at.E_POOL], at.P_READY_COUNT], 1)
    out = _count_out(s, edge)
    # One may always be ejected.
    if out > 0 and out >= s.guard_floats[edge, at.G_EJECTED_MAX] * hosts:
        return
    # Every healthy interval since it came back takes one off the multiple.
    healthy = (now - row[at.O_RETURNED_AT]) // guard[at.G_INTERVAL_NS]
    row[at.O_TIMES] = min(max(row[at.O_TIMES] - healthy, 0) + 1, _MULTIPLES_MAX)
    until = now + row[at.O_TIMES] * guard[at.G_EJECT_NS]
    # Hosts are let back in at sweeps, on a grid of intervals.
    row[at.O_UNTIL] = -(-until // guard[at.G_INTERVAL_NS]) * guard[at.G_INTERVAL_NS]
    row[at.O_FAILED] = 0
    s.edges[edge, at.E_EJECTIONS] += 1
    s.edges[edge, at.E_EJECTED] += 1
