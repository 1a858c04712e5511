"""Processor sharing: a replica's cores serve all its jobs at once, and a CPU limit may stop them.

A replica has a *work clock*: the work each of its jobs has had since it was last idle. A job that
comes at clock V with work w leaves when the clock reads V + w, so who comes, who goes and what is
turned changes the clock's rate and nothing of the others. With n jobs on c cores it runs at

    min(1, c / n) / slowdown / (1 + contention (n - 1) + coherency n (n - 1))

whose last factor is the Universal Scalability Law (Gunther, "A General Theory of Computational
Scalability Based on Rational Functions", 2008): what waits for locks and other caches' lines is
spent on the core.

A limit is Linux's CFS bandwidth control (kernel/sched/fair.c): a quota of core-nanoseconds per
period of 100 ms on a grid of the replica's own; once it is used up nothing runs before the next
period. Not modelled: slices handed to each core, and bursts.

Everything is settled at the instants at which the rate changes and at no others: being read never
changes what happens. What is at most TINY nanoseconds of work is nothing.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.plant import chance
from simulator.plant.jit import internal
from simulator.plant.layout import Floats, Ints, State
from simulator.plant.spec import Cpu

TINY = 1.0 / 1024.0
NEVER = 1 << 62
_FAR = 4e18
QUOTA_LEAST_NS = 1_000_000.0
"""Linux takes no smaller quota (min_cfs_quota_period)."""

# Columns of `ints` [replica, column]; the last row is scratch, for who reads.
(
    JOBS, FIRST, SETTLED_AT, PERIOD_NS, PHASE, PERIOD, ACTIVE_IN, IS_THROTTLED, PERIODS,
    THROTTLED_PERIODS, THROTTLED_NS, DUE,
) = range(12)  # fmt: skip
INT_COLUMNS = 12
# Columns of `floats`.
(
    CLOCK, RATE, BURN, LEFT, USED, CORES, QUOTA, SLOWDOWN, CONTENTION, COHERENCY,
) = range(10)  # fmt: skip
FLOAT_COLUMNS = 10
# Columns of `jobs` [slot, column]: links of a pairing heap by `ends`, -1 for none.
CHILD, SIBLING, BACK = range(3)
JOB_COLUMNS = 3
State.fix_widths(cpu_ints=INT_COLUMNS, cpu_floats=FLOAT_COLUMNS, cpu_jobs=JOB_COLUMNS)


class CpuTables(NamedTuple):
    """Everything the processors are; `ends` says at which clock a slot's job is done."""

    ints: NDArray[np.int64]
    floats: NDArray[np.float64]
    jobs: NDArray[np.int64]
    ends: NDArray[np.float64]


def cpu_tables(replicas: int, calls: int) -> CpuTables:
    """Make room for idle processors without a spec."""
    ints = np.zeros((replicas + 1, INT_COLUMNS), dtype=np.int64)
    ints[:, [FIRST, DUE]] = -1
    ints[:, PERIOD_NS] = 1
    floats = np.zeros((replicas + 1, FLOAT_COLUMNS))
    floats[:, SLOWDOWN] = 1.0
    return CpuTables(ints, floats, np.zeros((calls, JOB_COLUMNS), np.int64), np.zeros(calls))


def cpu_grow(tables: CpuTables, replicas: int, calls: int) -> CpuTables:
    """Copy into larger tables; nothing that happens later is changed by it."""
    grown = cpu_tables(replicas, calls)
    for old, new in zip(tables, grown, strict=True):
        new[: len(old)] = old
    return grown


def cpu_configure(tables: CpuTables, replica: int, spec: Cpu, key: int, now: int) -> None:
    """Set an idle replica up from its spec; its periods begin at an instant of its own."""
    row, floats = tables.ints[replica], tables.floats[replica]
    row[:] = 0
    row[[FIRST, DUE]] = -1
    row[PERIOD_NS], row[SETTLED_AT] = spec.period_ns, now
    row[PHASE] = -int(chance.uniform(chance.mix(key, chance.PERIOD)) * spec.period_ns)
    row[PERIOD] = (now - row[PHASE]) // spec.period_ns
    row[ACTIVE_IN] = row[PERIOD] - 2
    floats[:] = 0.0
    floats[CORES], floats[SLOWDOWN] = spec.cores, 1.0
    floats[CONTENTION], floats[COHERENCY] = spec.contention, spec.coherency
    floats[QUOTA] = floats[LEFT] = quota(spec.limit_cores, spec.period_ns)


