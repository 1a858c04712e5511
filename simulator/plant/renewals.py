"""Fetches nobody waits for: a caller renews in the background what its cache answered."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import put_work, take_slot


@internal
def _key_of_call(s: State, frame: int) -> int:
    while s.slots[frame, at.KIND] == at.BRANCH and s.slots[frame, at.PARENT] >= 0:
        frame = s.slots[frame, at.PARENT]
    is_renewal = s.slots[frame, at.KIND] == at.RENEWAL
    return s.slots[frame, at.SENT_AT if is_renewal else at.KEY]


@rare
def renew(s: State, parent: int, r: int) -> None:
    """Start a copy of a frame's `on_miss` program, which fills the key at that cache and ends.

    It runs at the frame's own replica, has no parent, and no user's patience is its own. INTENT_AT
    says after which fill it ends, SENT_AT has the key of the call whose handler began it.
    """
    head = s.head
    frame = s.slots[parent]
    step = s.prog[frame[at.CALL_PC]]
    slot = take_slot(head, s.slots)
    renewal = s.slots[slot]
    renewal[at.KIND] = at.RENEWAL
    renewal[at.STATE] = at.RUNNING
    renewal[at.PARENT] = -1
    for column in (at.POOL, at.REPLICA, at.CLASS, at.ROOT_KEY, at.PROMPT, at.OUTPUT, at.PREFIX):
        renewal[column] = frame[column]
    renewal[at.EDGE] = -1
    place = (step[at.PLACE] << 16) + (frame[at.TRIES] << 8)
    renewal[at.KEY] = chance.mix(frame[at.KEY], place + chance.RENEWAL)
    renewal[at.ENTERED] = 1
    renewal[at.ARRIVED_AT] = head[at.NOW]
    renewal[at.DEADLINE] = 0
    renewal[at.TRIES] = 0
    renewal[at.SENT_AT] = _key_of_call(s, parent)
    renewal[at.INTENT_AT] = step[at.DEPTH]
    renewal[at.MISS_0 + step[at.DEPTH]] = r
    renewal[at.MISSED_AT_0 + step[at.DEPTH]] = head[at.NOW]
    renewal[at.PC] = step[at.B]
    put_work(head, s.work, at.STEP, slot, renewal[at.SERIAL])
