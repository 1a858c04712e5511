"""Where model servers, batch servers and providers meet the kernel."""

from simulator.plant import batch as batches
from simulator.plant import layout as at
from simulator.plant import llm_tables as engine_at
from simulator.plant.api import SignalKind
from simulator.plant.batch import batch_abort, batch_arrive, batch_due, batch_step
from simulator.plant.batch_items import settle_answer, weigh
from simulator.plant.client_columns import WATCHES
from simulator.plant.clients import see_first_token
from simulator.plant.jit import internal
from simulator.plant.layout import State
from simulator.plant.llm import DONE, FIRST_TOKEN, llm_abort, llm_arrive, llm_end_step
from simulator.plant.llm import llm_start_step as start_step
from simulator.plant.llm_adapters import llm_use_adapter
from simulator.plant.llm_jumps import llm_due, llm_settle
from simulator.plant.objects import end_transfers
from simulator.plant.probes import ReplicaHistogram
from simulator.plant.processors import run_cores
from simulator.plant.provider import ask_provider
from simulator.plant.records import note_served
from simulator.plant.sharing import share_prefix
from simulator.plant.tables import (
    count_in,
    priority_of,
    put_work,
    set_replica_timer,
    set_timer,
    signal_replica,
    then,
)
from simulator.plant.transfers import computes_for_another, go_on, hold, send_caches

_PREEMPTED = int(SignalKind.PREEMPTED)
_INTER_TOKEN = int(ReplicaHistogram.INTER_TOKEN)
_QUEUE_TIME, _TTFT = int(ReplicaHistogram.QUEUE_TIME), int(ReplicaHistogram.TTFT)
_PROMPT_TOKENS = int(ReplicaHistogram.PROMPT_TOKENS)
_GENERATION_TOKENS = int(ReplicaHistogram.GENERATION_TOKENS)


@internal
def enter_engine(s: State, slot: int) -> int:
    """Queue a call at its model or batch server."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    now = s.head[at.NOW]
    if s.pools[call[at.POOL], at.P_DISCIPLINE] == at.MODEL:
        llm_settle(s.llm, r, now)
        tables, adapter = s.llm, 0
        keeps = computes_for_another(s, slot)
        if keeps:
            call[at.OUTPUT] = 1
        refused = llm_arrive(
            tables, r, slot, call[at.PROMPT], call[at.OUTPUT], now, priority_of(s, slot),
            call[at.KEY],
        )  # fmt: skip
        call[at.STATE] = at.IN_ENGINE
        if keeps and not refused:
            s.llm.calls[slot, engine_at.KEEPS] = 1
        if s.llm.ints[r, engine_at.LORAS_MAX] > 0:
            adapter = s.classes[call[at.CLASS], at.C_ADAPTER]
            llm_use_adapter(tables, slot, adapter)
        if not refused and s.llm.ints[r, engine_at.CACHES]:
            share_prefix(s, tables, slot, adapter)
    else:
        weigh(s, slot)
        full = batch_arrive(s.batch, r, slot, now)
        refused = 0
        if full != batches.QUEUED:
            refused = 1 if full == batches.ITEM_TOO_LONG else 2
        call[at.STATE] = at.IN_BATCH
    if refused:
        call[at.STATE] = at.RUNNING
        call[at.RESULT] = at.TOO_LONG if refused == 1 else at.REJECTED
        return then(at.FINISH, slot)
    s.replicas[r, at.R_STARTED] += 1
    return then(at.ENGINE, r)


@internal
def enter(s: State, slot: int) -> int:
    """Hand a call to its pool's own way of serving."""
    call = s.slots[slot]
    pool = s.pools[call[at.POOL]]
    if pool[at.P_DISCIPLINE] == at.PROVIDER:
        return ask_provider(s, slot)
    if call[at.FIRST_AT] >= 0 and (call[at.ENTERED] or call[at.OUTPUT] <= 1):
        return go_on(s, s.llm, slot)  # another server has computed its prompt
    overhead = pool[at.P_OVERHEAD_NS]
    if overhead > 0 and call[at.STATE] != at.OVERHEAD:
        call[at.STATE] = at.OVERHEAD
        set_timer(s, slot, s.head[at.NOW] + overhead, pool[at.P_OVERHEAD_LANE])
        return then(at.NOTHING, 0)
    return enter_engine(s, slot)


@internal
def _count(s: State, r: int, histogram: int, value: int) -> None:
    """Count a value in one of a replica's histograms."""
    pool = s.pools[s.replicas[r, at.R_POOL]]
    bounds = s.bounds[pool[at.P_BOUNDS + histogram]]
    count_in(s.replicas[r], pool[at.P_COLUMN + histogram], bounds, value)


