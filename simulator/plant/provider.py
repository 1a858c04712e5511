"""A provider outside: its quotas, its room that others want too, and how its answers come.

A quota is a token bucket: it fills evenly and holds `BURST_NS` worth of its rate. A call is refused
with a 429 unless every bucket holds what it is counted with, and is told when they will. Room is
streams: what other customers want of them is a level with slow noise, drawn by time alone; where
all together want more than there is, a call finds a stream with the probability that anyone does,
as in a loss system with many customers, and is answered 529 otherwise.
"""

import math

from simulator.plant import arithmetic, chance
from simulator.plant import layout as at
from simulator.plant import provider_tables as v
from simulator.plant.client_columns import WATCHES
from simulator.plant.clients import see_first_token
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import Floats, State
from simulator.plant.probes import ProviderProbe
from simulator.plant.tables import count_in, set_timer, then

NEVER = 1 << 62
"""When a bucket will hold what it cannot hold."""
_SECOND = 1_000_000_000
_HOUR = 3_600_000_000_000
_DAY = 24 * _HOUR
_NEARLY = 1e-9  # of a token: what rounding may leave missing
(
    _OK, _LIMITED, _OVERLOADED, _FAILED, _TIMED_OUT, _UNCONNECTED, _INPUT, _OUTPUT, _SPENT,
    _LATENCY_NS, _TTFT_NS, _REQUESTS_LEFT, _TOKENS_LEFT, _BUDGET_LEFT,
) = (v.V_PROBE + int(column) for column in ProviderProbe)  # fmt: skip
_TTFT_HISTOGRAM = v.V_HISTOGRAM + len(v.LATENCY_BOUNDS_S) + 1


@compiled
def fill_buckets(row: Floats, now: int) -> None:
    """Bring every bucket of an account up to now."""
    elapsed = now - row[v.FILLED_AT]
    row[v.FILLED_AT] = now
    for bucket in range(4):
        rate = row[v.RATE + bucket]
        level = row[v.LEVEL + bucket] + elapsed * rate
        row[v.LEVEL + bucket] = min(level, rate * row[v.BURST_NS])


@internal
def _wait_for(row: Floats, bucket: int, needed: float) -> int:
    """Say in how many ns a bucket will hold so much; NEVER if it is too small."""
    rate, level = row[v.RATE + bucket], row[v.LEVEL + bucket]
    if rate <= 0.0 or level >= needed - _NEARLY:
        return 0
    if needed > rate * row[v.BURST_NS]:
        return NEVER
    return int((needed - level) / rate) + 1


@internal
def _asked(row: Floats, tokens: int) -> float:
    """Say with how many output tokens a call is counted as it comes."""
    if row[v.AT_END] > 0.0:
        return 0.0
    return row[v.MAX_TOKENS] if row[v.MAX_TOKENS] > 0.0 else float(tokens)


@internal
def _wait_for_quota(row: Floats, prompt: int, output: int) -> int:
    """Say in how many ns every quota allows a call; 0: now."""
    asked = _asked(row, output)
    # What is counted at the end must not have run out.
    beginning = 1.0 if row[v.AT_END] > 0.0 else asked
    wait = _wait_for(row, v.REQUESTS, 1.0)
    wait = max(wait, _wait_for(row, v.TOKENS, prompt + asked))
    wait = max(wait, _wait_for(row, v.INPUT, float(prompt)))
    return max(wait, _wait_for(row, v.OUTPUT, beginning))


@internal
def by_hour(s: State, number: int, day_ns: float) -> float:
    """Read a row of 24 factors at a time of day: linear between full hours, midnight included."""
    now = int(s.head[at.NOW] + day_ns) % _DAY
    hour = now // _HOUR
    share = (now - hour * _HOUR) / _HOUR
    factors = s.provider_hours[number]
    following = hour + 1 if hour < v.HOURS - 1 else 0
    return factors[hour] * (1.0 - share) + factors[following] * share


@internal
def _noise(s: State, pool: int, swing_ns: float) -> float:
    """Draw a standard normal value that changes slowly: the same for whoever asks at this time."""
    now = s.head[at.NOW]
    length = int(swing_ns)
    window = now // length
    share = (now - window * length) / length
    key = chance.mix(chance.mix(s.head[at.SEED], (pool << 8) + chance.OTHERS), window)
    key_after = chance.mix(chance.mix(s.head[at.SEED], (pool << 8) + chance.OTHERS), window + 1)
    before = arithmetic.normal_quantile(chance.uniform(key))
    after = arithmetic.normal_quantile(chance.uniform(key_after))
    # A mean of two independent values varies less than each: it is stretched again.
    spread = math.sqrt((1.0 - share) * (1.0 - share) + share * share)
    return (before * (1.0 - share) + after * share) / spread


