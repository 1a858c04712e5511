"""Which ready replica takes a call: the balancers."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import internal
from simulator.plant.layout import Floats, Ints, State


@internal
def _by_weight(ready: Ints, count: int, floats: Floats, u: float) -> int:
    total = 0.0
    for i in range(count):
        total += floats[ready[i], at.R_WEIGHT]
    left = u * total
    for i in range(count):
        weight = floats[ready[i], at.R_WEIGHT]
        left -= weight
        if left < 0.0 and weight > 0.0:
            return ready[i]
    return -1


@internal
def _in_turn(ready: Ints, count: int, floats: Floats) -> int:
    """Smooth weighted round robin: everyone gains their weight, the richest pays the total."""
    total = 0.0
    best = -1
    for i in range(count):
        row = floats[ready[i]]
        total += row[at.R_WEIGHT]
        row[at.R_TURN] += row[at.R_WEIGHT]
        if row[at.R_WEIGHT] > 0.0 and (best < 0 or row[at.R_TURN] > floats[best, at.R_TURN]):
            best = ready[i]
    if best >= 0:
        floats[best, at.R_TURN] -= total
    return best


@internal
def _least_loaded(ready: Ints, count: int, replicas: Ints, floats: Floats, key: int) -> int:
    """Fewest calls in flight per weight; among equals the first from a place drawn by the key."""
    best = -1
    least = 0.0
    first = key % count
    for k in range(count):
        place = first + k
        if place >= count:
            place -= count
        r = ready[place]
        weight = floats[r, at.R_WEIGHT]
        if weight <= 0.0:
            continue
        load = (replicas[r, at.R_IN_FLIGHT] + 1) / weight
        if best < 0 or load < least:
            best, least = r, load
    return best


@internal
def _lesser(replicas: Ints, floats: Floats, one: int, other: int) -> int:
    if one < 0 or other < 0:
        return max(one, other)
    load = (replicas[one, at.R_IN_FLIGHT] + 1) / floats[one, at.R_WEIGHT]
    load_other = (replicas[other, at.R_IN_FLIGHT] + 1) / floats[other, at.R_WEIGHT]
    return other if load_other < load else one


@internal
def choose(s: State, pool: int, edge: int, key: int) -> int:
    """Pick a ready replica of the pool by the edge's policy; -1 when there is none."""
    row = s.pools[pool]
    count = row[at.P_READY_COUNT]
    if count == 0:
        return -1
    ready = row[row[at.P_READY] :]
    unequal = row[at.P_UNEQUAL]
    policy = s.edges[edge, at.E_BALANCE]
    if policy == at.LEAST_LOADED:
        return _least_loaded(
            ready, count, s.replicas, s.replica_floats, chance.mix(key, chance.BALANCE)
        )
    if policy == at.ROUND_ROBIN:
        if unequal:
            return _in_turn(ready, count, s.replica_floats)
        turn = s.edges[edge, at.E_TURN]
        s.edges[edge, at.E_TURN] = turn + 1
        return ready[turn % count]
    one_key = chance.mix(key, chance.BALANCE)
    if unequal:
        one = _by_weight(ready, count, s.replica_floats, chance.uniform(one_key))
    else:
        one = ready[int(chance.uniform(one_key) * count)]
    if policy == at.RANDOM or count == 1:
        return one
    u = chance.uniform(chance.mix(one_key, chance.BALANCE))
    if unequal:
        other = _by_weight(ready, count, s.replica_floats, u)
    else:
        # The second choice is never the first: Envoy draws with replacement, but with few
        # replicas that would be a coin toss for nothing.
        other = ready[int(u * (count - 1))]
        if other == one:
            other = ready[count - 1]
    return _lesser(s.replicas, s.replica_floats, one, other)
