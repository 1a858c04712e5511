"""The way of one message between two processes: how long it takes, and what becomes of it.

Behind one test of an edge's row (`FAR`). A message takes its edge's delay, what the zones of its
sender and receiver are apart, jitter (drawn by its call's key), and what impairments that meet it
add. Tables: `net` [sender's zone, 3 x receiver's zone + column], `wires` [edge, column] and
`impairments` [number, column].

Loss is what TCP makes of it. A message is so many packets of 1460 bytes, each lost with the same
probability. A lost tail (the last three: too few acknowledgements follow for a fast retransmit)
waits for a retransmission timeout, 200 ms and the round trip (Linux: TCP_RTO_MIN), doubled for
every further loss (RFC 6298 5.5); after `RETRANSMISSIONS_MAX` the connection is reset. A loss
before the tail in the first window of ten packets (RFC 6928) costs a round trip. What is longer
flows at no more than MSS / RTT x sqrt(3 / 2) / sqrt(p) (Mathis, Semke, Mahdavi, Ott 1997), so that
every packet beyond the first window takes RTT x sqrt(2 p / 3). There is no bandwidth otherwise.

What is blocked does not arrive. A request ends as a connection that is not made; an answer is sent
again and again, and arrives if the way is open by then.
"""

import math

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.cache import give_up_flight
from simulator.plant.jit import internal, rare
from simulator.plant.layout import Floats, State
from simulator.plant.tables import set_timer, then

# net: between two zones; wires: of an edge
N_DELAY_NS, N_JITTER, N_LOSS = range(3)
NET_COLUMNS = 3
W_LOSS, W_JITTER_NS, W_REQUEST_BYTES, W_ANSWER_BYTES = range(4)
WIRE_COLUMNS = 4
# impairments: which messages they meet (-1: any), then what they do to them
(
    I_ON, I_EDGE, I_CALLER, I_CALLEE, I_FROM, I_TO, I_REQUESTS, I_ANSWERS, I_BLOCKED, I_LOSS,
    I_DELAY_NS, I_JITTER_NS,
) = range(12)  # fmt: skip
IMPAIRMENT_COLUMNS = 12

RETRANSMISSIONS_MAX = 8
"""Then a connection is given up, after 51 s: between tcp_retries2 = 15 and what proxies set."""
RTO_NS = 200_000_000
PACKET_BYTES, WINDOW, TAIL = 1460, 10, 3
BYTES_PER_TOKEN = 4  # "1 token ~= 4 chars in English" (OpenAI, What are tokens)
CONNECTIONS = 8  # between two processes; a call has one of them by its key

REQUEST, ANSWER, FIRST_TOKEN = range(3)
_BLOCKED = -1  # and -2 - t: reset after t


@internal
def _zone_of(s: State, frame: int) -> int:
    """Say in which zone a caller stands: its replica's or, of users, their class's."""
    r = s.slots[frame, at.REPLICA]
    zone = s.replicas[r, at.R_ZONE] if r >= 0 else s.classes[s.slots[frame, at.CLASS], at.C_ZONE]
    return int(zone)


@internal
def _any_lost(loss: float, packets: int) -> float:
    """Probability that at least one of so many packets is lost."""
    arrived = 1.0
    for _ in range(packets):
        arrived *= 1.0 - loss
    return 1.0 - arrived


@internal
def _recovery(s: State, edge: int, key: int, packets: int, loss: float, rtt: int) -> int:
    """Say how much longer a message takes because packets are lost; -2 - t: reset after t."""
    longer = 0
    if packets > WINDOW:
        longer += int((packets - WINDOW) * rtt * math.sqrt(loss / 1.5) + 0.5)
    before = min(packets, WINDOW) - TAIL
    if before > 0 and chance.uniform(chance.mix(key, 1)) < _any_lost(loss, before):
        longer += rtt
        s.edges[edge, at.E_RETRANSMITTED] += 1
    waits, lost = 0, _any_lost(loss, min(packets, TAIL))
    while chance.uniform(chance.mix(key, 2 + waits)) < lost:
        if waits == RETRANSMISSIONS_MAX:
            return -2 - longer
        longer += (RTO_NS + rtt) << waits
        waits += 1
        lost = loss
        s.edges[edge, at.E_RETRANSMITTED] += 1
    return longer


@internal
def _meets(row: Floats, call: at.Ints, caller: int, sender: int, receiver: int, way: int) -> bool:
    """Say whether an impairment meets a message."""
    return bool(
        row[I_ON] != 0.0
        and (row[I_EDGE] < 0.0 or row[I_EDGE] == call[at.EDGE])
        and (row[I_CALLER] < 0.0 or row[I_CALLER] == caller)
        and (row[I_CALLEE] < 0.0 or row[I_CALLEE] == call[at.REPLICA])
        and (row[I_FROM] < 0.0 or row[I_FROM] == sender)
        and (row[I_TO] < 0.0 or row[I_TO] == receiver)
        and (row[I_REQUESTS] if way == REQUEST else row[I_ANSWERS]) != 0.0
    )


@internal
def _is_dead(s: State, number: int, call: at.Ints, caller: int) -> bool:
    """Say whether a call's connection is among those that an impairment blocks.

    Connections are drawn by the pods at both ends, and stay what they are.
    """
    share = s.impairments[number, I_BLOCKED]
    if share >= 1.0:
        return True
    ends = chance.mix(number, call[at.EDGE])
    if caller >= 0:
        ends = chance.mix(ends, s.replicas[caller, at.R_ORDINAL])
    ends = chance.mix(ends, s.replicas[call[at.REPLICA], at.R_ORDINAL])
    connection = chance.mix(call[at.KEY], chance.CONNECTION) % CONNECTIONS
    return chance.uniform(chance.mix(ends, connection)) < share


