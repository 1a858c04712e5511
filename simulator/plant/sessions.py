"""Users with more than one request: conversations, coming back, and closed loops.

Between two requests a user's slot is a USER that THINKS: no open intent, one timer. A turn's key is
made of its session's and its number, so a turn asks for the same whatever became of those before;
how long the conversation is by then does depend on them.
"""

from simulator.plant import chance
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.clients import renew_patience
from simulator.plant.jit import inlined, internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import free_slot, set_timer, then
from simulator.plant.tenants import choose_tenant


@internal
def _tokens(s: State, given: int, law: int, key: int) -> int:
    return given if given >= 0 else chance.draw(s.laws, law, key)


@inlined
def ask_for(s: State, slot: int, prompt: int, output: int, prompt_law: int) -> None:
    """Draw a request's tokens where they are not given; the class's other mix takes its share."""
    root = s.slots[slot]
    row, key = s.classes[root[at.CLASS]], root[at.ROOT_KEY]
    output_law = row[at.C_OUTPUT_LAW]
    share = s.class_floats[root[at.CLASS], at.C_MIX_SHARE]
    if share > 0.0 and chance.uniform(chance.mix(key, chance.MIX)) < share:
        if row[at.C_OTHER_PROMPT_LAW] >= 0:
            prompt, prompt_law = -1, row[at.C_OTHER_PROMPT_LAW]
        if row[at.C_OTHER_OUTPUT_LAW] >= 0:
            output, output_law = -1, row[at.C_OTHER_OUTPUT_LAW]
    root[at.PROMPT] = _tokens(s, prompt, prompt_law, chance.mix(key, chance.PROMPT))
    root[at.OUTPUT] = _tokens(s, output, output_law, chance.mix(key, chance.OUTPUT))


@rare
def greet(s: State, slot: int) -> None:
    """Begin the story of a user who has just arrived."""
    root, user = s.slots[slot], s.users[slot]
    user[:] = 0
    user[of.U_SESSION] = root[at.ROOT_KEY]
    manners = s.classes[root[at.CLASS], at.C_MANNERS]
    if manners & of.TENANTED:
        choose_tenant(s, slot)
    if manners & of.CONVERSES:
        _begin_session(s, slot)
    renew_patience(s, slot)


@internal
def _begin_session(s: State, slot: int) -> None:
    """Draw how many turns a conversation has, and name it."""
    root, user = s.slots[slot], s.users[slot]
    row = s.manners[root[at.CLASS]]
    key = chance.mix(user[of.U_SESSION], chance.TURNS)
    user[of.U_TURNS] = chance.draw(s.laws, row[of.M_TURNS], key)
    user[of.U_TURN] = 0
    root[at.PROMPT] = max(root[at.PROMPT], row[of.M_SHARED])
    if root[at.PREFIX] < 0:
        root[at.PREFIX] = of.CONVERSATION - (user[of.U_SESSION] >> 1)


@rare
def goes_on(s: State, slot: int, was_bad: bool) -> bool:
    """Say whether a user whose intent has its outcome will ask for more, and let them think."""
    root, user = s.slots[slot], s.users[slot]
    row, floats = s.manners[root[at.CLASS]], s.manner_floats[root[at.CLASS]]
    now, key = s.head[at.NOW], root[at.ROOT_KEY]
    if now >= s.head[at.ENDS_AT]:
        return False
    if was_bad and root[at.RESULT] != at.TOO_LONG and root[at.TRIES] < of.TRIES_MAX:
        of_back = chance.mix(key, (user[of.U_BACK] << 8) + chance.COME_BACK)
        if chance.uniform(of_back) < floats[of.F_BACK]:
            user[of.U_BACK] += 1
            _think(s, slot, chance.draw(s.laws, row[of.M_BACK], chance.mix(of_back, 1)))
            user[of.U_NEXT] = of.ASK_AGAIN
            return True
    if s.classes[root[at.CLASS], at.C_MANNERS] & of.CONVERSES == 0:
        return False
    user[of.U_HISTORY] = root[at.PROMPT] + (0 if was_bad else root[at.OUTPUT])
    if user[of.U_GROWN] > 0:
        user[of.U_HISTORY] = user[of.U_GROWN]
        user[of.U_GROWN] = 0
    gives_up = root[at.RESULT] == at.TOO_LONG
    if was_bad and not gives_up:
        gives_up = chance.uniform(chance.mix(key, chance.GIVE_UP)) < floats[of.F_GIVES_UP]
    if user[of.U_TURN] + 1 < user[of.U_TURNS] and not gives_up:
        thinks = chance.mix(key, chance.THINK)
        _think(s, slot, chance.draw(s.laws, row[of.M_THINK], thinks))
        user[of.U_NEXT] = of.NEXT_TURN
        return True
    of_return = chance.mix(user[of.U_SESSION], chance.RETURN)
    if chance.uniform(of_return) >= floats[of.F_RETURN]:
        return False
    _think(s, slot, chance.draw(s.laws, row[of.M_RETURN], chance.mix(of_return, 1)))
    user[of.U_NEXT] = of.NEW_SESSION
    return True


@internal
def _think(s: State, slot: int, lasts: int) -> None:
    root = s.slots[slot]
    root[at.KIND] = at.USER
    root[at.STATE] = at.THINKING
    root[at.DEADLINE] = 0
    set_timer(s, slot, s.head[at.NOW] + lasts, -1)


@rare
def ask_more(s: State, slot: int) -> int:
    """Let a user who has thought ask the next thing, unless the drill has ended meanwhile."""
    head, root, user = s.head, s.slots[slot], s.users[slot]
    if head[at.NOW] >= head[at.ENDS_AT]:
        free_slot(head, s.slots, slot)
        return then(at.NOTHING, 0)
    head[at.OPEN_INTENTS] += 1
    head[at.REQUESTS] += 1
    root[at.KIND] = at.ROOT
    root[at.INTENT_AT] = head[at.NOW]
    user[of.U_TRIED] = user[of.U_RELOADS] = 0
    if user[of.U_NEXT] == of.ASK_AGAIN:
        root[at.TRIES] += 1
    else:
        _ask_next(s, slot)
    renew_patience(s, slot)
    return then(at.DOOR, slot)


@internal
def _ask_next(s: State, slot: int) -> None:
    """Make the next turn's request, or the first of a new session."""
    root, user = s.slots[slot], s.users[slot]
    row = s.manners[root[at.CLASS]]
    root[at.TRIES] = 0
    user[of.U_BACK] = 0
    if user[of.U_NEXT] == of.NEW_SESSION:
        user[of.U_SESSION] = chance.mix(user[of.U_SESSION], chance.RETURN)
        root[at.ROOT_KEY] = root[at.KEY] = user[of.U_SESSION]
        root[at.PREFIX] = -1
        ask_for(s, slot, -1, -1, s.classes[root[at.CLASS], at.C_PROMPT_LAW])
        _begin_session(s, slot)
        return
    user[of.U_TURN] += 1
    session = chance.mix(user[of.U_SESSION], chance.TURN)
    root[at.ROOT_KEY] = root[at.KEY] = chance.mix(session, user[of.U_TURN])
    ask_for(s, slot, -1, -1, row[of.M_WORDS])
    root[at.PROMPT] += user[of.U_HISTORY]
    limit = row[of.M_CONTEXT_MAX]
    if limit > 0 and root[at.PROMPT] > limit:
        # What is left begins elsewhere from now on: nothing stands where it stood before.
        root[at.PROMPT] = limit
        root[at.PREFIX] = of.CONVERSATION - (root[at.ROOT_KEY] >> 1)
