"""What calls share: prompt segments at a model server, and what balancers' hashes are of."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.cache_entries import key_of
from simulator.plant.client_columns import CONVERSATION
from simulator.plant.jit import internal
from simulator.plant.layout import Ints, State
from simulator.plant.llm_segments import UNENDED, llm_share_listed, llm_share_own
from simulator.plant.llm_tables import LlmTables


@internal
def share_prefix(s: State, tables: LlmTables, slot: int, adapter: int) -> None:
    """Tell the engine which segments a call just queued begins with.

    What one adapter has computed is of no use to another.
    """
    call = s.slots[slot]
    row = s.classes[call[at.CLASS]]
    listed = call[at.PREFIX]
    if listed >= 0:
        llm_share_listed(
            tables, slot, listed >> at.SEGMENT_COUNT_BITS, listed & at.SEGMENT_COUNT_MASK, adapter
        )
        return
    chain = adapter
    for level in range(row[at.C_LEVELS]):
        place = at.C_LEVEL_0 + at.LEVEL_COLUMNS * level
        chain = _name_of(s, row, call[at.ROOT_KEY], level, chain)
        llm_share_own(tables, slot, chain, row[place + at.LEVEL_END])
        chain = chance.mix(chain, row[place + at.LEVEL_END])
    if listed <= CONVERSATION:
        llm_share_own(tables, slot, chance.mix(chain, -listed), UNENDED)


@internal
def _name_of(s: State, row: Ints, root_key: int, level: int, chain: int) -> int:
    """Name the segment of a level that a request shares; all before it, and how long, counts."""
    place = at.C_LEVEL_0 + at.LEVEL_COLUMNS * level
    variants = row[place + at.LEVEL_VARIANTS]
    variant = 0
    if variants > 1:
        key = chance.mix(chance.mix(root_key, chance.PREFIX), level)
        u = chance.uniform(key) * variants
        i = min(int(u), variants - 1)
        cell = s.popularity[row[place + at.LEVEL_POPULAR_AT] + i]
        variant = i if u - i < cell[0] else int(cell[1])
    return chance.mix(chance.mix(chain, row[place + at.LEVEL_KEY]), variant)


@internal
def asked_for(s: State, pool: int, slot: int) -> int:
    """Name what a frame's calls to a component have in common with others, for balancers' hashes.

    To model servers that is the prompt's longest shared beginning, the conversation where there is
    one, or of a listed prompt its first segment; to others the conversation too, as a cookie
    would do, but to caches, and where nothing is shared, the request's cache key.
    """
    frame = s.slots[slot]
    row = s.classes[frame[at.CLASS]]
    if frame[at.PREFIX] <= CONVERSATION and s.pools[pool, at.P_CONTENT] != at.CACHE:
        return -frame[at.PREFIX]
    if s.pools[pool, at.P_DISCIPLINE] == at.MODEL:
        if frame[at.PREFIX] >= 0:
            return s.llm.segments[frame[at.PREFIX] >> at.SEGMENT_COUNT_BITS, 0]
        if row[at.C_LEVELS] > 0:
            chain = 0
            for level in range(row[at.C_LEVELS]):
                place = at.C_LEVEL_0 + at.LEVEL_COLUMNS * level
                chain = _name_of(s, row, frame[at.ROOT_KEY], level, chain)
                chain = chance.mix(chain, row[place + at.LEVEL_END])
            return chain
    return key_of(s, frame[at.CLASS], frame[at.ROOT_KEY])
