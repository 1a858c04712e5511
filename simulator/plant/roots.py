"""Users: arrivals, the door, what they get, what they do then, and what became of their intent."""

from simulator.plant import chance
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.api import Outcome, SignalKind
from simulator.plant.batch_items import is_unsafe
from simulator.plant.clients import note_retry_after, renew_patience, tries_again_at
from simulator.plant.deadlines import expire
from simulator.plant.decades import ttft_bucket
from simulator.plant.jit import inlined, internal, rare
from simulator.plant.layout import Ints, State
from simulator.plant.leaving import drop_children
from simulator.plant.sessions import ask_for, goes_on, greet
from simulator.plant.spans import end_called, open_try
from simulator.plant.tables import count_in, free_slot, set_timer, signal, take_slot, then
from simulator.plant.tenants import enter_tenant, leave_tenant
from simulator.plant.tokens import take_token

_REFUSED, _ABANDONED, _FAILED = int(Outcome.REFUSED), int(Outcome.ABANDONED), int(Outcome.FAILED)
_WRONG, _LATE, _GOOD = int(Outcome.WRONG), int(Outcome.LATE), int(Outcome.GOOD)
_SIGNAL_FAILED = int(SignalKind.FAILED)
_SIGNAL_ABANDONED = int(SignalKind.ABANDONED)
_SIGNAL_SLOW = int(SignalKind.SLOW)
_SECOND = 1_000_000_000


@inlined
def admit_arrival(s: State) -> int:
    """Make a root of the next arrival and say which row it has."""
    head = s.head
    arrival = s.arrivals[head[at.ARRIVAL_AT]]
    head[at.ARRIVAL_AT] += 1
    head[at.OPEN_INTENTS] += 1
    head[at.REQUESTS] += 1
    slot = take_slot(head, s.slots)
    root = s.slots[slot]
    request_class, key, now = arrival[1], arrival[2], head[at.NOW]
    row = s.classes[request_class]
    root[at.KIND] = at.ROOT
    root[at.STATE] = at.RUNNING
    root[at.PARENT] = -1
    root[at.POOL] = -1
    root[at.REPLICA] = -1
    root[at.EDGE] = -1
    root[at.CLASS] = request_class
    root[at.ROOT_KEY] = key
    root[at.KEY] = key
    root[at.INTENT_AT] = now
    root[at.PREFIX] = arrival[5]
    if row[at.C_PATIENCE_NS] > 0:
        root[at.DEADLINE] = now + row[at.C_PATIENCE_NS]
    ask_for(s, slot, arrival[3], arrival[4], row[at.C_PROMPT_LAW])
    if row[at.C_MANNERS]:
        greet(s, slot)
    return slot


@inlined
def knock(s: State, slot: int) -> int:
    """Ask the door to let a request in: shed, limit, cut, or send it on."""
    head = s.head
    now = head[at.NOW]
    root = s.slots[slot]
    request_class = root[at.CLASS]
    row, floats = s.classes[request_class], s.class_floats[request_class]
    row[at.C_ARRIVED] += 1
    in_flight = row[at.C_IN_FLIGHT]
    row[at.C_IN_FLIGHT] = in_flight + 1
    root[at.STATE] = at.RUNNING
    root[at.SENT_AT] = now
    root[at.FIRST_AT] = -1
    root[at.QUALITY] = at.ONE
    root[at.PC] = row[at.C_ENTRY]
    root[at.RESULT] = at.OK
    if row[at.C_MANNERS]:
        root[at.RETRY_AT] = 0
        if s.users[slot, of.U_RENEWED]:
            renew_patience(s, slot)
    if root[at.ROOT_KEY] < head[at.TRACED_BELOW]:
        open_try(s, slot)
    shed = floats[at.C_SHED_SHARE]
    if shed > 0.0:
        key = chance.mix(root[at.KEY], (root[at.TRIES] << 8) + chance.SHED)
        if chance.uniform(key) < shed:
            root[at.RESULT] = at.LIMITED
    limit = row[at.C_CONCURRENCY_MAX]
    if limit > 0 and in_flight >= limit:
        root[at.RESULT] = at.LIMITED
    if row[at.C_PROMPT_MAX] > 0 and root[at.PROMPT] > row[at.C_PROMPT_MAX]:
        root[at.RESULT] = at.TOO_LONG
    if row[at.C_MANNERS] & of.TENANTED:
        enter_tenant(s, slot)
    if root[at.RESULT] == at.OK and floats[at.C_RATE_PER_NS] > 0.0:
        burst = max(floats[at.C_RATE_PER_NS] * _SECOND, 1.0)
        if not take_token(floats, at.C_RATE_PER_NS, at.C_LEFT, at.C_FILLED_AT, burst, now):
            root[at.RESULT] = at.LIMITED
            if row[at.C_MANNERS]:
                note_retry_after(s, slot, floats[at.C_RATE_PER_NS], floats[at.C_LEFT])
    if row[at.C_OUTPUT_MAX] > 0:
        root[at.OUTPUT] = min(root[at.OUTPUT], row[at.C_OUTPUT_MAX])
    return then(at.STEP if root[at.RESULT] == at.OK else at.END, slot)


