"""Message queues: what is enqueued waits for a consumer, who must be done with it in time.

A message that is handed out becomes a frame at a replica of the consumer, with no caller. It stays
in the queue's books until that frame has ended well; after the visibility timeout it is handed out
again, whatever the first frame does, until it has been received too often: then it is a dead
letter. Consumers take messages while they hold fewer than `prefetch`.
"""

from simulator.plant import broker_tables as bt
from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import compiled, internal, rare
from simulator.plant.layout import State
from simulator.plant.tables import put_work, set_timer, take_slot, then

_RECEIVES_BITS = 16  # of INTENT_AT of a message's frame, above them the message's serial


@internal
def _leader(s: State, pool: int) -> int:
    """Say which replica of a broker counts for all, -1 where none is ready."""
    row = s.pools[pool]
    return row[row[at.P_READY]] if row[at.P_READY_COUNT] > 0 else -1


@internal
def _count(s: State, pool: int, column: int) -> None:
    leader = _leader(s, pool)
    if leader >= 0:
        s.replicas[leader, column] += 1


@internal
def _put_ready(s: State, pool: int, m: int) -> None:
    """Put a message among those that wait: by age, which for a new one is last."""
    queue, message = s.queues[pool], s.messages[m]
    message[bt.M_STATE] = bt.READY
    queue[bt.Q_READY] += 1
    after = queue[bt.Q_READY_HEAD]
    before = queue[bt.Q_READY_TAIL]
    if before < 0 or s.messages[before, bt.M_SERIAL] < message[bt.M_SERIAL]:
        after = -1
    else:
        while s.messages[after, bt.M_SERIAL] < message[bt.M_SERIAL]:
            after = s.messages[after, bt.M_NEXT]
        before = s.messages[after, bt.M_PREVIOUS]
    message[bt.M_NEXT], message[bt.M_PREVIOUS] = after, before
    if before >= 0:
        s.messages[before, bt.M_NEXT] = m
    else:
        queue[bt.Q_READY_HEAD] = m
    if after >= 0:
        s.messages[after, bt.M_PREVIOUS] = m
    else:
        queue[bt.Q_READY_TAIL] = m


@internal
def _put_out(s: State, pool: int, m: int) -> None:
    """Put a message among those handed out, by when it will be visible again: mostly last."""
    queue, message = s.queues[pool], s.messages[m]
    message[bt.M_STATE] = bt.OUT
    queue[bt.Q_OUT] += 1
    after, before = -1, queue[bt.Q_OUT_TAIL]
    while before >= 0 and s.messages[before, bt.M_VISIBLE_AT] > message[bt.M_VISIBLE_AT]:
        after, before = before, s.messages[before, bt.M_PREVIOUS]
    message[bt.M_NEXT], message[bt.M_PREVIOUS] = after, before
    if before >= 0:
        s.messages[before, bt.M_NEXT] = m
    else:
        queue[bt.Q_OUT_HEAD] = m
    if after >= 0:
        s.messages[after, bt.M_PREVIOUS] = m
    else:
        queue[bt.Q_OUT_TAIL] = m


@internal
def _take(s: State, pool: int, m: int) -> None:
    """Take a message out of whichever list it is in."""
    queue, message = s.queues[pool], s.messages[m]
    is_ready = message[bt.M_STATE] == bt.READY
    head = bt.Q_READY_HEAD if is_ready else bt.Q_OUT_HEAD
    before, after = message[bt.M_PREVIOUS], message[bt.M_NEXT]
    if before >= 0:
        s.messages[before, bt.M_NEXT] = after
    else:
        queue[head] = after
    if after >= 0:
        s.messages[after, bt.M_PREVIOUS] = before
    else:
        queue[head + 1] = before
    queue[bt.Q_READY if is_ready else bt.Q_OUT] -= 1


@internal
def _free(s: State, pool: int, m: int) -> None:
    s.messages[m, bt.M_STATE] = bt.VACANT
    s.messages[m, bt.M_NEXT] = s.queues[pool, bt.Q_FREE]
    s.queues[pool, bt.Q_FREE] = m


