"""What became of single calls at model servers, for those who ask: one row per answer.

The table is empty unless somebody wants it. Row 0 counts the answers; the rows after it hold them
in the order they were finished in, as many as there is room for.
"""

from simulator.plant import layout as at
from simulator.plant import llm_tables as engine_at
from simulator.plant.api import Served
from simulator.plant.jit import internal
from simulator.plant.layout import State

RECORD_COLUMNS = len(Served)
_KEY, _QUEUED_AT, _SCHEDULED_AT = int(Served.KEY), int(Served.QUEUED_AT), int(Served.SCHEDULED_AT)
_FIRST_AT, _LAST_AT = int(Served.FIRST_TOKEN_AT), int(Served.LAST_TOKEN_AT)
_PREEMPTIONS, _CACHED = int(Served.PREEMPTIONS), int(Served.CACHED_TOKENS)


@internal
def note_served(s: State, slot: int) -> None:
    """Write a call that ends now into the next row, if there is one."""
    s.records[0, 0] += 1
    place = s.records[0, 0]
    if place >= s.records.shape[0]:
        return
    sequence, row = s.llm.calls[slot], s.records[place]
    row[_KEY] = s.slots[slot, at.ROOT_KEY]
    row[_QUEUED_AT] = sequence[engine_at.ARRIVED_AT]
    row[_SCHEDULED_AT] = sequence[engine_at.SCHEDULED_AT]
    row[_FIRST_AT] = sequence[engine_at.FIRST_TOKEN_AT]
    row[_LAST_AT] = s.head[at.NOW]
    row[_PREEMPTIONS] = sequence[engine_at.PREEMPTED]
    row[_CACHED] = sequence[engine_at.CACHED]
