"""Which ready replica takes a call: the balancers.

Policies choose among `count` places from `first` on of the pool's list of ready replicas.
"""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import internal, rare
from simulator.plant.layout import Floats, Ints, State
from simulator.plant.loads import load_of
from simulator.plant.routes import near_places, place_by_hash, renew_view
from simulator.plant.stores import place_in_store
from simulator.plant.tournament import best_leaf, set_leaf


@internal
def _by_weight(sums: Floats, first: int, count: int, u: float) -> int:
    """Draw a place by weight: the last whose summed weight before it is not above the mark."""
    mark = sums[first] + u * (sums[first + count] - sums[first])
    low, high = first, first + count
    while low + 1 < high:
        middle = (low + high) >> 1
        if sums[middle] <= mark:
            low = middle
        else:
            high = middle
    return low if sums[first + count] > sums[first] else -1


@rare
def _in_turn(s: State, pool: int, first: int, count: int) -> int:
    """Weighted turns: whoever is due first, and again after 1 / weight (as Envoy schedules)."""
    turns, size = s.trees[3 * pool + at.TURNS], s.ready[pool, at.B_SIZE]
    place = best_leaf(turns, size, first, count, 0)
    if place >= 0:
        row = s.pools[pool]
        floats = s.replica_floats[row[row[at.P_READY] + place]]
        floats[at.R_TURN] += 1.0 / floats[at.R_WEIGHT]
        set_leaf(turns, size, place, floats[at.R_TURN])
    return place


@internal
def _least_loaded(s: State, ready: Ints, first: int, count: int, start: int) -> int:
    """Fewest calls in flight per weight; among equals the first from `start` on, round."""
    best = -1
    least = 0.0
    for k in range(count):
        place = start + k
        if place >= count:
            place -= count
        r = ready[first + place]
        if s.replica_floats[r, at.R_WEIGHT] <= 0.0:
            continue
        load = load_of(s, r)
        if best < 0 or load < least:
            best, least = first + place, load
    return best


@internal
def _lesser(s: State, ready: Ints, edge: int, one: int, other: int) -> int:
    """Name the place of the lesser load, as it is or as the edge last saw it; one, if equal."""
    if one < 0 or other < 0:
        return max(one, other)
    view = s.routes[edge, at.T_VIEW]
    if view < 0:
        return other if load_of(s, ready[other]) < load_of(s, ready[one]) else one
    size = s.ready[s.edges[edge, at.E_POOL], at.B_SIZE]
    return other if s.views[view, size + other] < s.views[view, size + one] else one


@internal
def _drawn(s: State, pool: int, first: int, count: int, key: int) -> int:
    """Draw a place, by weight where weights differ."""
    if s.pools[pool, at.P_UNEQUAL]:
        sums = s.trees[3 * pool + at.SUMS]
        return _by_weight(sums, first, count, chance.uniform(key))
    return first + int(chance.uniform(key) * count)


@internal
def _other_drawn(s: State, pool: int, first: int, count: int, one: int, key: int) -> int:
    """Draw a second place.

    It is never the first: Envoy draws with replacement, but with few replicas that would be a
    coin toss for nothing.
    """
    if s.pools[pool, at.P_UNEQUAL]:
        return _drawn(s, pool, first, count, key)
    other = first + int(chance.uniform(key) * (count - 1))
    return other if other != one else first + count - 1


@internal
def _by_policy(s: State, pool: int, edge: int, key: int, first: int, count: int) -> int:
    row, route = s.pools[pool], s.edges[edge]
    policy = route[at.E_BALANCE]
    if policy == at.ROUND_ROBIN:
        if row[at.P_UNEQUAL]:
            return _in_turn(s, pool, first, count)
        turn = route[at.E_TURN]
        route[at.E_TURN] = turn + 1
        return first + turn % count
    one_key = chance.mix(key, chance.BALANCE)
    ready = row[row[at.P_READY] :]
    if policy == at.LEAST_LOADED:
        start = one_key % count
        view, size = s.routes[edge, at.T_VIEW], s.ready[pool, at.B_SIZE]
        if view >= 0:
            return best_leaf(s.views[view], size, first, count, start)
        if route[at.E_FOLLOWED]:
            return best_leaf(s.trees[3 * pool + at.LOADS], size, first, count, start)
        return _least_loaded(s, ready, first, count, start)
    one = _drawn(s, pool, first, count, one_key)
    if policy == at.RANDOM or count == 1:
        return one
    two_key = chance.mix(one_key, chance.BALANCE)
    return _lesser(s, ready, edge, one, _other_drawn(s, pool, first, count, one, two_key))


@rare
def _by_route(s: State, pool: int, edge: int, key: int, frame: int) -> int:
    """Choose where hashes, zones, a stale view or a store's primary have a say."""
    if s.pools[pool, at.P_CONTENT] == at.STORE:
        return place_in_store(s, pool, edge, key, frame)
    if s.edges[edge, at.E_BALANCE] >= at.CONSISTENT_HASH:
        return place_by_hash(s, pool, edge, key, frame)
    renew_view(s, pool, edge)
    near = near_places(s, pool, edge, frame)
    return _by_policy(s, pool, edge, key, near >> at.PLACE_BITS, near & at.PLACE_MASK)


@internal
def choose(s: State, pool: int, edge: int, key: int, frame: int) -> int:
    """Pick a ready replica for a frame's call by the edge's policy; -1 when there is none."""
    row = s.pools[pool]
    count = row[at.P_READY_COUNT]
    if count == 0:
        return -1
    if count == 1 and s.edges[edge, at.E_ROUTED] == 0 and row[at.P_UNEQUAL] == 0:
        return row[row[at.P_READY]]
    if s.edges[edge, at.E_ROUTED]:
        place = _by_route(s, pool, edge, key, frame)
    else:
        place = _by_policy(s, pool, edge, key, 0, count)
    return row[row[at.P_READY] + place] if place >= 0 else -1
