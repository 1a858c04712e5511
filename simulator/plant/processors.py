"""Where processors meet the kernel: jobs come, leave, end, and the replica's timer is set."""

from simulator.plant import cpu
from simulator.plant import layout as at
from simulator.plant.cpu import due, retime, roll
from simulator.plant.cpu_heap import add_job, take_job
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import State
from simulator.plant.queues import hand_over
from simulator.plant.tables import put_work, set_replica_timer

_AT_ONCE = 3  # jobs ended by one call: an event makes no more work than there is room for


@internal
def share_cores(s: State, slot: int, work: int) -> None:
    """Let a frame's work share the cores of its replica, beginning now."""
    r = s.slots[slot, at.REPLICA]
    row, floats = s.cpu_ints[r], s.cpu_floats[r]
    roll(row, floats, s.head[at.NOW])
    if row[cpu.JOBS] == 0:
        floats[cpu.CLOCK] = 0.0
        row[cpu.ACTIVE_IN] = row[cpu.PERIOD]
    s.cpu_ends[slot] = floats[cpu.CLOCK] + work
    add_job(s, r, slot)
    row[cpu.JOBS] += 1
    s.slots[slot, at.STATE] = at.SHARING
    run_cores(s, r)


@internal
def leave_cores(s: State, slot: int) -> None:
    """Take a frame's work off the cores; the others get its share."""
    r = s.slots[slot, at.REPLICA]
    roll(s.cpu_ints[r], s.cpu_floats[r], s.head[at.NOW])
    take_job(s, r, slot)
    s.cpu_ints[r, cpu.JOBS] -= 1
    run_cores(s, r)


@internal
def _end_jobs(s: State, r: int) -> bool:
    """Let frames whose work is done go on; say whether more are done than could go."""
    row, floats = s.cpu_ints[r], s.cpu_floats[r]
    for _ in range(_AT_ONCE):
        slot = row[cpu.FIRST]
        if slot < 0 or s.cpu_ends[slot] - floats[cpu.CLOCK] > cpu.TINY:
            return False
        take_job(s, r, slot)
        row[cpu.JOBS] -= 1
        call = s.slots[slot]
        call[at.STATE] = at.RUNNING
        call[at.STAMP] = 0  # its deadline's timer
        call[at.PC] += 1
        if call[at.HOLDS] and s.pools[call[at.POOL], at.P_HOLDS_WORKER] == 0:
            hand_over(s, slot)
        put_work(s.head, s.work, at.STEP, slot, call[at.SERIAL])
    slot = row[cpu.FIRST]
    return slot >= 0 and s.cpu_ends[slot] - floats[cpu.CLOCK] <= cpu.TINY


@internal
def run_cores(s: State, r: int) -> None:
    """End what is done, stop everything where the quota is used up, set the replica's timer."""
    row, floats = s.cpu_ints[r], s.cpu_floats[r]
    roll(row, floats, s.head[at.NOW])
    more = False
    is_alive = s.replicas[r, at.R_ALIVE] != 0  # what dies with its process is never done
    if row[cpu.IS_THROTTLED] == 0 and floats[cpu.SLOWDOWN] > 0.0 and is_alive:
        more = _end_jobs(s, r)
    if floats[cpu.QUOTA] > 0.0 and row[cpu.JOBS] > 0 and floats[cpu.LEFT] <= cpu.TINY and not more:
        row[cpu.IS_THROTTLED] = 1
    retime(row, floats)
    first = row[cpu.FIRST]
    rings_at = due(row, floats, s.cpu_ends[first] if first >= 0 else 0.0)
    if s.replicas[r, at.R_STAMP] != 0 and row[cpu.DUE] == rings_at:
        return
    row[cpu.DUE] = rings_at
    s.replicas[r, at.R_STAMP] = 0
    if rings_at < cpu.NEVER:
        set_replica_timer(s, r, rings_at)


@compiled
def turn_cores(s: State, r: int, column: int, value: float) -> None:
    """Turn a knob of a replica's processors, also for work in progress.

    A new quota is there at once, in full, and what stood still for the old one goes on, as Linux
    does it (tg_set_cfs_bandwidth).
    """
    row, floats = s.cpu_ints[r], s.cpu_floats[r]
    roll(row, floats, s.head[at.NOW])
    floats[column] = value
    if column == cpu.QUOTA:
        row[cpu.IS_THROTTLED] = 0
        row[cpu.PERIOD] = (s.head[at.NOW] - row[cpu.PHASE]) // row[cpu.PERIOD_NS]
        floats[cpu.LEFT] = value
        if row[cpu.JOBS] > 0:
            row[cpu.ACTIVE_IN] = row[cpu.PERIOD]
    run_cores(s, r)


@internal
def read_cores(s: State, r: int, now: int) -> None:
    """Bring the probes of a replica's processors up to now, and nothing else."""
    last = s.cpu_ints.shape[0] - 1
    row, floats = s.cpu_ints[last], s.cpu_floats[last]
    for i in range(cpu.INT_COLUMNS):
        row[i] = s.cpu_ints[r, i]
    for i in range(cpu.FLOAT_COLUMNS):
        floats[i] = s.cpu_floats[r, i]
    roll(row, floats, now)
    probes = s.replicas[r]
    probes[at.R_RUNNING] = probes[at.R_TAKEN]
    probes[at.R_BUSY_NS] = int(floats[cpu.USED] + 0.5)
    probes[at.R_CFS_PERIODS] = row[cpu.PERIODS]
    probes[at.R_CFS_THROTTLED] = row[cpu.THROTTLED_PERIODS]
    probes[at.R_CFS_THROTTLED_NS] = row[cpu.THROTTLED_NS]