@internal
def enqueue(s: State, slot: int) -> int:
    """Accept a message, if there is room: its sender is answered at once."""
    call = s.slots[slot]
    pool = call[at.POOL]
    queue = s.queues[pool]
    if queue[bt.Q_READY] + queue[bt.Q_OUT] >= queue[bt.Q_DEPTH_MAX]:
        call[at.RESULT] = at.REJECTED
        return then(at.FINISH, slot)
    m = queue[bt.Q_FREE]
    if m >= 0:
        queue[bt.Q_FREE] = s.messages[m, bt.M_NEXT]
    else:
        m = queue[bt.Q_FRESH]
        queue[bt.Q_FRESH] = m + 1
    queue[bt.Q_ENQUEUED] += 1
    message = s.messages[m]
    message[bt.M_SERIAL] = queue[bt.Q_ENQUEUED]
    message[bt.M_QUEUE] = pool
    message[bt.M_CLASS] = call[at.CLASS]
    message[bt.M_ROOT_KEY] = call[at.ROOT_KEY]
    message[bt.M_KEY] = call[at.KEY]
    message[bt.M_PROMPT] = call[at.PROMPT]
    message[bt.M_OUTPUT] = call[at.OUTPUT]
    message[bt.M_PREFIX] = call[at.PREFIX]
    message[bt.M_AT] = s.head[at.NOW]
    message[bt.M_RECEIVES] = 0
    s.replicas[call[at.REPLICA], at.R_PUBLISHED] += 1
    _put_ready(s, pool, m)
    put_work(s.head, s.work, at.DELIVER, pool, 0)
    call[at.PC] += 1
    return then(at.STEP, slot)


@compiled
def attempt_of(s: State, pool: int) -> int:
    """Find a replica of the consumer that takes the next message, in turn; -1: nobody does."""
    queue = s.queues[pool]
    held_up = queue[bt.Q_PAUSED] or s.head[at.NOW] < queue[bt.Q_RESUMES_AT]
    if queue[bt.Q_READY] == 0 or queue[bt.Q_CONSUMER] < 0 or held_up or _leader(s, pool) < 0:
        return -1
    row = s.pools[queue[bt.Q_CONSUMER]]
    count = row[at.P_READY_COUNT]
    for i in range(count):
        place = (queue[bt.Q_TURN] + i) % count
        r = row[row[at.P_READY] + place]
        if s.replicas[r, at.R_MESSAGES] < queue[bt.Q_PREFETCH] and s.replicas[r, at.R_REACHABLE]:
            return r
    return -1


@rare
def deliver(s: State, pool: int) -> int:
    """Hand the oldest message to a consumer that takes one, and look whether there are more."""
    queue, now = s.queues[pool], s.head[at.NOW]
    r = attempt_of(s, pool)
    if r < 0:
        return then(at.NOTHING, 0)
    queue[bt.Q_TURN] = s.replicas[r, at.R_PLACE] + 1
    m = queue[bt.Q_READY_HEAD]
    message = s.messages[m]
    _take(s, pool, m)
    message[bt.M_RECEIVES] += 1
    message[bt.M_VISIBLE_AT] = now + queue[bt.Q_VISIBLE_NS]
    _put_out(s, pool, m)
    _count(s, pool, at.R_DELIVERED)
    if message[bt.M_RECEIVES] > 1:
        _count(s, pool, at.R_REDELIVERED)
    _wake_at(s, pool, message[bt.M_VISIBLE_AT])
    put_work(s.head, s.work, at.DELIVER, pool, 0)
    return _begin(s, pool, m, r)


@internal
def _begin(s: State, pool: int, m: int, r: int) -> int:
    """Make a frame of a message, that nobody waits for."""
    message, edge = s.messages[m], s.queues[pool, bt.Q_EDGE]
    slot = take_slot(s.head, s.slots)
    call = s.slots[slot]
    call[at.KIND] = at.CALL
    call[at.PARENT] = -1
    call[at.POOL] = s.queues[pool, bt.Q_CONSUMER]
    call[at.REPLICA] = r
    call[at.EDGE] = edge
    call[at.CLASS] = message[bt.M_CLASS]
    call[at.ROOT_KEY] = message[bt.M_ROOT_KEY]
    call[at.KEY] = chance.mix(message[bt.M_KEY], (message[bt.M_RECEIVES] << 8) + chance.MESSAGE)
    call[at.PROMPT] = message[bt.M_PROMPT]
    call[at.OUTPUT] = message[bt.M_OUTPUT]
    call[at.PREFIX] = message[bt.M_PREFIX]
    call[at.SENT_AT] = s.head[at.NOW]
    call[at.ARRIVED_AT] = -1
    call[at.DEADLINE] = 0
    call[at.TRIES] = 0
    call[at.ENTRY] = m
    call[at.INTENT_AT] = (message[bt.M_SERIAL] << _RECEIVES_BITS) + message[bt.M_RECEIVES]
    s.span_of[slot] = -1
    s.replicas[r, at.R_PRESENT] += 1
    s.replicas[r, at.R_MESSAGES] += 1
    if s.edges[edge, at.E_DELAY_NS] == 0:
        return then(at.ARRIVE, slot)
    call[at.STATE] = at.SENT
    at_ = s.head[at.NOW] + s.edges[edge, at.E_DELAY_NS]
    set_timer(s, slot, at_, s.edges[edge, at.E_DELAY_LANE])
    return then(at.NOTHING, 0)


