"""Gauges brought up to date, and rows copied at each scrape target's own instant."""

from simulator.plant import batch as batches
from simulator.plant import broker_tables as bt
from simulator.plant import layout as at
from simulator.plant import llm_tables as engine_at
from simulator.plant import store_tables as st
from simulator.plant.client_columns import T_PROBE
from simulator.plant.guards import show_members
from simulator.plant.index import settle_index
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import State
from simulator.plant.limits import come_due, show_uses
from simulator.plant.llm_jumps import llm_settle
from simulator.plant.objects import settle_transfers
from simulator.plant.processors import read_cores
from simulator.plant.provider import note_losses
from simulator.plant.provider_tables import V_PROBE
from simulator.plant.replication import lag_of
from simulator.plant.state import state_at
from simulator.plant.tables import settle_busy

_NEVER = 1 << 62
_REPLICA, _EDGE, _PROVIDER, _TENANT = 0, 1, 3, 4  # ScrapeKind
_LIMIT = 100  # of limits_tables


@internal
def _settle_model(s: State, r: int, now: int) -> None:
    llm_settle(s.llm, r, now)
    row, engine = s.replicas[r], s.llm.ints[r]
    row[at.R_BUSY_NS] = engine[engine_at.STEP_NS]
    row[at.R_STEPS] = engine[engine_at.STEPS]
    row[at.R_PREEMPTIONS] = engine[engine_at.PREEMPTIONS]
    row[at.R_PROMPT_TOKENS] = engine[engine_at.PROMPT_TOKENS]
    row[at.R_GENERATION_TOKENS] = engine[engine_at.GENERATION_TOKENS]
    row[at.R_HITS] = engine[engine_at.PREFIX_HITS]
    row[at.R_MISSES] = engine[engine_at.PREFIX_MISSES]
    row[at.R_QUEUED] = engine[engine_at.WAITING]
    row[at.R_RUNNING] = engine[engine_at.RUNNING]
    row[at.R_KV_USED] = engine[engine_at.KV_USED]
    row[at.R_KV_TOTAL] = engine[engine_at.KV_TOTAL]
    row[at.R_DRAFTS] = engine[engine_at.DRAFTS]
    row[at.R_DRAFT_TOKENS] = engine[engine_at.DRAFT_TOKENS]
    row[at.R_ACCEPTED_TOKENS] = engine[engine_at.ACCEPTED_TOKENS]
    if s.pools[row[at.R_POOL], at.P_PER_TOKEN]:
        return  # answers are counted as they end
    row[at.R_INTER_TOKEN_NS] = engine[engine_at.INTER_TOKEN_NS]
    column = s.pools[row[at.R_POOL], at.P_COLUMN + 3]
    for i in range(engine_at.INTER_TOKEN_BUCKETS):
        row[column + i] = engine[engine_at.INTER_TOKEN + i]


@internal
def _settle_store(s: State, r: int, now: int) -> None:
    row, store = s.replicas[r], s.databases[s.replicas[r, at.R_POOL]]
    row[at.R_LAG_NS] = lag_of(s, r, now)
    row[at.R_IS_REPLICA] = store[st.S_PRIMARY] != r
    row[at.R_BACKENDS_MAX] = store[st.S_CONNECTIONS_MAX]


@internal
def _settle_queue(s: State, r: int, now: int) -> None:
    """Show a queue's depth at the first of its broker's replicas that is ready."""
    row, pool = s.replicas[r], s.replicas[r, at.R_POOL]
    queue = s.queues[pool]
    leads = row[at.R_PLACE] == 0
    row[at.R_READY_MESSAGES] = queue[bt.Q_READY] if leads else 0
    row[at.R_UNACKED] = queue[bt.Q_OUT] if leads else 0
    waits = leads and queue[bt.Q_READY] > 0
    row[at.R_AGE_NS] = now - s.messages[queue[bt.Q_READY_HEAD], bt.M_AT] if waits else 0


@compiled
def settle_at(key: int, r: int, now: int) -> None:
    """Bring every probe of a replica up to now, of the plant with that key."""
    settle(state_at(key), r, now)