@internal
def trip(s: State, child: int, way: int) -> int:
    """Say how long a message of a call is on its way; -1: blocked, -2 - t: reset after t."""
    call = s.slots[child]
    number, parent = call[at.EDGE], call[at.PARENT]
    wire = s.wires[number]
    caller = s.slots[parent, at.REPLICA]
    near, far = _zone_of(s, parent), int(s.replicas[call[at.REPLICA], at.R_ZONE])
    sender, receiver = (near, far) if way == REQUEST else (far, near)
    lasts = s.edges[number, at.E_DELAY_NS]
    jitter, loss = wire[W_JITTER_NS], wire[W_LOSS]
    zones = s.net.shape[0]
    if 0 <= sender < zones and 0 <= receiver < zones:
        place = 3 * receiver
        between = s.net[sender, place + N_DELAY_NS]
        lasts += int(between)
        jitter += between * s.net[sender, place + N_JITTER]
        loss = 1.0 - (1.0 - loss) * (1.0 - s.net[sender, place + N_LOSS])
    for i in range(s.impairments.shape[0]):
        row = s.impairments[i]
        if not _meets(row, call, caller, sender, receiver, way):
            continue
        if row[I_BLOCKED] > 0.0 and _is_dead(s, i, call, caller):
            return _BLOCKED
        lasts += int(row[I_DELAY_NS])
        jitter += row[I_JITTER_NS]
        loss = 1.0 - (1.0 - loss) * (1.0 - row[I_LOSS])
    key = chance.mix(chance.mix(call[at.KEY], chance.TRIP), 4 * call[at.ATTEMPT] + way)
    if jitter > 0.0:
        lasts += int(jitter * chance.uniform(key))
    if loss <= 0.0:
        return int(lasts)
    size = 1.0
    if way == REQUEST:
        size = wire[W_REQUEST_BYTES] + BYTES_PER_TOKEN * call[at.PROMPT]
    elif way == ANSWER:
        size = wire[W_ANSWER_BYTES] + BYTES_PER_TOKEN * call[at.OUTPUT]
    packets = max(int(size / PACKET_BYTES + 0.9999), 1)
    longer = _recovery(s, number, key, packets, loss, 2 * lasts)
    return int(lasts + longer if longer >= 0 else longer - lasts)


@rare
def depart(s: State, child: int) -> int:
    """Put a request on its way."""
    call = s.slots[child]
    now = s.head[at.NOW]
    lasts = trip(s, child, REQUEST)
    if lasts == 0:
        return then(at.ARRIVE, child)
    if lasts == _BLOCKED:
        edge = s.edges[call[at.EDGE]]
        call[at.STATE] = at.CONNECTING
        set_timer(s, child, now + edge[at.E_CONNECT_NS], edge[at.E_CONNECT_LANE])
    elif lasts < 0:
        call[at.STATE] = at.CONNECTING
        call[at.RESULT] = at.RESET
        set_timer(s, child, now - 2 - lasts, -1)
    else:
        call[at.STATE] = at.SENT
        set_timer(s, child, now + lasts, -1)
    return then(at.NOTHING, 0)


@internal
def _break_off(s: State, child: int) -> None:
    """Lose an answer with its connection: its caller sees a reset."""
    call = s.slots[child]
    if call[at.RESULT] == at.MISSED:
        give_up_flight(s, child, 0)
    call[at.RESULT] = at.RESET
    call[at.FIRST_AT] = -1


@internal
def _send_answer(s: State, child: int) -> int:
    call = s.slots[child]
    now = s.head[at.NOW]
    lasts = trip(s, child, ANSWER)
    if lasts == _BLOCKED:
        call[at.STATE] = at.STRAYED
        call[at.DEADLINE] = 0
        set_timer(s, child, now + (RTO_NS << call[at.ATTEMPT]), -1)
        return then(at.NOTHING, 0)
    if lasts < 0:
        lasts = -2 - lasts
        _break_off(s, child)
    if call[at.FIRST_AT] >= 0:
        first = max(trip(s, child, FIRST_TOKEN), 0)
        arrives = min(call[at.FIRST_AT] + first, now + lasts)
        call[at.FIRST_AT] = arrives - s.edges[call[at.EDGE], at.E_DELAY_NS]
    if lasts == 0:
        return then(at.ANSWER, child)
    call[at.STATE] = at.RETURNING
    set_timer(s, child, now + lasts, -1)
    return then(at.NOTHING, 0)


@rare
def send_back(s: State, child: int) -> int:
    """Put an answer on its way; from here on a call's ATTEMPT counts how often that was in vain."""
    s.slots[child, at.ATTEMPT] = 0
    return _send_answer(s, child)


@rare
def send_again(s: State, child: int) -> int:
    """Send an answer again that was blocked; nobody waits for it any more, or it is given up."""
    call = s.slots[child]
    if call[at.PARENT] < 0:
        return then(at.ANSWER, child)
    call[at.ATTEMPT] += 1
    s.edges[call[at.EDGE], at.E_RETRANSMITTED] += 1
    if call[at.ATTEMPT] > RETRANSMISSIONS_MAX:
        _break_off(s, child)
        return then(at.ANSWER, child)
    return _send_answer(s, child)
