"""Letting go of attempts: what no longer counts, whatever becomes of it, and who is cancelled."""

from simulator.plant import layout as at
from simulator.plant.connections import give_back
from simulator.plant.guards import note_no_result
from simulator.plant.jit import inlined, rare
from simulator.plant.layout import State
from simulator.plant.loads import follow_load
from simulator.plant.retries import stop_retrying
from simulator.plant.spans import end_called
from simulator.plant.tables import disown, put_work


@inlined
def leave_edge(s: State, child: int, answered: bool) -> None:
    """Stop counting an attempt as active, whatever becomes of it; its connection is free."""
    call = s.slots[child]
    edge = s.edges[call[at.EDGE]]
    edge[at.E_ACTIVE] -= 1
    s.replicas[call[at.REPLICA], at.R_IN_FLIGHT] -= 1
    if edge[at.E_FOLLOWED]:
        follow_load(s, call[at.REPLICA], -1)
    if edge[at.E_GUARDED] & at.POOLED:
        give_back(s, child, answered)


@rare
def drop_children(s: State, slot: int) -> None:
    """Let go of everything a frame waits for: branches end, calls are cancelled or left."""
    stop_retrying(s, slot)
    child = s.slots[slot, at.FIRST_CHILD]
    while child >= 0:
        following = s.slots[child, at.NEXT_SIBLING]
        call = s.slots[child]
        cancels = True
        if call[at.KIND] == at.CALL:
            edge = s.edges[call[at.EDGE]]
            edge[at.E_CANCELLED] += 1
            if edge[at.E_GUARDED]:
                note_no_result(s, call[at.EDGE])
            leave_edge(s, child, False)
            if call[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
                end_called(s, child, at.LEFT)
            # Nobody else ever fetches what a call holds.
            waits = call[at.STATE] == at.CONNECTING or call[at.STATE] == at.HOLDING
            cancels = edge[at.E_CANCELS] != 0 or waits
        disown(s.slots, child)
        if cancels or (call[at.STATE] == at.RETURNING and call[at.PARKED]):
            put_work(s.head, s.work, at.DROP, child, call[at.SERIAL])
        child = following
