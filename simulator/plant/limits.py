"""What a replica can run out of: memory, files, disk, GPU memory, connections.

Behind one test of a pool's row (`P_LIMITED`). `limits` [pool, column] says what is used and how
much may be, `uses` [replica, column] what has grown. Use is base + per call inside + grown; it
grows with calls that have been and with time, so the instant at which a growing resource ends a
process is known between events: the next one is a snapshot target's (`limits_tables.LIMIT`), armed
for the earliest it can be and asked again when it comes.
"""

from simulator.plant import layout as at
from simulator.plant.api import SignalKind
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import Floats, State
from simulator.plant.tables import signal_replica

MEMORY, FDS, DISK, GPU = range(4)
KINDS = 4
# Columns of `limits`, four of each in the order above, then one each.
MOST, BASE, PER_CALL, CRASHES = 0, 4, 8, 12
CONNECTIONS_MAX, THREADS_BASE, THREADS_PER_CALL = 16, 17, 18
LIMIT_COLUMNS = 19
# Columns of `uses`: four of each, then one each.
GROWN, RATE, AFTER_CALL = 0, 4, 8
INSIDE, SETTLED_AT, IS_DEAD, TARGET = 12, 13, 14, 15
USE_COLUMNS = 16

ADMITTED, REFUSED, FAILED = range(3)
"""What `let_in` answers."""
NEVER = 1 << 62
_HALF = 0.5  # of a byte: what rounding may take from a full disk
_DIED, _EXHAUSTED = int(SignalKind.DIED), int(SignalKind.EXHAUSTED)
_MEMORY_COLUMN = at.R_MEMORY


@compiled
def settle_uses(limit: Floats, row: Floats, now: int) -> None:
    """Bring what grows with time up to now."""
    elapsed = now - row[SETTLED_AT]
    row[SETTLED_AT] = now
    for kind in range(KINDS):
        row[GROWN + kind] += elapsed * row[RATE + kind]
    _keep_within(limit, row)


@internal
def _keep_within(limit: Floats, row: Floats) -> None:
    """Let nothing grow beyond its limit that only refuses or fails what would not fit."""
    for kind in range(KINDS):
        if limit[MOST + kind] > 0.0 and limit[CRASHES + kind] == 0.0:
            rest = limit[MOST + kind] - limit[BASE + kind]
            rest -= limit[PER_CALL + kind] * row[INSIDE]
            row[GROWN + kind] = min(row[GROWN + kind], max(rest, 0.0))


@internal
def _used(limit: Floats, row: Floats, kind: int, calls: float) -> float:
    return limit[BASE + kind] + limit[PER_CALL + kind] * calls + row[GROWN + kind]


@internal
def _is_over(limit: Floats, row: Floats, kind: int, calls: float) -> bool:
    most = limit[MOST + kind]
    return most > 0.0 and _used(limit, row, kind, calls) > most


@internal
def _is_full(limit: Floats, row: Floats, kind: int) -> bool:
    """Say whether there is no room for what one more call leaves behind."""
    most, used = limit[MOST + kind], _used(limit, row, kind, row[INSIDE])
    return most > 0.0 and (used + row[AFTER_CALL + kind] > most or used >= most - _HALF)


@rare
def let_in(s: State, r: int) -> int:
    """Let a call in at a replica, or refuse its connection, or fail it: something has run out."""
    pool = s.replicas[r, at.R_POOL]
    limit, row = s.limits[pool], s.uses[r]
    settle_uses(limit, row, s.head[at.NOW])
    calls = row[INSIDE] + 1.0
    if limit[CONNECTIONS_MAX] > 0.0 and calls > limit[CONNECTIONS_MAX]:
        signal_replica(s, _EXHAUSTED, r, KINDS)
        return REFUSED
    if _is_over(limit, row, FDS, calls):
        signal_replica(s, _EXHAUSTED, r, FDS)
        return REFUSED
    row[INSIDE] = calls
    look_ahead(s, r)
    for kind in range(DISK, KINDS):
        if limit[CRASHES + kind] == 0.0 and _is_full(limit, row, kind):
            signal_replica(s, _EXHAUSTED, r, kind)
            return FAILED
    return ADMITTED


@rare
def let_out(s: State, r: int) -> None:
    """Count a call out; what it leaves behind may be too much."""
    limit, row = s.limits[s.replicas[r, at.R_POOL]], s.uses[r]
    settle_uses(limit, row, s.head[at.NOW])
    row[INSIDE] -= 1.0
    for kind in range(KINDS):
        row[GROWN + kind] += row[AFTER_CALL + kind]
    _keep_within(limit, row)
    look_ahead(s, r)


@compiled
def look_ahead(s: State, r: int) -> None:
    """Have the process die if something it cannot do without has run out; else say when it will.

    The row has been settled.
    """
    limit, row, now = s.limits[s.replicas[r, at.R_POOL]], s.uses[r], s.head[at.NOW]
    if row[IS_DEAD] > 0.0 or s.replicas[r, at.R_ALIVE] == 0:
        return
    soonest = NEVER
    for kind in range(KINDS):
        most = limit[MOST + kind]
        if most <= 0.0 or limit[CRASHES + kind] == 0.0:
            continue
        left = most - _used(limit, row, kind, row[INSIDE])
        if left < 0.0:
            row[IS_DEAD] = 1.0
            signal_replica(s, _DIED, r, kind)
            s.head[at.STOPPED] = 1
            return
        if row[RATE + kind] > 0.0:
            ahead = left / row[RATE + kind]
            if ahead < 1e18:  # noqa: PLR2004  thirty years: not in any drill
                soonest = min(soonest, now + int(ahead) + 1)
    target = s.targets[int(row[TARGET])]
    if soonest < target[at.T_NEXT_AT]:
        target[at.T_NEXT_AT] = soonest
        s.head[at.SCRAPE_NEXT_AT] = min(s.head[at.SCRAPE_NEXT_AT], soonest)


@rare
def come_due(s: State, target: int) -> None:
    """Look again at a replica whose instant has come; it may have been put off since."""
    r = s.targets[target, at.T_ROW]
    s.targets[target, at.T_NEXT_AT] = NEVER
    settle_uses(s.limits[s.replicas[r, at.R_POOL]], s.uses[r], s.head[at.NOW])
    look_ahead(s, r)


@internal
def show_uses(s: State, r: int, now: int) -> None:
    """Write what a replica uses into its probes; a process that is not there uses only disk."""
    limit, row, replica = s.limits[s.replicas[r, at.R_POOL]], s.uses[r], s.replicas[r]
    settle_uses(limit, row, now)
    alive = replica[at.R_ALIVE] != 0
    for kind in range(KINDS):
        used = _used(limit, row, kind, row[INSIDE])
        if limit[MOST + kind] > 0.0:
            used = min(used, limit[MOST + kind])
        replica[_MEMORY_COLUMN + kind] = int(used) if alive or kind == DISK else 0
    threads = limit[THREADS_BASE] + limit[THREADS_PER_CALL] * row[INSIDE]
    replica[at.R_THREADS] = int(threads) if alive else 0
    replica[at.R_CONNECTIONS] = int(row[INSIDE])