@internal
def _fullness(s: State, pool: int) -> float:
    """Say what all customers want, with one stream more of ours, as a share of the streams."""
    row = s.providers[pool]
    wanted = row[v.OTHERS]
    if row[v.BY_HOUR] > 0.0:
        wanted *= by_hour(s, 2 * pool + 1, row[v.DAY_NS])
    if row[v.SWING] > 0.0:
        wanted *= max(1.0 + row[v.SWING] * _noise(s, pool, row[v.SWING_NS]), 0.0)
    return wanted + (row[v.STREAMS] + 1.0) / row[v.STREAMS_MAX]


@internal
def _refuse(s: State, slot: int, result: int) -> int:
    s.slots[slot, at.RESULT] = result
    return then(at.FINISH, slot)


@internal
def ask_provider(s: State, slot: int) -> int:
    """Let a call in if budget, quotas and room allow it, and begin its stream."""
    call = s.slots[slot]
    pool, row = call[at.POOL], s.providers[call[at.POOL]]
    fill_buckets(row, s.head[at.NOW])
    if row[v.BUDGET_NANO] > 0.0 and row[v.SPENT_NANO] >= row[v.BUDGET_NANO]:
        return _refuse(s, slot, at.LIMITED)
    wait = _wait_for_quota(row, call[at.PROMPT], call[at.OUTPUT])
    if wait > 0:
        if row[v.COUNTS_REFUSED] > 0.0:
            row[v.LEVEL + v.REQUESTS] = max(row[v.LEVEL + v.REQUESTS] - 1.0, 0.0)
            wait = _wait_for_quota(row, call[at.PROMPT], call[at.OUTPUT])
        if wait < NEVER:
            # Retry-After is in whole seconds.
            call[at.RETRY_AT] = s.head[at.NOW] + -(-wait // _SECOND) * _SECOND
        return _refuse(s, slot, at.LIMITED)
    fullness = 0.0
    if row[v.STREAMS_MAX] > 0.0:
        fullness = _fullness(s, pool)
        room = chance.uniform(chance.mix(call[at.KEY], chance.ROOM))
        if fullness > 1.0 and room * fullness >= 1.0:
            return _refuse(s, slot, at.REJECTED)
    asked = _asked(row, call[at.OUTPUT])
    row[v.LEVEL + v.REQUESTS] -= 1.0
    row[v.LEVEL + v.TOKENS] -= call[at.PROMPT] + asked
    row[v.LEVEL + v.INPUT] -= call[at.PROMPT]
    row[v.LEVEL + v.OUTPUT] -= asked
    _begin_stream(s, slot, fullness)
    return then(at.NOTHING, 0)


@internal
def _begin_stream(s: State, slot: int, fullness: float) -> None:
    """Draw when the first token comes and how many follow; set the answer's end."""
    call = s.slots[slot]
    r, pool, now = call[at.REPLICA], call[at.POOL], s.head[at.NOW]
    row = s.providers[pool]
    s.replicas[r, at.R_STARTED] += 1
    row[v.STREAMS] += 1.0
    if row[v.MAX_TOKENS] > 0.0:
        call[at.OUTPUT] = min(call[at.OUTPUT], int(row[v.MAX_TOKENS]))
    cut = row[v.CUT_SHARE]
    if cut > 0.0 and chance.uniform(chance.mix(call[at.KEY], chance.CUT)) < cut:
        # It ends like any other stream, so nobody counts it as failed; the answer is no use.
        left = chance.uniform(chance.mix(call[at.KEY], chance.CUT_AT))
        call[at.OUTPUT] = int(call[at.OUTPUT] * left)
        call[at.QUALITY] = 0
    slower = s.replica_floats[r, at.R_SLOWDOWN]
    if row[v.BY_HOUR] > 0.0:
        slower *= by_hour(s, 2 * pool, row[v.DAY_NS])
    slower *= 1.0 + (row[v.SLOWER_WHEN_FULL] - 1.0) * min(fullness, 1.0)
    ttft = chance.draw(s.laws, s.pools[pool, at.P_TTFT_LAW], chance.mix(call[at.KEY], chance.TTFT))
    call[at.FIRST_AT] = now + int(ttft * slower + 0.5)
    rate = row[v.TOKENS_PER_NS]
    streaming = (call[at.OUTPUT] / rate) * slower if rate > 0.0 else 0.0
    call[at.END_AT] = call[at.FIRST_AT] + int(streaming + 0.5)
    call[at.STATE] = at.STREAMING
    set_timer(s, slot, call[at.END_AT], -1)
    if s.classes[call[at.CLASS], at.C_MANNERS] & WATCHES:
        see_first_token(s, slot, call[at.FIRST_AT])


@internal
def end_stream(s: State, slot: int) -> int:
    """End a stream that has said everything it will."""
    call = s.slots[slot]
    _charge(s, slot, call[at.OUTPUT])
    call[at.RESULT] = at.OK
    return then(at.FINISH, slot)


@internal
def break_stream(s: State, slot: int, now: int) -> None:
    """End a stream nobody listens to any more; what it has written by now is charged."""
    call = s.slots[slot]
    said = now - call[at.FIRST_AT]
    whole = call[at.END_AT] - call[at.FIRST_AT]
    written = 0
    if said > 0 and whole > 0:
        written = int(call[at.OUTPUT] * (said / whole))
    _charge(s, slot, min(written, call[at.OUTPUT]))


@internal
def _charge(s: State, slot: int, output: int) -> None:
    call = s.slots[slot]
    row = s.providers[call[at.POOL]]
    row[v.STREAMS] -= 1.0
    if row[v.AT_END] > 0.0:
        fill_buckets(row, s.head[at.NOW])
        row[v.LEVEL + v.TOKENS] -= output
        row[v.LEVEL + v.OUTPUT] -= output
    cost = int(call[at.PROMPT] * row[v.NANO_PER_INPUT] + output * row[v.NANO_PER_OUTPUT] + 0.5)
    row[v.SPENT_NANO] += cost
    s.provider_rows[call[at.EDGE], _SPENT] += cost


@internal
def note_answer(s: State, slot: int, result: int) -> None:
    """Count an answer as its caller's client library does, headers included."""
    call = s.slots[slot]
    counts, row = s.provider_rows[call[at.EDGE]], s.providers[call[at.POOL]]
    if result == at.OK:
        now = s.head[at.NOW]
        latency = now - call[at.SENT_AT]
        ttft = call[at.FIRST_AT] - call[at.SENT_AT] + s.edges[call[at.EDGE], at.E_DELAY_NS]
        counts[_OK] += 1
        counts[_INPUT] += call[at.PROMPT]
        counts[_OUTPUT] += call[at.OUTPUT]
        counts[_LATENCY_NS] += latency
        counts[_TTFT_NS] += ttft
        count_in(counts, v.V_HISTOGRAM, s.bounds[counts[v.LATENCY_BOUNDS]], latency)
        count_in(counts, _TTFT_HISTOGRAM, s.bounds[counts[v.TTFT_BOUNDS]], ttft)
    elif result == at.LIMITED:
        counts[_LIMITED] += 1
    elif result == at.REJECTED:
        counts[_OVERLOADED] += 1
    else:
        counts[_FAILED] += 1
    fill_buckets(row, s.head[at.NOW])
    counts[_REQUESTS_LEFT] = int(max(row[v.LEVEL + v.REQUESTS], 0.0))
    counts[_TOKENS_LEFT] = int(max(_least_left(row), 0.0))
    left = row[v.BUDGET_NANO] - row[v.SPENT_NANO] if row[v.BUDGET_NANO] > 0.0 else -1.0
    counts[_BUDGET_LEFT] = int(max(left, 0.0) if row[v.BUDGET_NANO] > 0.0 else left)


@compiled
def note_losses(s: State, edge: int) -> None:
    """Count what never came back; the caller's own side of the edge knows."""
    s.provider_rows[edge, _TIMED_OUT] = s.edges[edge, at.E_TIMED_OUT]
    s.provider_rows[edge, _UNCONNECTED] = s.edges[edge, at.E_CONNECT_FAILED]


@internal
def _least_left(row: Floats) -> float:
    """Say how many tokens are left of the quota that has least, as x-ratelimit headers do."""
    least, found = 0.0, False
    for bucket in range(v.TOKENS, v.OUTPUT + 1):
        if row[v.RATE + bucket] > 0.0 and (not found or row[v.LEVEL + bucket] < least):
            least, found = row[v.LEVEL + bucket], True
    return least
