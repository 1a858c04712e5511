"""After a failed attempt: whether it is tried again, when, and what the caller answers if not."""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import inlined, internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import set_timer, then

_RETRIES_ALWAYS = 3  # at once, whatever the budget
_RETRY_AFTER_MAX = 60_000_000_000  # longer ones are not believed (openai-python, _base_client.py)


@inlined
def stop_retrying(s: State, parent: int) -> None:
    """End the retry a frame has going, for the budget's count."""
    if s.slots[parent, at.RETRYING]:
        s.slots[parent, at.RETRYING] = 0
        s.edges[s.slots[parent, at.CALLING], at.E_RETRYING] -= 1


@inlined
def _may_retry(s: State, parent: int, result: int) -> bool:
    """Say whether the edge and its budget allow another attempt."""
    frame = s.slots[parent]
    edge = s.edges[frame[at.CALLING]]
    if frame[at.ATTEMPT] >= edge[at.E_RETRIES_MAX]:
        return False
    if (edge[at.E_RETRY_ON] >> result) & 1 == 0:
        return False
    budget = s.edge_floats[frame[at.CALLING], at.E_RETRY_BUDGET]
    active = edge[at.E_ACTIVE]
    other = edge[at.E_DIVERT_TO]
    if other >= 0:
        active += s.edges[other, at.E_ACTIVE]
    if budget > 0.0 and edge[at.E_RETRYING] >= max(float(_RETRIES_ALWAYS), budget * active):
        edge[at.E_RETRIES_REFUSED] += 1
        return False
    return True


@internal
def _becomes_500(result: int) -> bool:
    """Say whether a caller answers its own callers with a plain error after this one."""
    return (
        result == at.RESET
        or result == at.NOT_CONNECTED
        or result == at.NOBODY
        or result == at.OVERFLOWED
        or result == at.REJECTED
    )


@internal
def _pause(s: State, parent: int, told: int) -> int:
    """Say how long to wait before the next attempt: as told (Retry-After), or the own backoff."""
    frame = s.slots[parent]
    edge = s.edges[frame[at.CALLING]]
    if edge[at.E_GUARDED] & at.HONOURS:
        after = told - s.head[at.NOW]
        if 0 < after <= _RETRY_AFTER_MAX:
            return after
    pause = edge[at.E_BACKOFF_NS] << min(frame[at.ATTEMPT], 20)
    if edge[at.E_FULL_JITTER] and pause > 0:
        place = (s.prog[frame[at.CALL_PC], at.PLACE] << 16) + (frame[at.TRIES] << 8)
        key = chance.mix(frame[at.KEY], place + frame[at.ATTEMPT])
        pause = int(pause * chance.uniform(chance.mix(key, chance.BACKOFF)))
    return pause


@rare
def after_failure(s: State, parent: int) -> int:
    """Retry after a pause, take the fallback, or fail the frame."""
    frame = s.slots[parent]
    result, told = frame[at.RESULT], frame[at.RETRY_AT]
    frame[at.RETRY_AT] = 0
    stop_retrying(s, parent)
    if not _may_retry(s, parent, result):
        step = s.prog[frame[at.CALL_PC]]
        fallback = step[at.C]
        if result == at.REFUSED and step[at.B] == at.STANDS:
            fallback = -1
        if fallback >= 0:
            frame[at.PC] = fallback
            return then(at.STEP, parent)
        if frame[at.KIND] != at.ROOT and _becomes_500(result):
            frame[at.RESULT] = at.FAILED
        return then(at.FINISH, parent)
    edge = s.edges[frame[at.CALLING]]
    pause = _pause(s, parent, told)
    frame[at.ATTEMPT] += 1
    frame[at.RETRYING] = 1
    edge[at.E_RETRYING] += 1
    edge[at.E_RETRIES] += 1
    if pause == 0:
        return then(at.SEND, parent)
    frame[at.STATE] = at.BACKING_OFF
    again_at = s.head[at.NOW] + pause
    if frame[at.DEADLINE] > 0 and frame[at.DEADLINE] < again_at:
        again_at = frame[at.DEADLINE]
    set_timer(s, parent, again_at, -1)
    return then(at.NOTHING, 0)