@inlined
def _count_answer(s: State, slot: int, result: int) -> None:
    root = s.slots[slot]
    row = s.classes[root[at.CLASS]]
    now = s.head[at.NOW]
    row[at.C_IN_FLIGHT] -= 1
    if row[at.C_MANNERS] & of.TENANTED:
        leave_tenant(s, slot, result)
    if root[at.ROOT_KEY] < s.head[at.TRACED_BELOW]:
        end_called(s, slot, result)
    if result == at.OK:
        first_at = root[at.FIRST_AT] if root[at.FIRST_AT] >= 0 else now
        ttft, whole = first_at - root[at.SENT_AT], now - root[at.SENT_AT]
        row[at.C_2XX] += 1
        row[at.C_TTFT_NS] += ttft
        row[at.C_E2E_NS] += whole
        row[at.C_PROMPT_TOKENS] += root[at.PROMPT]
        row[at.C_OUTPUT_TOKENS] += root[at.OUTPUT]
        ttft_bounds = s.bounds[row[at.C_TTFT_BOUNDS]]
        count_in(row, at.C_HISTOGRAM, ttft_bounds, ttft)
        count_in(row, at.C_HISTOGRAM + ttft_bounds[0] + 1, s.bounds[row[at.C_E2E_BOUNDS]], whole)
    elif result == at.LIMITED or result == at.REFUSED or result == at.OVERFLOWED:
        row[at.C_429] += 1
    elif result == at.TOO_LONG:
        row[at.C_413] += 1
    elif result == at.TIMED_OUT:
        row[at.C_504] += 1
    elif result == at.LEFT:
        row[at.C_ABANDONED] += 1
    else:
        row[at.C_5XX] += 1


@internal
def _judge(s: State, slot: int) -> int:
    """Draw whether the answer is right from what the request met, and who notices."""
    root = s.slots[slot]
    row, floats = s.classes[root[at.CLASS]], s.class_floats[root[at.CLASS]]
    key = root[at.ROOT_KEY]
    wrong = chance.uniform(chance.mix(key, chance.QUALITY)) * at.ONE >= root[at.QUALITY]
    wrong = wrong or is_unsafe(s, root[at.CLASS], key)
    if chance.uniform(chance.mix(key, chance.JUDGE)) < floats[at.C_EVALUATED]:
        row[at.C_EVALUATIONS] += 1
        errs = chance.uniform(chance.mix(key, chance.JUDGE_ERROR)) < floats[at.C_JUDGE_ERROR]
        if wrong != errs:
            row[at.C_EVALUATED_WRONG] += 1
    share = floats[at.C_DOWN_WRONG] if wrong else floats[at.C_DOWN_GOOD]
    if chance.uniform(chance.mix(key, chance.THUMBS)) < share:
        row[at.C_THUMBS_DOWN] += 1
    return 1 if wrong else 0


