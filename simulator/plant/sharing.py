"""What a call to a model server shares: the prompt segments that its class or trace names."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import internal
from simulator.plant.layout import State
from simulator.plant.llm_segments import llm_share_listed, llm_share_own
from simulator.plant.llm_tables import LlmTables


@internal
def share_prefix(s: State, tables: LlmTables, slot: int) -> None:
    """Tell the engine which segments a call just queued begins with."""
    call = s.slots[slot]
    row = s.classes[call[at.CLASS]]
    listed = call[at.PREFIX]
    if listed >= 0:
        llm_share_listed(
            tables, slot, listed >> at.SEGMENT_COUNT_BITS, listed & at.SEGMENT_COUNT_MASK
        )
        return
    chain = 0
    for level in range(row[at.C_LEVELS]):
        place = at.C_LEVEL_0 + at.LEVEL_COLUMNS * level
        variants = row[place + at.LEVEL_VARIANTS]
        variant = 0
        if variants > 1:
            key = chance.mix(chance.mix(call[at.ROOT_KEY], chance.PREFIX), level)
            u = chance.uniform(key) * variants
            i = min(int(u), variants - 1)
            cell = s.popularity[row[place + at.LEVEL_POPULAR_AT] + i]
            variant = i if u - i < cell[0] else int(cell[1])
        # All that stands before a segment, its length too, is part of its name.
        chain = chance.mix(chance.mix(chain, row[place + at.LEVEL_KEY]), variant)
        llm_share_own(tables, slot, chain, row[place + at.LEVEL_END])
        chain = chance.mix(chain, row[place + at.LEVEL_END])
