"""Policies that need more than a look at the list: by hash, on stale information, near by.

A hash picks a cell; each cell belongs to the replica that drew the highest number for it
(rendezvous hashing, Thaler and Ravishankar 1998, worked out beforehand). When a replica leaves,
its own cells find new owners and no other cell moves. With a bound on the load, calls walk on to
the cell of another hash (consistent hashing with bounded loads, Mirrokni et al. 2018).
"""

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant.jit import internal
from simulator.plant.layout import Ints, State
from simulator.plant.sharing import asked_for
from simulator.plant.tournament import best_leaf, fill_tree

_TRIES = 64  # cells looked at before the least loaded replica is taken


@internal
def _share_cells(s: State, pool: int, cells: Ints) -> None:
    """Give every cell to the ready replica with the highest draw of -weight / log(u)."""
    row = s.pools[pool]
    for cell in range(cells.shape[0]):
        best, most = -1, -1.0
        for place in range(row[at.P_READY_COUNT]):
            r = row[row[at.P_READY] + place]
            weight = s.replica_floats[r, at.R_WEIGHT]
            draw = chance.uniform(chance.mix(chance.mix(pool, s.replicas[r, at.R_ORDINAL]), cell))
            if row[at.P_UNEQUAL]:
                draw = -weight / arithmetic.log(draw)
            if draw > most and weight > 0.0:
                best, most = place, draw
        cells[cell] = best


@internal
def _is_light(s: State, pool: int, place: int, bound: float) -> bool:
    """Say whether a replica may take one more call: within `bound` x its share of all calls."""
    row, ready = s.pools[pool], s.ready[pool]
    r = row[row[at.P_READY] + place]
    total = s.trees[3 * pool + at.SUMS, ready[at.B_SIZE]]
    share = (ready[at.B_LOAD] + 1) * s.replica_floats[r, at.R_WEIGHT] / total
    return float(s.replicas[r, at.R_IN_FLIGHT] + 1) <= max(bound * share, 1.0)


@internal
def place_by_hash(s: State, pool: int, edge: int, key: int, frame: int) -> int:
    """Ask the cell of what the request asks for; beyond the bound other cells, the least loaded."""
    ready = s.ready[pool]
    asked = asked_for(s, pool, frame)
    cells = s.cells[ready[at.B_CELLS]]
    if ready[at.B_CELLS_OLD]:
        ready[at.B_CELLS_OLD] = 0
        _share_cells(s, pool, cells)
    bound = s.route_floats[edge, at.T_BOUND]
    tries = 1 if s.edges[edge, at.E_BALANCE] == at.PREFIX_AWARE else _TRIES
    for k in range(tries):
        place = cells[chance.mix(asked, k) & (cells.shape[0] - 1)]
        if place < 0 or bound == 0.0 or _is_light(s, pool, place, bound):
            return place
    count = s.pools[pool, at.P_READY_COUNT]
    start = chance.mix(key, chance.BALANCE) % count
    return best_leaf(s.trees[3 * pool + at.LOADS], ready[at.B_SIZE], 0, count, start)


@internal
def near_places(s: State, pool: int, edge: int, frame: int) -> int:
    """Say where the caller's zone stands in the ready list: first place and count, in one word.

    Everybody, where the caller has no zone, its zone nobody ready, or too much to do already.
    """
    ready, count = s.ready[pool], s.pools[pool, at.P_READY_COUNT]
    caller = s.slots[frame, at.REPLICA]
    until = s.route_floats[edge, at.T_NEAR_UNTIL]
    zone = s.replicas[caller, at.R_ZONE] if caller >= 0 and until > 0.0 else 0
    column = at.B_ZONES + 2 * zone
    if zone == 0 or column + 1 >= ready.shape[0] or ready[column + 1] == 0:
        return count
    near, mean = ready[column + 1], (ready[at.B_LOAD] + 1) / count
    if ready[column] + 1 > max(until * mean * near, 1.0):
        return count
    first = 0
    for before in range(zone):
        first += ready[at.B_ZONES + 2 * before + 1]
    return (first << at.PLACE_BITS) + near


@internal
def renew_view(s: State, pool: int, edge: int) -> None:
    """Have another look at every replica's load, where the edge's last one is too old."""
    row = s.routes[edge]
    now = s.head[at.NOW]
    if row[at.T_VIEW] < 0 or now - row[at.T_VIEWED_AT] < row[at.T_REFRESH_NS]:
        return
    row[at.T_VIEWED_AT] = now
    size = s.ready[pool, at.B_SIZE]
    view, loads = s.views[row[at.T_VIEW]], s.trees[3 * pool + at.LOADS]
    for place in range(size, 2 * size):
        view[place] = loads[place]
    fill_tree(view, size)
