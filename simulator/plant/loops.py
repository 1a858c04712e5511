"""Agents: steps run round after round, with prompts that grow, and calls with tokens of their own.

A frame's TRIES is the number of the round it is in, counted over all its loops, and part of the key
of whatever happens in it. Draws are by the request's key: a retried handler takes as many rounds.
"""

from simulator.plant import chance
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.jit import internal, rare
from simulator.plant.layout import State


@rare
def begin_loop(s: State, slot: int) -> None:
    """Draw how often the steps run, and go to the first of them or past the last."""
    call = s.slots[slot]
    here, loop = s.prog[call[at.PC]], s.loops[slot]
    key = chance.mix(call[at.ROOT_KEY], chance.LOOP)
    key = chance.mix(key, (here[at.PLACE] << 8) + call[at.TRIES])
    times = min(chance.draw(s.laws, here[at.A], key), here[at.C])
    if times <= 0:
        call[at.PC] = here[at.B]
        return
    loop[at.L_LEFT + here[at.DEPTH]] = times
    loop[at.L_BEGAN + here[at.DEPTH]] = s.head[at.NOW]
    loop[at.L_ANSWER] = call[at.OUTPUT]
    if s.prog[here[at.B] - 1, at.B] >= 0 and call[at.PREFIX] == -1:
        _begin_conversation(s, slot)
    call[at.TRIES] += 1
    call[at.PC] += 1


@internal
def _begin_conversation(s: State, slot: int) -> None:
    """Let the prompts of a growing context share all that they have in common."""
    call = s.slots[slot]
    row = s.classes[call[at.CLASS]]
    if row[at.C_LEVELS] > 0:
        last = at.C_LEVEL_0 + at.LEVEL_COLUMNS * (row[at.C_LEVELS] - 1)
        call[at.PROMPT] = max(call[at.PROMPT], row[last + at.LEVEL_END])
    call[at.PREFIX] = of.CONVERSATION - (call[at.ROOT_KEY] >> 1)


@rare
def end_round(s: State, slot: int) -> None:
    """Let the context grow, and go back to the loop's first step or on."""
    call = s.slots[slot]
    here, loop = s.prog[call[at.PC]], s.loops[slot]
    depth = here[at.DEPTH]
    if here[at.B] >= 0:
        key = chance.mix(call[at.ROOT_KEY], chance.GROWS)
        key = chance.mix(key, (here[at.PLACE] << 8) + call[at.TRIES])
        call[at.PROMPT] += loop[at.L_ANSWER] + chance.draw(s.laws, here[at.B], key)
        loop[at.L_ANSWER] = call[at.OUTPUT]
    loop[at.L_LEFT + depth] -= 1
    within = here[at.OWN_OUTPUT]
    call[at.TRIES] += 1
    if (
        loop[at.L_LEFT + depth] > 0
        and (here[at.C] == 0 or call[at.PROMPT] < here[at.C])
        and (within == 0 or s.head[at.NOW] - loop[at.L_BEGAN + depth] < within)
    ):
        call[at.PC] = here[at.A]
        return
    call[at.PC] += 1
    if here[at.B] >= 0 and s.classes[call[at.CLASS], at.C_MANNERS] & of.CONVERSES:
        _keep_context(s, slot)


@internal
def _keep_context(s: State, slot: int) -> None:
    """Make what an agent has read and said part of the user's conversation."""
    prompt = s.slots[slot, at.PROMPT]
    while slot >= 0 and s.slots[slot, at.KIND] != at.ROOT:
        slot = s.slots[slot, at.PARENT]
    if slot >= 0:
        s.users[slot, of.U_GROWN] = prompt


@rare
def ask_own(s: State, parent: int, child: int) -> None:
    """Give a call the tokens its step has laws for."""
    frame, call = s.slots[parent], s.slots[child]
    step = s.prog[frame[at.CALL_PC]]
    place = (step[at.PLACE] << 16) + (frame[at.TRIES] << 8)
    key = chance.mix(chance.mix(frame[at.ROOT_KEY], step[at.A]), place)
    if step[at.OWN_PROMPT] >= 0:
        call[at.PROMPT] = chance.draw(s.laws, step[at.OWN_PROMPT], chance.mix(key, chance.PROMPT))
        call[at.PREFIX] = -1  # of what the request shares, only what its class does
    if step[at.OWN_OUTPUT] >= 0:
        output = chance.draw(s.laws, step[at.OWN_OUTPUT], chance.mix(key, chance.OUTPUT))
        limit = s.classes[call[at.CLASS], at.C_OUTPUT_MAX]
        call[at.OUTPUT] = min(output, limit) if limit > 0 else output
        if s.loops.shape[0] > 1:
            s.loops[parent, at.L_ANSWER] = call[at.OUTPUT]
