"""Object stores: requests per prefix, and transfers that share a replica's bandwidth.

Streams flow at one rate, which no more than `each` and in sum than the whole bandwidth. A replica
counts what one stream would have been sent so far; a transfer ends when that has grown by its size
(processor sharing in virtual time). Running transfers hang on a list in the order of their ends.
Sizes are kept in 1024ths of a byte.
"""

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.cache_entries import key_of
from simulator.plant.jit import compiled, internal
from simulator.plant.layout import State
from simulator.plant.tables import put_work, set_replica_timer, then
from simulator.plant.tokens import take_token

# objects (fractions): of a pool, bytes per ns of a replica and of a stream, requests per ns of a
# prefix, how many prefixes there are and which row of `prefixes` is the first
B_TOTAL, B_EACH, B_PREFIX_RATE, B_PREFIXES, B_FIRST = range(5)
OBJECT_COLUMNS = 5
# prefixes: a token bucket each
LEFT, FILLED_AT, RATE = range(3)
PREFIX_COLUMNS = 3
# transfers: of a replica, what a stream has been sent so far and until when that is, then the list
F_SENT, F_AT, F_COUNT, F_HEAD, F_TAIL = range(5)
TRANSFER_COLUMNS = 5
_PARTS = 1024
_SECOND = 1_000_000_000


@internal
def _rate(s: State, r: int) -> float:
    """Say how fast each of a replica's streams flows now, in parts of a byte per ns."""
    count, slowdown = s.transfers[r, F_COUNT], s.replica_floats[r, at.R_SLOWDOWN]
    if count == 0 or s.replicas[r, at.R_REACHABLE] == 0 or slowdown <= 0.0:
        return 0.0
    row = s.objects[s.replicas[r, at.R_POOL]]
    return min(row[B_EACH], row[B_TOTAL] / count) * _PARTS / slowdown


@compiled
def settle_transfers(s: State, r: int, now: int) -> None:
    """Count what has been sent up to now, at the rate there was."""
    row = s.transfers[r]
    sent = int(_rate(s, r) * (now - row[F_AT]) + 0.5)
    row[F_SENT] += sent
    row[F_AT] = now
    s.replicas[r, at.R_BYTES_SENT] += (sent * row[F_COUNT]) // _PARTS


@compiled
def retime_transfers(s: State, r: int) -> None:
    """Set the replica's timer to its next end; what was sent has been counted."""
    row = s.transfers[r]
    s.replicas[r, at.R_STAMP] = 0
    rate = _rate(s, r)
    if rate > 0.0:
        left = max(s.slots[row[F_HEAD], at.END_AT] - row[F_SENT], 0)
        set_replica_timer(s, r, s.head[at.NOW] + (int(left / rate) + 1 if left > 0 else 0))


@internal
def admit(s: State, slot: int) -> int:
    """Let a request in, if its prefix has not had too many: whoever is refused must slow down.

    Objects and their prefixes are those of the cache keys of the request's class.
    """
    call = s.slots[slot]
    row = s.objects[call[at.POOL]]
    if row[B_PREFIX_RATE] > 0.0:
        key = key_of(s, call[at.CLASS], call[at.ROOT_KEY])
        prefix = chance.mix(key, chance.OBJECT) % max(int(row[B_PREFIXES]), 1)
        bucket = s.prefixes[int(row[B_FIRST]) + prefix]
        bucket[RATE] = row[B_PREFIX_RATE]
        burst = max(row[B_PREFIX_RATE] * _SECOND, 1.0)
        if not take_token(bucket, RATE, LEFT, FILLED_AT, burst, s.head[at.NOW]):
            call[at.RESULT] = at.LIMITED
            return then(at.FINISH, slot)
    call[at.PC] += 1
    return then(at.STEP, slot)


@internal
def begin_transfer(s: State, slot: int) -> int:
    """Send an object, beside all others that are sent; its size is that of the request's object."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    settle_transfers(s, r, s.head[at.NOW])
    row = s.transfers[r]
    law = s.prog[call[at.PC], at.A]
    key = key_of(s, call[at.CLASS], call[at.ROOT_KEY])
    size = chance.draw(s.laws, law, chance.mix(key, chance.OBJECT_SIZE))
    call[at.END_AT] = row[F_SENT] + size * _PARTS
    call[at.STATE] = at.IN_TRANSFER
    after, before = -1, row[F_TAIL] if row[F_COUNT] > 0 else -1
    while before >= 0 and s.slots[before, at.END_AT] > call[at.END_AT]:
        after, before = before, s.slots[before, at.PREVIOUS]
    call[at.NEXT], call[at.PREVIOUS] = after, before
    if before >= 0:
        s.slots[before, at.NEXT] = slot
    else:
        row[F_HEAD] = slot
    if after >= 0:
        s.slots[after, at.PREVIOUS] = slot
    else:
        row[F_TAIL] = slot
    row[F_COUNT] += 1
    retime_transfers(s, r)
    return then(at.NOTHING, 0)


@internal
def leave_transfer(s: State, slot: int) -> None:
    """Take a call out of a replica's streams; the others flow faster."""
    call = s.slots[slot]
    r = call[at.REPLICA]
    settle_transfers(s, r, s.head[at.NOW])
    row, before, after = s.transfers[r], call[at.PREVIOUS], call[at.NEXT]
    if before >= 0:
        s.slots[before, at.NEXT] = after
    else:
        row[F_HEAD] = after
    if after >= 0:
        s.slots[after, at.PREVIOUS] = before
    else:
        row[F_TAIL] = before
    row[F_COUNT] -= 1
    call[at.STATE] = at.RUNNING
    retime_transfers(s, r)


@internal
def end_transfers(s: State, r: int) -> None:
    """End the transfer that is complete, if one is."""
    settle_transfers(s, r, s.head[at.NOW])
    row = s.transfers[r]
    slot = row[F_HEAD]
    if row[F_COUNT] == 0 or s.slots[slot, at.END_AT] > row[F_SENT]:
        retime_transfers(s, r)
        return
    leave_transfer(s, slot)
    s.slots[slot, at.PC] += 1
    put_work(s.head, s.work, at.STEP, slot, s.slots[slot, at.SERIAL])