@internal
def _finish_all(s: State, r: int, n: int, is_model: bool) -> None:
    replica = s.replicas[r]
    now = s.head[at.NOW]
    for i in range(n):
        slot = s.finished[i, 0]
        call = s.slots[slot]
        if is_model and s.finished[i, 1] & FIRST_TOKEN:
            call[at.FIRST_AT] = now + s.llm.ints[r, engine_at.STREAM_NS]
            ttft = call[at.FIRST_AT] - call[at.ARRIVED_AT]
            replica[at.R_TTFT_NS] += ttft
            _count(s, r, _TTFT, ttft)
            if s.classes[call[at.CLASS], at.C_MANNERS] & WATCHES:
                see_first_token(s, slot, call[at.FIRST_AT])
        if is_model and not s.finished[i, 1] & DONE:
            continue
        call[at.RESULT] = at.OK
        if is_model and s.llm.calls[slot, engine_at.STATE] == engine_at.KEPT_FOR:
            hold(s, slot)
        elif is_model and s.llm.ints[r, engine_at.STREAM_NS] > 0:
            lasts = call[at.OUTPUT] * s.llm.ints[r, engine_at.STREAM_NS]
            call[at.STATE] = at.READING
            set_timer(s, slot, now + lasts, -1)
        else:
            call[at.STATE] = at.RUNNING
            put_work(s.head, s.work, at.FINISH, slot, call[at.SERIAL])
        if not is_model:
            served = s.batch.calls[slot]
            replica[at.R_WAIT_NS] += served[batches.SERVED_AT] - served[batches.ARRIVED_AT]
            settle_answer(s, slot)
            continue
        sequence = s.llm.calls[slot]
        waited = sequence[engine_at.SCHEDULED_AT] - sequence[engine_at.ARRIVED_AT]
        replica[at.R_WAIT_NS] += waited
        replica[at.R_FINISHED_STOP] += 1
        replica[at.R_FINISHED_PROMPTS] += call[at.PROMPT]
        replica[at.R_FINISHED_TOKENS] += call[at.OUTPUT]
        if s.records.shape[0] > 0:
            note_served(s, slot)
        _count(s, r, _QUEUE_TIME, waited)
        if s.pools[replica[at.R_POOL], at.P_PER_TOKEN]:
            lasted = now - sequence[engine_at.SCHEDULED_AT]
            mean = lasted // max(call[at.OUTPUT], 1) + s.llm.ints[r, engine_at.STREAM_NS]
            replica[at.R_INTER_TOKEN_NS] += mean
            _count(s, r, _INTER_TOKEN, mean)
        _count(s, r, _PROMPT_TOKENS, call[at.PROMPT])
        _count(s, r, _GENERATION_TOKENS, call[at.OUTPUT])


@internal
def run_engine(s: State, r: int, ended: bool) -> None:
    """End what is due at a model or batch server, start what can start, set its timer."""
    now = s.head[at.NOW]
    replica = s.replicas[r]
    discipline = s.pools[replica[at.R_POOL], at.P_DISCIPLINE]
    if discipline == at.MODEL:
        _run_model(s, r, ended)
        return
    if discipline == at.PROCESSORS:
        run_cores(s, r)
        return
    if discipline == at.WORKERS:
        end_transfers(s, r)
        return
    _finish_all(s, r, batch_step(s.batch, r, now, s.finished), False)
    due = batch_due(s.batch, r, now)
    replica[at.R_STAMP] = 0
    if due >= 0:
        set_replica_timer(s, r, due)


@internal
def _run_model(s: State, r: int, ended: bool) -> None:
    """Pass over the steps at which nothing happened, end and start what is due, look ahead."""
    tables, now, row = s.llm, s.head[at.NOW], s.llm.ints[r]
    llm_settle(tables, r, now)
    if ended:
        _finish_all(s, r, llm_end_step(tables, r, now, s.finished), True)
    before = row[engine_at.PREEMPTIONS]
    start_step(tables, r, now)
    if row[engine_at.ASKING_HEAD] >= 0:
        send_caches(s, tables, r)
    if row[engine_at.PREEMPTIONS] > before:
        signal_replica(s, _PREEMPTED, r, row[engine_at.PREEMPTIONS] - before)
    rings_at = row[engine_at.DUE]
    due = llm_due(tables, r)
    if due >= 0 and due != rings_at:
        set_replica_timer(s, r, due)


@internal
def withdraw(s: State, slot: int) -> None:
    """Take a call out of its model or batch server, whose next step may then be another."""
    r = s.slots[slot, at.REPLICA]
    now = s.head[at.NOW]
    if s.slots[slot, at.STATE] == at.IN_ENGINE:
        llm_settle(s.llm, r, now)
        llm_abort(s.llm, r, slot, now)
        s.replicas[r, at.R_FINISHED_ABORT] += 1
    else:
        batch_abort(s.batch, r, slot, now)
    put_work(s.head, s.work, at.ENGINE, r, 0)
