"""Deadlines that travel with calls: who may no longer be answered in time is not worked for.

A call over an edge that propagates them (`PROPAGATES`) has as its DEADLINE the end of its attempt's
timeout or its caller's own deadline, whichever is sooner, as in gRPC. Its callee does not begin
what is past it, drops it from the queue, and cuts its own timeouts, pauses and deadlines to it.
Work that has begun is stopped then where the edge says so (`STOPS`: a handler that obeys its
context), else it goes on to its end. Model and batch servers look once, as a call arrives.
"""

from simulator.plant import layout as at
from simulator.plant.connections import quit_line
from simulator.plant.jit import rare
from simulator.plant.layout import State
from simulator.plant.leaving import drop_children
from simulator.plant.processors import leave_cores
from simulator.plant.provider import end_stream
from simulator.plant.queues import unlink
from simulator.plant.servers import count_expired
from simulator.plant.tables import renumber, settle_busy, then


@rare
def expire(s: State, slot: int) -> int:
    """Give up a call or branch whose deadline has passed, wherever it waits."""
    call = s.slots[slot]
    state = call[at.STATE]
    replica = s.replicas[call[at.REPLICA]]
    if state == at.STREAMING:
        # A provider outside knows nothing of our deadlines.
        return end_stream(s, slot)
    if state == at.QUEUED:
        unlink(s, slot)
    elif state == at.SHARING:
        leave_cores(s, slot)
    elif state == at.IN_LINE or state == at.GRANTED:
        quit_line(s, slot)
    elif state == at.WORKING:
        settle_busy(replica, s.head[at.NOW])
        replica[at.R_WORKING] -= 1
    drop_children(s, slot)
    renumber(s.head, s.slots, slot)
    count_expired(s, slot)
    return then(at.FINISH, slot)