@compiled
def _wake_at(s: State, pool: int, time: int) -> None:
    """Have the queue looked at again by then."""
    queue = s.queues[pool]
    keeper = queue[bt.Q_KEEPER]
    if s.slots[keeper, at.STAMP] == 0 or time < queue[bt.Q_DUE_AT]:
        queue[bt.Q_DUE_AT] = time
        set_timer(s, keeper, time, -1)


@compiled
def wake_queue(s: State, pool: int) -> None:
    """Have the queue looked at when its next message is visible again, or its pause is over."""
    queue = s.queues[pool]
    if queue[bt.Q_OUT] > 0:
        _wake_at(s, pool, s.messages[queue[bt.Q_OUT_HEAD], bt.M_VISIBLE_AT])
    if queue[bt.Q_RESUMES_AT] > s.head[at.NOW]:
        _wake_at(s, pool, queue[bt.Q_RESUMES_AT])


@internal
def _return(s: State, pool: int, m: int) -> None:
    """Let a message be handed out again, or bury it."""
    queue = s.queues[pool]
    _take(s, pool, m)
    most = queue[bt.Q_RECEIVES_MAX]
    if most > 0 and s.messages[m, bt.M_RECEIVES] >= most:
        queue[bt.Q_DEAD] += 1
        _count(s, pool, at.R_DEAD_LETTERS)
        _free(s, pool, m)
        return
    _put_ready(s, pool, m)


@rare
def keep_queue(s: State, slot: int) -> int:
    """Make visible again what has been out too long."""
    pool, now = s.slots[slot, at.POOL], s.head[at.NOW]
    queue = s.queues[pool]
    while queue[bt.Q_OUT] > 0 and s.messages[queue[bt.Q_OUT_HEAD], bt.M_VISIBLE_AT] <= now:
        _return(s, pool, queue[bt.Q_OUT_HEAD])
    wake_queue(s, pool)
    return then(at.DELIVER, pool)


@rare
def settle_message(s: State, slot: int) -> None:
    """Tell a queue how the handling of a message ended: done, to be tried again, or too late.

    Poison fails whoever handles it. What a broker that is not there cannot hear is lost, and the
    message comes again.
    """
    call = s.slots[slot]
    m = call[at.ENTRY]
    message = s.messages[m]
    pool = message[bt.M_QUEUE]
    queue = s.queues[pool]
    call[at.ENTRY] = -1
    s.replicas[call[at.REPLICA], at.R_MESSAGES] -= 1
    put_work(s.head, s.work, at.DELIVER, pool, 0)
    poison = queue[bt.Q_POISON]
    if poison > 0 and call[at.RESULT] == at.OK:
        u = chance.uniform(chance.mix(call[at.ROOT_KEY], chance.POISON))
        if u * at.CHANCE_ONE < poison:
            call[at.RESULT] = at.FAILED
    if _leader(s, pool) < 0:
        return
    serial = call[at.INTENT_AT] >> _RECEIVES_BITS
    newest = call[at.INTENT_AT] & ((1 << _RECEIVES_BITS) - 1) == message[bt.M_RECEIVES]
    if message[bt.M_STATE] == bt.VACANT or message[bt.M_SERIAL] != serial:
        queue[bt.Q_DUPLICATES] += 1
        return
    if call[at.RESULT] == at.OK:
        _take(s, pool, m)
        queue[bt.Q_DONE] += 1
        _count(s, pool, at.R_ACKNOWLEDGED)
        _free(s, pool, m)
    elif queue[bt.Q_RETRY_NS] > 0 and newest and message[bt.M_STATE] == bt.OUT:
        _take(s, pool, m)
        again = s.head[at.NOW] + queue[bt.Q_RETRY_NS]
        message[bt.M_VISIBLE_AT] = min(message[bt.M_VISIBLE_AT], again)
        _put_out(s, pool, m)
        _wake_at(s, pool, message[bt.M_VISIBLE_AT])