@internal
def settle(s: State, r: int, now: int) -> None:
    """Bring every probe of a replica up to now."""
    row = s.replicas[r]
    pool = row[at.R_POOL]
    discipline = s.pools[pool, at.P_DISCIPLINE]
    if discipline == at.WORKERS:
        settle_busy(row, now)
        row[at.R_RUNNING] = row[at.R_TAKEN]
        if s.pools[pool, at.P_CONTENT] == at.INDEX:
            settle_index(s, r, now)
        elif s.pools[pool, at.P_CONTENT] == at.STORE:
            _settle_store(s, r, now)
        elif s.pools[pool, at.P_CONTENT] == at.BROKER:
            _settle_queue(s, r, now)
        elif s.pools[pool, at.P_CONTENT] == at.OBJECTS:
            settle_transfers(s, r, now)
    elif discipline == at.PROCESSORS:
        read_cores(s, r, now)
    elif discipline == at.MODEL:
        _settle_model(s, r, now)
    elif discipline == at.BATCHES:
        server = s.batch.ints[r]
        row[at.R_BUSY_NS] = server[batches.BUSY_NS]
        row[at.R_STEPS] = server[batches.BATCHES]
        row[at.R_QUEUED] = server[batches.WAITING]
        row[at.R_RUNNING] = server[batches.RUNNING]
        row[at.R_PROMPT_TOKENS] = server[batches.TOKENS]
        row[at.R_GENERATION_TOKENS] = server[batches.PADDING]
        row[at.R_FINISHED_PROMPTS] = server[batches.ITEMS]
    else:
        row[at.R_RUNNING] = row[at.R_PRESENT]
    floats = s.pool_floats[pool]
    busy = row[at.R_BUSY_NS] - row[at.R_CPU_BUSY_NS]
    idle = now - row[at.R_CPU_SETTLED_AT] if row[at.R_ALIVE] else 0
    row[at.R_CPU_NS] += int(floats[at.P_CPU_IDLE] * idle + floats[at.P_CPU_BUSY] * busy + 0.5)
    row[at.R_CPU_BUSY_NS] = row[at.R_BUSY_NS]
    row[at.R_CPU_SETTLED_AT] = now
    if s.pools[pool, at.P_LIMITED]:
        show_uses(s, r, now)


@compiled
def find_next_scrape(s: State) -> None:
    """Note the next instant at which a target is due."""
    soonest = _NEVER
    for target in range(s.head[at.TARGETS]):
        row = s.targets[target]
        if row[at.T_ALIVE] and row[at.T_NEXT_AT] < soonest:
            soonest = row[at.T_NEXT_AT]
    s.head[at.SCRAPE_NEXT_AT] = soonest


@internal
def copy_due_rows(s: State, now: int) -> None:
    """Copy the rows of every target due now; the ring has room for all targets."""
    head = s.head
    for target in range(head[at.TARGETS]):
        row = s.targets[target]
        if not row[at.T_ALIVE] or row[at.T_NEXT_AT] != now:
            continue
        if row[at.T_KIND] == _LIMIT:
            come_due(s, target)
            continue
        row[at.T_NEXT_AT] += row[at.T_PERIOD]
        copy = s.scrapes[head[at.SCRAPE_COUNT]]
        head[at.SCRAPE_COUNT] += 1
        copy[0] = now
        copy[1] = target
        kind, place = row[at.T_KIND], row[at.T_ROW]
        if kind == _REPLICA:
            settle(s, place, now)
            source, first = s.replicas[place], at.R_PROBE
        elif kind == _EDGE:
            show_members(s, place)
            source, first = s.edges[place], at.E_PROBE
        elif kind == _PROVIDER:
            note_losses(s, place)
            source, first = s.provider_rows[place], V_PROBE
        elif kind == _TENANT:
            source, first = s.tenants[place], T_PROBE
        else:
            source, first = s.classes[place], at.C_PROBE
        for i in range(source.shape[0] - first):
            copy[at.SCRAPE_VALUES + i] = source[first + i]
    find_next_scrape(s)
