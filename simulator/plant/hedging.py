"""Asking another replica while the first is silent: a frame with several attempts under way."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import inlined, rare
from simulator.plant.layout import Ints, State
from simulator.plant.tables import set_timer

# While a frame waits for attempts over a hedged edge, PENDING counts those sent beside the first
# and END_AT is when the first was sent.


@inlined
def attempt_key(s: State, parent: int) -> int:
    """Make the key of the attempt a frame is at."""
    frame = s.slots[parent]
    place = (s.prog[frame[at.CALL_PC], at.PLACE] << 16) + (frame[at.TRIES] << 8)
    return chance.mix(frame[at.KEY], place + frame[at.ATTEMPT])


@rare
def hedge_key(s: State, parent: int, key: int) -> int:
    """Make the key of the attempt that is being sent; the first one of a call keeps its own."""
    frame = s.slots[parent]
    if frame[at.FIRST_CHILD] < 0:
        frame[at.PENDING] = 0
        frame[at.END_AT] = s.head[at.NOW]
        return key
    frame[at.PENDING] += 1
    return chance.mix(key, chance.HEDGE + (frame[at.PENDING] << 8))


@rare
def is_one_of_many(slots: Ints, parent: int) -> bool:
    """Say whether a frame waits for more than one attempt."""
    first = slots[parent, at.FIRST_CHILD]
    return bool(first >= 0 and slots[first, at.NEXT_SIBLING] >= 0)


@rare
def hedge_is_due(s: State, parent: int) -> bool:
    """Say whether the frame's timer means one more attempt, not the end of waiting."""
    frame = s.slots[parent]
    edge = frame[at.CALLING]
    timeout = s.edges[edge, at.E_TIMEOUT_NS]
    if timeout > 0 and s.head[at.NOW] >= frame[at.END_AT] + timeout:
        return False
    return bool(frame[at.PENDING] < s.guards[edge, at.G_HEDGES_MAX])


@rare
def wait_or_hedge(s: State, parent: int) -> None:
    """Set the frame's timer: the next attempt, the timeout of all, or patience, if sooner."""
    frame = s.slots[parent]
    edge = frame[at.CALLING]
    frame[at.STATE] = at.WAITING
    row, guard = s.edges[edge], s.guards[edge]
    due = -1
    if row[at.E_TIMEOUT_NS] > 0:
        due = frame[at.END_AT] + row[at.E_TIMEOUT_NS]
    if frame[at.PENDING] < guard[at.G_HEDGES_MAX]:
        again = frame[at.END_AT] + (frame[at.PENDING] + 1) * guard[at.G_HEDGE_NS]
        due = again if due < 0 or again < due else due
    if frame[at.DEADLINE] > 0 and (due < 0 or frame[at.DEADLINE] < due):
        due = frame[at.DEADLINE]
    if due >= 0:
        set_timer(s, parent, max(due, s.head[at.NOW]), -1)
