"""The books must balance: every arrival is in exactly one place, everywhere."""

import numpy as np

from simulator.errors import InvariantViolated
from simulator.plant import client_columns as of
from simulator.plant import cpu as cpu_at
from simulator.plant import layout as at
from simulator.plant import llm_tables as engine_at
from simulator.plant.brokering import check_deliveries, check_queues
from simulator.plant.layout import Ints, State
from simulator.plant.object_tables import check_transfers
from simulator.plant.pooling import check_pools
from simulator.plant.storing import check_stores

_REPLICA_ENDS = (
    at.R_COMPLETED, at.R_FAILED, at.R_REJECTED, at.R_CANCELLED, at.R_RATE_LIMITED,
)  # fmt: skip
_EDGE_ENDS = (
    at.E_OK, at.E_FAILED, at.E_RATE_LIMITED, at.E_TIMED_OUT, at.E_CONNECT_FAILED, at.E_CANCELLED,
    at.E_ACTIVE,
)  # fmt: skip
_CLASS_ENDS = (
    at.C_2XX, at.C_429, at.C_413, at.C_5XX, at.C_504, at.C_ABANDONED, at.C_IN_FLIGHT,
)  # fmt: skip

_TENANT_ENDS = (of.T_2XX, of.T_429, of.T_FAILED, of.T_ABANDONED, of.T_IN_FLIGHT)


def _claim(name: str, rows: Ints, whole: Ints, parts: Ints) -> None:
    wrong = np.flatnonzero(whole != parts)
    if len(wrong):
        row = int(wrong[0])
        msg = f"{name} {rows[row]}: {whole[row]} came in, {parts[row]} are accounted for"
        raise InvariantViolated(msg)


def check_conservation(s: State, replicas: int) -> None:
    """Raise InvariantViolated unless every arrival is in exactly one place, everywhere."""
    slots = s.slots[s.slots[:, at.STATE] != at.VACANT]
    calls = slots[slots[:, at.KIND] == at.CALL]
    gone = (calls[:, at.STATE] == at.RETURNING) | (calls[:, at.STATE] == at.STRAYED)
    inside = calls[~gone & (calls[:, at.ARRIVED_AT] >= 0)]
    at_replica = np.bincount(inside[:, at.REPLICA], minlength=replicas)
    rows = np.arange(replicas)
    table = s.replicas[:replicas]
    ended = table[:, list(_REPLICA_ENDS)].sum(axis=1)
    _claim("replica", rows, table[:, at.R_ARRIVED], ended + at_replica)
    coming = calls[~gone]
    present = np.bincount(coming[:, at.REPLICA], minlength=replicas)
    _claim("replica's calls", rows, table[:, at.R_PRESENT], present)
    if len(s.cpu_ints) > replicas:
        shares = slots[slots[:, at.STATE] == at.SHARING]
        running = np.bincount(shares[:, at.REPLICA], minlength=replicas)
        _claim("replica's jobs", rows, s.cpu_ints[:replicas, cpu_at.JOBS], running)
    edges = np.arange(len(s.edges))
    _claim("edge", edges, s.edges[:, at.E_CALLS], s.edges[:, list(_EDGE_ENDS)].sum(axis=1))
    attached = calls[calls[:, at.PARENT] >= 0]
    active = np.bincount(attached[:, at.EDGE], minlength=len(s.edges))
    _claim("edge's calls", edges, s.edges[:, at.E_ACTIVE], active)
    classes = np.arange(len(s.classes))
    ends = s.classes[:, list(_CLASS_ENDS)].sum(axis=1)
    _claim("class", classes, s.classes[:, at.C_ARRIVED], ends)
    tenants = np.arange(len(s.tenants))
    ends = s.tenants[:, list(_TENANT_ENDS)].sum(axis=1)
    _claim("tenant", tenants, s.tenants[:, of.T_ARRIVED], ends)
    decided = int(s.bins[:, :, : at.TTFT_BINS].sum())
    roots = int((slots[:, at.KIND] == at.ROOT).sum())
    whole = np.array([s.head[at.REQUESTS], s.head[at.OPEN_INTENTS]])
    _claim("intents", np.arange(2), whole, np.array([decided + roots, roots]))
    check_pools(s)
    check_stores(s, replicas)
    check_queues(s, replicas)
    check_transfers(s, replicas)
    vacant = int(s.head[at.FREE_COUNT])
    if vacant + len(slots) != len(s.slots):
        msg = f"{len(s.slots)} slots, {vacant} vacant and {len(slots)} taken"
        raise InvariantViolated(msg)


def check_no_idling(s: State, replicas: int) -> None:
    """Raise InvariantViolated where a replica idles while its own queue holds work it could do."""
    table, speeds = s.replicas[:replicas], s.replica_floats[:replicas, at.R_SLOWDOWN]
    works = (table[:, at.R_ALIVE] > 0) & (table[:, at.R_REACHABLE] > 0) & (speeds > 0.0)
    discipline = s.pools[table[:, at.R_POOL], at.P_DISCIPLINE]
    free = table[:, at.R_TAKEN] < table[:, at.R_WORKERS]
    idle = works & (discipline == at.WORKERS) & free & (table[:, at.R_QUEUED] > 0)
    idle |= works & (discipline == at.PROCESSORS) & free & (table[:, at.R_QUEUED] > 0)
    if (discipline == at.PROCESSORS).any():
        jobs = s.cpu_ints[:replicas, cpu_at.JOBS] > 0
        stopped = s.cpu_ints[:replicas, cpu_at.IS_THROTTLED] > 0
        works_on = (s.cpu_floats[:replicas, cpu_at.RATE] > 0.0) & (table[:, at.R_STAMP] > 0)
        cores = s.cpu_floats[:replicas, cpu_at.CORES] > 0.0
        idle |= works & (discipline == at.PROCESSORS) & jobs & cores & ~stopped & ~works_on
    if (discipline == at.MODEL).any():
        engines = s.llm.ints[:replicas]
        # An empty engine admits whatever it has let into its queue: longer calls were refused.
        stands = (engines[:, engine_at.STEP_ENDS_AT] < 0) & (engines[:, engine_at.MAX_SEQS] > 0)
        held = engines[:, engine_at.RUNNING] + engines[:, engine_at.WAITING]
        # What all wait for may be under way, or blocks that others are to fetch.
        held *= (engines[:, engine_at.RECEIVING] == 0) & (engines[:, engine_at.KEEPING] == 0)
        idle |= works & (discipline == at.MODEL) & stands & (held > 0)
    check_deliveries(s)
    for row in np.flatnonzero(idle):
        msg = f"replica {row} idles, with {table[row, at.R_QUEUED]} calls in its queue"
        raise InvariantViolated(msg)