def quota(limit_cores: float, period_ns: int) -> float:
    """Say how many core-nanoseconds of a period a limit allows; 0: no limit."""
    return max(limit_cores * period_ns, QUOTA_LEAST_NS) if limit_cores > 0.0 else 0.0


@internal
def roll(row: Ints, floats: Floats, now: int) -> None:
    """Bring a replica's clock, quota and counters up to now."""
    elapsed = now - row[SETTLED_AT]
    if floats[QUOTA] > 0.0:
        _pass_periods(row, floats, now)
    floats[CLOCK] += floats[RATE] * elapsed
    floats[USED] += floats[BURN] * elapsed
    row[SETTLED_AT] = now


@internal
def _pass_periods(row: Ints, floats: Floats, now: int) -> None:
    period = row[PERIOD]
    current = (now - row[PHASE]) // row[PERIOD_NS]
    passed = current - period
    if passed > 0:
        # Linux's timer goes on for one idle period before it stops.
        last = current - 1 if row[JOBS] > 0 else min(current - 1, row[ACTIVE_IN] + 1)
        row[PERIODS] += max(last - period + 1, 0)
        row[PERIOD] = current
        if row[JOBS] > 0:
            row[ACTIVE_IN] = current
    if row[IS_THROTTLED]:
        until = min(now, row[PHASE] + (period + 1) * row[PERIOD_NS])
        # As the kernel sums it: over the run queues of all cores with something to run.
        queues = min(float(row[JOBS]), math.ceil(floats[CORES]))
        row[THROTTLED_NS] += int(queues) * (until - row[SETTLED_AT])
        if passed > 0:
            row[IS_THROTTLED] = 0
            row[THROTTLED_PERIODS] += 1
            floats[LEFT] = floats[QUOTA] + min(floats[LEFT], 0.0)
    elif passed > 0:
        used = floats[BURN] * (now - row[PHASE] - current * row[PERIOD_NS])
        floats[LEFT] = floats[QUOTA] - used
    else:
        floats[LEFT] -= floats[BURN] * (now - row[SETTLED_AT])


@internal
def retime(row: Ints, floats: Floats) -> None:
    """Say how fast the clock runs from now on, and how many cores are used."""
    n, cores, slowdown = float(row[JOBS]), floats[CORES], floats[SLOWDOWN]
    if n == 0.0 or row[IS_THROTTLED] or slowdown <= 0.0 or cores <= 0.0:
        floats[RATE] = 0.0
        floats[BURN] = 0.0
        return
    floats[BURN] = min(n, cores)
    crowd = 1.0 + (floats[CONTENTION] + floats[COHERENCY] * n) * (n - 1.0)
    floats[RATE] = min(1.0, cores / n) / (slowdown * crowd)


@internal
def _spent_after(work: float, rate: float) -> int:
    """Say after how many whole nanoseconds no more than TINY of some work is left."""
    if work <= TINY:
        return 0
    lasts = (work - TINY) / rate
    return math.ceil(lasts) if lasts < _FAR else NEVER


@internal
def due(row: Ints, floats: Floats, first_ends: float) -> int:
    """Say when something happens by itself: a job ends, or the quota is used up or new."""
    if row[JOBS] == 0 or floats[SLOWDOWN] <= 0.0:
        return NEVER
    now = row[SETTLED_AT]
    period_ends = row[PHASE] + (row[PERIOD] + 1) * row[PERIOD_NS]
    if row[IS_THROTTLED]:
        return int(period_ends)
    if floats[RATE] <= 0.0:
        return NEVER
    soonest = min(now + _spent_after(first_ends - floats[CLOCK], floats[RATE]), NEVER)
    if floats[QUOTA] > 0.0:
        out = now + _spent_after(floats[LEFT], floats[BURN])
        if out >= period_ends:
            lasts = _spent_after(floats[QUOTA], floats[BURN])
            out = period_ends + lasts if lasts < row[PERIOD_NS] else NEVER
        soonest = min(soonest, out)
    return int(soonest)
