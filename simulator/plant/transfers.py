"""Prompts computed at one model server for another: handing over, sending, and what goes wrong.

The decoding call D calls the computing one P over an ordinary edge. When P's prompt is computed, P
keeps its KV cache (HOLDING) and D enters its own server's queue, where it waits for room. Then P's
server sends: its transfers go over its link one after another (SENDING). When that is done P
answers, and D decodes. If P is lost on the way, D computes the prompt itself.
"""

from simulator.plant import layout as at
from simulator.plant import llm_tables as engine_at
from simulator.plant.jit import internal, rare
from simulator.plant.layout import State
from simulator.plant.llm import llm_abort, llm_arrive
from simulator.plant.llm_jumps import llm_settle
from simulator.plant.llm_remote import llm_asks, llm_come, llm_lose_offer, llm_offer
from simulator.plant.llm_tables import LlmTables
from simulator.plant.retries import stop_retrying
from simulator.plant.tables import priority_of, put_work, set_timer, then


@internal
def computes_for_another(s: State, slot: int) -> bool:
    """Say whether a call is made by a model server, which wants the KV cache of its prompt only."""
    parent = s.slots[slot, at.PARENT]
    if parent < 0 or s.slots[parent, at.KIND] != at.CALL:
        return False
    return bool(s.pools[s.slots[parent, at.POOL], at.P_DISCIPLINE] == at.MODEL)


@rare
def hold(s: State, slot: int) -> None:
    """Keep what has been computed, and tell the caller, whom the news reaches after the edge."""
    call = s.slots[slot]
    call[at.STATE] = at.HOLDING
    edge = s.edges[call[at.EDGE]]
    if edge[at.E_DELAY_NS] > 0:
        set_timer(s, slot, s.head[at.NOW] + edge[at.E_DELAY_NS], edge[at.E_DELAY_LANE])
    else:
        put_work(s.head, s.work, at.TIMER, slot, call[at.SERIAL])


@rare
def offer(s: State, tables: LlmTables, slot: int) -> int:
    """Let the caller of a call whose prompt is computed wait for room at its own server."""
    call, now = s.slots[slot], s.head[at.NOW]
    parent = call[at.PARENT]
    if parent < 0:
        return let_go(s, tables, slot)
    frame = s.slots[parent]
    r = frame[at.REPLICA]
    if frame[at.OUTPUT] <= 1 or s.replicas[r, at.R_REACHABLE] == 0:
        return let_go(s, tables, slot)  # there is nothing to decode, or nobody to do it now
    llm_settle(tables, r, now)
    refused = llm_arrive(
        tables, r, parent, frame[at.PROMPT], frame[at.OUTPUT], now, priority_of(s, parent),
        frame[at.KEY],
    )  # fmt: skip
    if refused:
        return let_go(s, tables, slot)
    llm_offer(tables, parent)
    frame[at.STAMP] = 0
    frame[at.STATE] = at.IN_ENGINE
    frame[at.ENTERED] = 1
    s.replicas[r, at.R_STARTED] += 1
    return then(at.ENGINE, r)


@internal
def send_caches(s: State, tables: LlmTables, r: int) -> None:
    """Have the KV caches sent of those at a server that have just got room for them."""
    now = s.head[at.NOW]
    slot = llm_asks(tables, r)
    while slot >= 0:
        child = s.slots[slot, at.FIRST_CHILD]
        if s.slots[child, at.STATE] != at.HOLDING:
            slot = llm_asks(tables, r)  # lost, which the asking server will hear in a moment
            continue
        sender = s.llm.ints[s.slots[child, at.REPLICA]]
        begins = max(now, sender[engine_at.LINK_FREE_AT])
        lasts = s.llm.floats[r, engine_at.LINK_PER_TOKEN] * s.slots[slot, at.PROMPT]
        sender[engine_at.LINK_FREE_AT] = begins + int(lasts + 0.5)
        arrives_at = sender[engine_at.LINK_FREE_AT] + s.llm.ints[r, engine_at.LINK_LATENCY]
        s.slots[child, at.STATE] = at.SENDING
        set_timer(s, child, arrives_at, -1)
        slot = llm_asks(tables, r)


@rare
def let_go(s: State, tables: LlmTables, slot: int) -> int:
    """Free what a call has computed, which has been fetched or will not be, and answer."""
    release_cache(s, tables, slot)
    s.slots[slot, at.STATE] = at.RUNNING
    s.slots[slot, at.RESULT] = at.OK
    return then(at.FINISH, slot)


@rare
def release_cache(s: State, tables: LlmTables, slot: int) -> None:
    """Free the KV blocks a call keeps for another server."""
    r = s.slots[slot, at.REPLICA]
    llm_settle(tables, r, s.head[at.NOW])
    llm_abort(tables, r, slot, s.head[at.NOW])
    put_work(s.head, s.work, at.ENGINE, r, 0)


@internal
def go_on(s: State, tables: LlmTables, slot: int) -> int:
    """Let a call decode whose prompt has been computed elsewhere and whose KV cache has come."""
    call = s.slots[slot]
    if call[at.ENTERED] == 0:
        call[at.RESULT] = at.OK
        return then(at.FINISH, slot)
    call[at.STATE] = at.IN_ENGINE
    now = s.head[at.NOW]
    llm_settle(tables, call[at.REPLICA], now)
    llm_come(tables, slot, now, call[at.FIRST_AT])
    return then(at.ENGINE, call[at.REPLICA])


@rare
def compute_here(s: State, tables: LlmTables, slot: int) -> int:
    """Let a call compute its prompt at its own server, as the one that had it is lost."""
    r = s.slots[slot, at.REPLICA]
    stop_retrying(s, slot)
    s.slots[slot, at.FIRST_AT] = -1
    llm_settle(tables, r, s.head[at.NOW])
    llm_lose_offer(tables, r, slot)
    return then(at.ENGINE, r)