@inlined
def _outcome(s: State, slot: int, cell: Ints, result: int) -> int:
    root = s.slots[slot]
    now = s.head[at.NOW]
    if result == at.LEFT:
        signal(s, _SIGNAL_ABANDONED, slot, now - root[at.INTENT_AT])
        return _ABANDONED
    if (
        result == at.LIMITED
        or result == at.REFUSED
        or result == at.TOO_LONG
        or result == at.OVERFLOWED
    ):
        return _REFUSED
    if result != at.OK:
        signal(s, _SIGNAL_FAILED, slot, result)
        return _FAILED
    row = s.classes[root[at.CLASS]]
    whole = now - root[at.INTENT_AT]
    ttft = root[at.FIRST_AT] - root[at.INTENT_AT] if root[at.FIRST_AT] >= 0 else whole
    cell[at.TTFT_BINS + ttft_bucket(ttft)] += 1
    late_ttft, late_whole = row[at.C_LATE_TTFT_NS], row[at.C_LATE_E2E_NS]
    if (late_ttft > 0 and ttft > 2 * late_ttft) or (late_whole > 0 and whole > 2 * late_whole):
        signal(s, _SIGNAL_SLOW, slot, whole)
    if _judge(s, slot):
        return _WRONG
    if (late_ttft > 0 and ttft > late_ttft) or (late_whole > 0 and whole > late_whole):
        return _LATE
    return _GOOD


@inlined
def end(s: State, slot: int) -> int:
    """Give the user their answer: they try again, or their intent has its outcome."""
    head = s.head
    root = s.slots[slot]
    row = s.classes[root[at.CLASS]]
    result = root[at.RESULT]
    waited_outside = root[at.STATE] == at.CLIENT_WAITS
    root[at.STAMP] = 0
    if not waited_outside:
        _count_answer(s, slot, result)
    again_at = -1
    if row[at.C_MANNERS]:
        again_at = tries_again_at(s, slot, result)
    # A prompt that is too long stays too long: no client tries that again.
    elif (
        root[at.TRIES] < row[at.C_RETRIES_MAX]
        and result != at.OK
        and result != at.LEFT
        and result != at.TOO_LONG
    ):
        again_at = head[at.NOW] + row[at.C_BACKOFF_NS]
    if again_at >= 0:
        root[at.TRIES] += 1
        row[at.C_RETRIED] += 1
        if root[at.DEADLINE] > 0 and root[at.DEADLINE] < again_at:
            again_at = root[at.DEADLINE]
        root[at.STATE] = at.CLIENT_WAITS
        set_timer(s, slot, again_at, row[at.C_BACKOFF_LANE])
        return then(at.NOTHING, 0)
    cell = s.bins[root[at.INTENT_AT] // head[at.BIN_NS], root[at.CLASS]]
    if row[at.C_MANNERS] and s.users[slot, of.U_STOPS] and result == at.LEFT:
        result = at.OK  # they have read what they came for
        root[at.FIRST_AT] = s.users[slot, of.U_SEEN_AT]
    outcome = _outcome(s, slot, cell, result)
    cell[outcome] += 1
    head[at.OPEN_INTENTS] -= 1
    if row[at.C_MANNERS] and goes_on(s, slot, outcome <= _FAILED):
        return then(at.NOTHING, 0)
    free_slot(head, s.slots, slot)
    return then(at.NOTHING, 0)


@rare
def leave(s: State, slot: int) -> int:
    """Let a user walk away: what was asked for them is cancelled or goes on unseen.

    Whoever works for somebody else gives up as its deadline passes.
    """
    if s.slots[slot, at.KIND] != at.ROOT:
        return expire(s, slot)
    drop_children(s, slot)
    s.slots[slot, at.RESULT] = at.LEFT
    return then(at.END, slot)
