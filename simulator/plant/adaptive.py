"""A limit on an edge's calls in flight that follows their latency: Envoy's gradient controller.

Every `UPDATE_NS` the limit becomes limit x gradient + sqrt(limit x gradient), with the gradient
minRTT x (1 + buffer) / sampleRTT between 0.5 and 2, both RTTs being a percentile of latencies.
minRTT is measured anew every so often, and after five windows at the least limit: until enough
calls have been answered no more than the least are let through, then the limit before is back.
(Envoy's documentation, http_filters/adaptive_concurrency_filter, and what its controller does.)

Tables: `adaptive` [edge, column], `adaptive_floats`, and `latencies` [edge, bin] of the calls
answered in the window, by microseconds with two digits, as in circllhist. Timers are looked at as
calls come and go: nothing that they change is seen before.
"""

import math

from simulator.plant import chance
from simulator.plant import layout as at
from simulator.plant.jit import internal, rare
from simulator.plant.layout import Ints, State

(
    A_UPDATE_NS, A_INTERVAL_NS, A_CALLS, A_LEAST, A_MOST, A_LIMIT, A_DEFERRED, A_SINCE, A_COUNT,
    A_UPDATE_AT, A_MEASURE_AT, A_AT_LEAST, A_MEASURED,
) = range(13)  # fmt: skip
ADAPTIVE_COLUMNS = 13
A_JITTER, A_PERCENTILE, A_BUFFER = range(3)
ADAPTIVE_FLOATS = 3
DIGITS = 90  # bins of a decade: 1.0, 1.1 ... 9.9
LATENCY_BINS = 9 * DIGITS  # from 1 us to 1000 s

_MICROSECOND, _MILLISECOND = 1_000, 1_000_000
_LEAST_WINDOWS = 5


@internal
def _bin_of(ns: int) -> int:
    """Say in which bin a latency falls."""
    left, first = max(ns // _MICROSECOND, 1) * 10, 0
    while left >= 100:  # noqa: PLR2004  three digits
        left //= 10
        first += DIGITS
    return int(min(first + left - 10, LATENCY_BINS - 1))


@internal
def _percentile(bins: Ints, count: int, share: float) -> int:
    """Read a percentile off the bins, in whole microseconds, evenly within a bin; empty them."""
    wanted, before, found = share * count, 0, -1.0
    width = 0.1
    for place in range(bins.shape[0]):
        if place > 0 and place % DIGITS == 0:
            width *= 10.0
        inside = bins[place]
        if inside > 0 and found < 0.0 and before + inside >= wanted:
            found = (10 + place % DIGITS + (wanted - before) / inside) * width
        before += inside
        bins[place] = 0
    return int(found)


@internal
def _set_limit(s: State, edge: int, limit: int) -> None:
    row = s.adaptive[edge]
    if row[A_DEFERRED] == 0 and row[A_LIMIT] == row[A_LEAST] and limit == row[A_LEAST]:
        row[A_AT_LEAST] += 1
    else:
        row[A_AT_LEAST] = 0
    row[A_LIMIT] = limit
    s.edges[edge, at.E_LIMIT] = limit


@internal
def _read(s: State, edge: int) -> int:
    row = s.adaptive[edge]
    found = _percentile(s.latencies[edge], row[A_COUNT], s.adaptive_floats[edge, A_PERCENTILE])
    row[A_COUNT] = 0
    return found


@internal
def _begin_measuring(s: State, edge: int, since: int) -> None:
    row = s.adaptive[edge]
    row[A_DEFERRED] = row[A_LIMIT]
    _set_limit(s, edge, row[A_LEAST])
    for place in range(LATENCY_BINS):
        s.latencies[edge, place] = 0
    row[A_COUNT] = 0
    row[A_SINCE] = since
    s.edges[edge, at.E_MEASURING] = 1


@internal
def _end_measuring(s: State, edge: int) -> None:
    row, now = s.adaptive[edge], s.head[at.NOW]
    s.edges[edge, at.E_MIN_RTT_US] = _read(s, edge)
    _set_limit(s, edge, row[A_DEFERRED])
    row[A_DEFERRED] = 0
    s.edges[edge, at.E_MEASURING] = 0
    interval = row[A_INTERVAL_NS]
    row[A_MEASURED] += 1
    u = chance.uniform(chance.mix(chance.mix(s.head[at.SEED], edge), row[A_MEASURED]))
    jitter = int(u * s.adaptive_floats[edge, A_JITTER] * interval)
    row[A_MEASURE_AT] = now + interval + jitter // _MILLISECOND * _MILLISECOND
    row[A_UPDATE_AT] = now + row[A_UPDATE_NS]


@internal
def _update(s: State, edge: int) -> None:
    """Set the limit by the window that has ended."""
    row, shown = s.adaptive[edge], s.edges[edge]
    sampled = max(_read(s, edge), 1)
    shown[at.E_SAMPLE_RTT_US] = sampled
    ideal = shown[at.E_MIN_RTT_US] * (1.0 + s.adaptive_floats[edge, A_BUFFER])
    gradient = max(0.5, min(2.0, ideal / sampled))
    shown[at.E_GRADIENT] = int(gradient * 1000.0)
    limit = row[A_LIMIT] * gradient
    headroom = math.sqrt(limit)
    shown[at.E_HEADROOM] = int(headroom)
    _set_limit(s, edge, max(row[A_LEAST], min(row[A_MOST], int(limit + headroom))))


@internal
def _turn_windows(s: State, edge: int) -> None:
    """Do what timers would have done since the edge was last looked at."""
    row, now = s.adaptive[edge], s.head[at.NOW]
    if row[A_MEASURED] == 0 and row[A_DEFERRED] == 0:
        _begin_measuring(s, edge, 0)
    while row[A_DEFERRED] == 0:
        if row[A_MEASURE_AT] <= now and row[A_MEASURE_AT] <= row[A_UPDATE_AT]:
            _begin_measuring(s, edge, row[A_MEASURE_AT])
        elif row[A_UPDATE_AT] <= now:
            ended = row[A_UPDATE_AT]
            row[A_UPDATE_AT] += ((now - ended) // row[A_UPDATE_NS] + 1) * row[A_UPDATE_NS]
            if row[A_COUNT] > 0:
                _update(s, edge)
            if row[A_AT_LEAST] >= _LEAST_WINDOWS:
                row[A_MEASURE_AT] = ended
        else:
            return


@rare
def has_room(s: State, edge: int) -> bool:
    """Say whether one more call may be in flight."""
    _turn_windows(s, edge)
    return bool(s.edges[edge, at.E_ACTIVE] < s.adaptive[edge, A_LIMIT])


@rare
def note_latency(s: State, edge: int, sent_at: int) -> None:
    """Count how long an attempt took that has ended, however it did, where the edge adapts."""
    if s.edges[edge, at.E_GUARDED] & at.ADAPTS == 0:
        return
    _turn_windows(s, edge)
    row = s.adaptive[edge]
    if sent_at < row[A_SINCE]:
        return
    s.latencies[edge, _bin_of(s.head[at.NOW] - sent_at)] += 1
    row[A_COUNT] += 1
    if row[A_DEFERRED] > 0 and row[A_COUNT] >= row[A_CALLS]:
        _end_measuring(s, edge)
