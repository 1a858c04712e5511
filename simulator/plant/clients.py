"""What users do beyond waiting and asking again alike: patience, tries, reloads, first tokens."""

from simulator.plant import chance
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.hedging import wait_or_hedge
from simulator.plant.jit import internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import set_timer

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND


@rare
def renew_patience(s: State, slot: int) -> None:
    """Let a user's patience begin now; how long it is belongs to the request, not to the try."""
    root, user = s.slots[slot], s.users[slot]
    row = s.manners[root[at.CLASS]]
    now, key = s.head[at.NOW], root[at.ROOT_KEY]
    whole = s.classes[root[at.CLASS], at.C_PATIENCE_NS]
    if row[of.M_PATIENCE] >= 0:
        drawn = chance.draw(s.laws, row[of.M_PATIENCE], chance.mix(key, chance.PATIENCE))
        whole = max(drawn, 1)
    user[of.U_LEAVES_AT] = now + whole if whole > 0 else 0
    user[of.U_FIRST_BY] = 0
    if row[of.M_FIRST] >= 0:
        drawn = chance.draw(s.laws, row[of.M_FIRST], chance.mix(key, chance.FIRST_PATIENCE))
        user[of.U_FIRST_BY] = now + max(drawn, 1)
    user[of.U_SEEN_AT] = -1
    user[of.U_RENEWED] = 0
    _set_deadline(s, slot)


@internal
def _set_deadline(s: State, slot: int) -> None:
    """Work out when the user leaves, as things stand: of impatience, or having read enough."""
    root, user = s.slots[slot], s.users[slot]
    seen, first_by = user[of.U_SEEN_AT], user[of.U_FIRST_BY]
    due = user[of.U_LEAVES_AT]
    user[of.U_STOPS] = 0
    if first_by > 0 and (seen < 0 or seen > first_by):
        due = first_by if due == 0 or first_by < due else due
    elif seen >= 0:
        key = chance.mix(root[at.ROOT_KEY], chance.STOP)
        if chance.uniform(key) < s.manner_floats[root[at.CLASS], of.F_STOP]:
            law = s.manners[root[at.CLASS], of.M_STOP]
            stops_at = seen + chance.draw(s.laws, law, chance.mix(key, 1))
            if due == 0 or stops_at < due:
                due = stops_at
                user[of.U_STOPS] = 1
    root[at.DEADLINE] = due


@rare
def see_first_token(s: State, slot: int, first_at: int) -> None:
    """Tell the user that tokens of this call arrive, if anybody still waits for it."""
    delay = 0
    while s.slots[slot, at.KIND] != at.ROOT:
        if s.slots[slot, at.KIND] == at.CALL:
            delay += s.edges[s.slots[slot, at.EDGE], at.E_DELAY_NS]
        slot = s.slots[slot, at.PARENT]
        if slot < 0:
            return
    if s.users[slot, of.U_SEEN_AT] >= 0:
        return
    s.users[slot, of.U_SEEN_AT] = first_at + delay
    before = s.slots[slot, at.DEADLINE]
    _set_deadline(s, slot)
    if s.slots[slot, at.DEADLINE] != before and s.slots[slot, at.STATE] == at.WAITING:
        _wait_on(s, slot)


@internal
def _wait_on(s: State, slot: int) -> None:
    """Set a waiting user's timer anew after their deadline moved."""
    root = s.slots[slot]
    if s.edges[root[at.CALLING], at.E_GUARDED] & at.HEDGES:
        wait_or_hedge(s, slot)
        return
    child = root[at.FIRST_CHILD]
    due = root[at.DEADLINE]
    timeout = s.edges[s.slots[child, at.EDGE], at.E_TIMEOUT_NS]
    if timeout > 0:
        times_out_at = s.slots[child, at.SENT_AT] + timeout
        due = times_out_at if due == 0 or times_out_at < due else due
    if due > 0:
        set_timer(s, slot, max(due, s.head[at.NOW]), -1)
    else:
        root[at.STAMP] = 0


@rare
def tries_again_at(s: State, slot: int, result: int) -> int:
    """Say when a user asks for the same once more, -1 if they do not."""
    root, user = s.slots[slot], s.users[slot]
    row = s.manners[root[at.CLASS]]
    if result == at.OK or result == at.TOO_LONG or root[at.TRIES] >= of.TRIES_MAX:
        return -1
    if result == at.LEFT:
        return _reloads_at(s, slot)
    if user[of.U_TRIED] >= s.classes[root[at.CLASS], at.C_RETRIES_MAX]:
        return -1
    user[of.U_TRIED] += 1
    now = s.head[at.NOW]
    told = root[at.RETRY_AT] - now
    if result == at.LIMITED and row[of.M_HEEDS] and told > 0 and told <= _MINUTE:
        return now + told
    pause = s.classes[root[at.CLASS], at.C_BACKOFF_NS]
    if row[of.M_BACKOFF_MAX_NS] > 0:
        pause = min(pause << min(user[of.U_TRIED] - 1, 20), row[of.M_BACKOFF_MAX_NS])
    jitter = s.manner_floats[root[at.CLASS], of.F_JITTER]
    if jitter > 0.0:
        key = chance.mix(root[at.ROOT_KEY], (root[at.TRIES] << 8) + chance.BACKOFF)
        pause = int(pause * (1.0 - jitter * chance.uniform(key)))
    return now + pause


@internal
def _reloads_at(s: State, slot: int) -> int:
    """Say when a user who has just left asks again, their patience new; -1 if they do not."""
    root, user = s.slots[slot], s.users[slot]
    row = s.manners[root[at.CLASS]]
    if user[of.U_STOPS] or user[of.U_RELOADS] >= row[of.M_RELOADS_MAX]:
        return -1
    key = chance.mix(root[at.ROOT_KEY], (user[of.U_RELOADS] << 8) + chance.RELOAD)
    if chance.uniform(key) >= s.manner_floats[root[at.CLASS], of.F_RELOAD]:
        return -1
    user[of.U_RELOADS] += 1
    user[of.U_TRIED] = 0
    user[of.U_RENEWED] = 1
    root[at.DEADLINE] = 0
    return s.head[at.NOW] + chance.draw(s.laws, row[of.M_RELOAD], chance.mix(key, 1))


@rare
def note_retry_after(s: State, slot: int, per_ns: float, left: float) -> None:
    """Write what the door's 429 says: whole seconds until its bucket has a token again."""
    seconds = int((1.0 - left) / per_ns / _SECOND) + 1
    s.slots[slot, at.RETRY_AT] = s.head[at.NOW] + seconds * _SECOND


@rare
def reads_on(s: State, slot: int) -> bool:
    """Say whether the user has yet to read some of the answer, and hold the call until then."""
    call = s.slots[slot]
    parent, now = call[at.PARENT], s.head[at.NOW]
    if parent < 0 or s.slots[parent, at.KIND] != at.ROOT:
        return False
    first_at = call[at.FIRST_AT] if call[at.FIRST_AT] >= 0 else now
    read_at = first_at + call[at.OUTPUT] * s.manners[call[at.CLASS], of.M_READ_NS]
    if read_at <= now:
        return False
    call[at.STATE] = at.READING
    set_timer(s, slot, read_at, -1)
    return True
