"""What balancers compare: calls in flight per weight, kept in tournament trees where that pays.

Only pools that a policy compares are followed (`E_FOLLOWED` on every edge to them): then every
call sent or answered costs one O(log replicas) step, and a choice costs no more.
"""

from simulator.plant import layout as at
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import State
from simulator.plant.tournament import NOBODY, fill_tree, set_leaf


@internal
def load_of(s: State, r: int) -> float:
    """Calls in flight with one more, per weight; nobody sends to a weight of 0."""
    weight = s.replica_floats[r, at.R_WEIGHT]
    return (s.replicas[r, at.R_IN_FLIGHT] + 1) / weight if weight > 0.0 else NOBODY


@internal
def follow_load(s: State, r: int, change: int) -> None:
    """Note that a replica has a call more or less in flight."""
    row = s.replicas[r]
    place = row[at.R_PLACE]
    if place < 0:
        return
    pool = row[at.R_POOL]
    ready = s.ready[pool]
    ready[at.B_LOAD] += change
    ready[at.B_ZONES + 2 * row[at.R_ZONE]] += change
    set_leaf(s.trees[3 * pool + at.LOADS], ready[at.B_SIZE], place, load_of(s, r))


@compiled
def relist(s: State, pool: int) -> None:
    """Sum and rank a pool's ready replicas afresh: they, or their weights, have changed."""
    row, ready = s.pools[pool], s.ready[pool]
    loads, turns = s.trees[3 * pool + at.LOADS], s.trees[3 * pool + at.TURNS]
    sums = s.trees[3 * pool + at.SUMS]
    size = ready[at.B_SIZE]
    ready[at.B_LOAD] = 0
    for column in range(at.B_ZONES, ready.shape[0]):
        ready[column] = 0
    total = 0.0
    now = turns[1] if turns[1] < NOBODY else 0.0
    for place in range(size):
        loads[size + place] = turns[size + place] = NOBODY
        sums[place] = total
        if place >= row[at.P_READY_COUNT]:
            continue
        r = row[row[at.P_READY] + place]
        weight = s.replica_floats[r, at.R_WEIGHT]
        zone = at.B_ZONES + 2 * s.replicas[r, at.R_ZONE]
        ready[at.B_LOAD] += s.replicas[r, at.R_IN_FLIGHT]
        ready[zone] += s.replicas[r, at.R_IN_FLIGHT]
        ready[zone + 1] += 1
        loads[size + place] = load_of(s, r)
        if weight > 0.0:
            total += weight
            # Whoever was away has missed its turns; newcomers begin with a whole pause.
            turn = s.replica_floats[r, at.R_TURN]
            after = now + 1.0 / weight
            turn = after if turn < 0.0 else min(max(turn, now), after)
            s.replica_floats[r, at.R_TURN] = turn
            turns[size + place] = turn
    sums[size] = total
    fill_tree(loads, size)
    fill_tree(turns, size)
