"""Tenants at the door: whose request it is, their quotas, and what is counted of each.

A tenant belongs to the user: every try, turn and session of one user has the same one.
"""

from simulator.plant import chance
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import Floats, State

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND


@internal
def choose_tenant(s: State, slot: int) -> None:
    """Draw whose user has arrived: the first tenant's by the hot share, else by popularity."""
    root, user = s.slots[slot], s.users[slot]
    row = s.manners[root[at.CLASS]]
    first, count = row[of.M_TENANTS_AT], row[of.M_TENANT_COUNT]
    key = chance.mix(root[at.ROOT_KEY], chance.TENANT)
    if chance.uniform(chance.mix(key, 1)) < s.manner_floats[root[at.CLASS], of.F_HOT]:
        user[of.U_TENANT] = first
        return
    u = chance.uniform(key) * count
    i = min(int(u), count - 1)
    cell = s.tenant_floats[first + i]
    user[of.U_TENANT] = first + (i if u - i < cell[of.TF_KEPT] else int(cell[of.TF_LENT]))


@compiled
def refill(bucket: Floats, now: int) -> None:
    """Let a tenant's buckets gather; they hold what a minute brings."""
    elapsed = now - bucket[of.TF_FILLED_AT]
    bucket[of.TF_FILLED_AT] = now
    requests, tokens = bucket[of.TF_REQUESTS_PER_NS], bucket[of.TF_TOKENS_PER_NS]
    bucket[of.TF_REQUESTS] = min(bucket[of.TF_REQUESTS] + elapsed * requests, requests * _MINUTE)
    bucket[of.TF_TOKENS] = min(bucket[of.TF_TOKENS] + elapsed * tokens, tokens * _MINUTE)


@rare
def enter_tenant(s: State, slot: int) -> None:
    """Count a request as its tenant's, and refuse it beyond the tenant's quotas.

    Tokens are taken up front, the prompt's and the whole answer's, and all or nothing. A tenant
    whose bucket can never hold so many is refused for as long.
    """
    root, now = s.slots[slot], s.head[at.NOW]
    place = s.users[slot, of.U_TENANT]
    row, bucket = s.tenants[place], s.tenant_floats[place]
    row[of.T_ARRIVED] += 1
    in_flight = row[of.T_IN_FLIGHT]
    row[of.T_IN_FLIGHT] = in_flight + 1
    if root[at.RESULT] != at.OK:
        return
    if row[of.T_CONCURRENCY_MAX] > 0 and in_flight >= row[of.T_CONCURRENCY_MAX]:
        root[at.RESULT] = at.LIMITED
        return
    requests, tokens = bucket[of.TF_REQUESTS_PER_NS], bucket[of.TF_TOKENS_PER_NS]
    if requests <= 0.0 and tokens <= 0.0:
        return
    refill(bucket, now)
    asked = float(root[at.PROMPT] + root[at.OUTPUT])
    lacking = 0.0
    if requests > 0.0 and bucket[of.TF_REQUESTS] < 1.0 - 1e-9:
        lacking = (1.0 - bucket[of.TF_REQUESTS]) / requests
    if tokens > 0.0 and bucket[of.TF_TOKENS] < asked:
        lacking = max(lacking, (asked - bucket[of.TF_TOKENS]) / tokens)
    if lacking > 0.0:
        root[at.RESULT] = at.LIMITED
        root[at.RETRY_AT] = now + (int(lacking / _SECOND) + 1) * _SECOND
        return
    bucket[of.TF_REQUESTS] -= 1.0 if requests > 0.0 else 0.0
    bucket[of.TF_TOKENS] -= asked if tokens > 0.0 else 0.0


@rare
def leave_tenant(s: State, slot: int, result: int) -> None:
    """Count what became of a try as its tenant sees it."""
    root = s.slots[slot]
    row = s.tenants[s.users[slot, of.U_TENANT]]
    row[of.T_IN_FLIGHT] -= 1
    if result == at.OK:
        row[of.T_2XX] += 1
        row[of.T_PROMPT_TOKENS] += root[at.PROMPT]
        row[of.T_OUTPUT_TOKENS] += root[at.OUTPUT]
    elif result == at.LIMITED or result == at.REFUSED or result == at.OVERFLOWED:
        row[of.T_429] += 1
    elif result == at.LEFT:
        row[of.T_ABANDONED] += 1
    else:
        row[of.T_FAILED] += 1
