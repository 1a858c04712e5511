"""Arrivals of every class, a simulated minute at a time, each a function of its key alone.

A minute depends on (seed, class, stream, minute) and on nothing that was asked before, so memory
does not grow and minutes may be asked for in any order.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvariantViolated, NotFound
from simulator.plant.api import Arrivals, SharedSegments
from simulator.plant.chance import WORKLOAD, draw, law_table, mix, uniform
from simulator.plant.spec import Distribution
from simulator.system.workload import azure, gaps
from simulator.system.workload.formats import read_trace
from simulator.system.workload.generate import fill_factors, renewals, shape_rows
from simulator.system.workload.model import Entry, Users
from simulator.system.workload.rates import RateFile
from simulator.system.workload.trace import TraceArrivals
from simulator.units import MINUTE, SECOND

_BIAS = 1 << 40  # keys are mixed from places that are not negative; warm-up minutes may be
_MINUTE_S = 60
_BLOCK_IN_LONGEST_GAPS = 64
_MILLIONTHS = 1e6


class Stream(Protocol):
    """One entry's arrivals."""

    def minute(self, key: int, stream: int, index: int) -> Arrivals: ...


class Sources:
    """All arrivals of a drill: an `ArrivalSource`.

    `starts_at_ns` is the plant's time at which drill time 0 (of shapes and traces) lies: a whole
    second. `folder` is where relative trace files are looked for. Raises InvalidInput for a trace
    that cannot be read. `segments` is what traced prompts share, for the plant to know.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        seed: int,
        *,
        starts_at_ns: int = 0,
        folder: Path = Path(),
        classes: Sequence[str] = (),
    ) -> None:
        if starts_at_ns % SECOND:
            raise InvariantViolated("drill time 0 must lie on a whole second of the plant")
        self._streams: dict[str, list[Stream]] = {name: [] for name in classes}
        segments = [np.zeros((0, 2), np.int64)]
        for entry in entries:
            streams = self._streams.setdefault(entry.request_class, [])
            stream = _stream(entry, starts_at_ns, folder, sum(map(len, segments)))
            streams.append(stream)
            if isinstance(stream, TraceArrivals):
                segments.append(stream.segments)
        self.segments = SharedSegments(np.concatenate(segments))
        self._keys: Mapping[str, int] = {
            name: mix(mix(seed, WORKLOAD), text_key(name)) for name in self._streams
        }

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:
        """Make one minute; NotFound for a class that neither an entry nor `classes` names."""
        if request_class not in self._streams:
            raise NotFound("class with a workload", request_class, self._streams)
        key = mix(self._keys[request_class], stream)
        parts = [
            one.minute(mix(key, place), stream, index)
            for place, one in enumerate(self._streams[request_class])
        ]
        return parts[0] if len(parts) == 1 else _merged(parts)


class RenewalArrivals:
    """Renewals walked through the shape's rate, begun anew in equilibrium at each block's start.

    A block is a power of two of minutes, 64 times longer than the longest kind of gap, so that
    beginning anew does not show; for Poisson arrivals, which have no memory, it is a minute.
    """

    def __init__(self, entry: Entry, starts_at_ns: int, rates: RateFile | None = None) -> None:
        of = gaps.of_entry(entry)
        self._rate = 1.0 if rates is not None else entry.rate or 0.0
        self._rates = rates
        self._phases = of.table()
        self._shape = shape_rows(entry.shape)
        self._starts_at_s = starts_at_ns // SECOND
        self._drifts = entry.azure_conversation is not None
        self._block = 1
        while len(of.phases) > 1 and self._rate > 0.0 and self._block < 1 << 16:
            if self._block * _MINUTE_S * self._rate >= _BLOCK_IN_LONGEST_GAPS * of.longest:
                break
            self._block *= 2

    def minute(self, key: int, stream: int, index: int) -> Arrivals:  # noqa: ARG002  in the key
        block, place = divmod(index, self._block)
        speeds = self._speeds(key, block * self._block, place + 1)
        first = place * _MINUTE_S
        # Twice the expected number and some: a second walk is rare.
        room = int(2.0 * speeds[first:].sum()) + 64
        block_key = mix(mix(key, 0), block + _BIAS)
        times = np.empty(room, np.int64)
        made = renewals(block_key, self._phases, speeds, first, times)
        if made > room:
            times = np.empty(made, np.int64)
            renewals(block_key, self._phases, speeds, first, times)
        return Arrivals(times[:made] + index * MINUTE)

    def _speeds(self, key: int, first_minute: int, minutes: int) -> NDArray[np.float64]:
        speeds = np.full(minutes * _MINUTE_S, self._rate)
        first = first_minute * _MINUTE_S
        fill_factors(self._shape, first - self._starts_at_s, speeds)
        if self._rates is not None:
            speeds *= self._rates.at(first - self._starts_at_s, speeds.size)
        if self._drifts:
            seconds = np.arange(first, first + speeds.size)
            speeds *= _levels(mix(key, 1), seconds // azure.LEVEL_LASTS_S)
        return speeds


class UserArrivals:
    """A number of people, each arriving once, in a slot of their own of the time they come in."""

    def __init__(self, users: Users) -> None:
        self._count, self._over = users.count, max(users.over, users.count)

    def minute(self, key: int, stream: int, index: int) -> Arrivals:
        """List those whose slot lies in the minute; a rate multiplier makes no people."""
        first = max(index * MINUTE * self._count // self._over - 1, 0)
        last = min((index + 1) * MINUTE * self._count // self._over + 2, self._count)
        if stream > 0 or index < 0 or first >= last:
            return Arrivals(np.empty(0, np.int64))
        slot = self._over / self._count
        times = np.array(
            [int((place + uniform(mix(key, place))) * slot) for place in range(first, last)],
            np.int64,
        )
        return Arrivals(times[times // MINUTE == index])


def text_key(text: str) -> int:
    """Make a key of a name: 63 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def _stream(entry: Entry, starts_at_ns: int, folder: Path, row: int) -> Stream:
    if (series := entry.rate_series) is not None:
        rates = RateFile.read(folder / series.file, series.speed, series.scale)
        return RenewalArrivals(entry, starts_at_ns, rates)
    if entry.users is not None:
        return UserArrivals(entry.users)
    if entry.trace is not None:
        file = read_trace(folder / entry.trace.file, entry.request_class)
        return TraceArrivals(entry.trace, file, starts_at_ns, row)
    return RenewalArrivals(entry, starts_at_ns)


_LEVEL_LAW = law_table(
    [Distribution("quantiles", points=tuple((p, v * _MILLIONTHS)
                                            for p, v in azure.CONVERSATION_LEVELS))]
)  # fmt: skip


def _levels(key: int, spans: NDArray[np.int64]) -> NDArray[np.float64]:
    first, last = int(spans[0]), int(spans[-1])
    drawn = [draw(_LEVEL_LAW, 0, mix(key, span + _BIAS)) for span in range(first, last + 1)]
    return (np.array(drawn) / _MILLIONTHS)[spans - first]


def _merged(parts: Sequence[Arrivals]) -> Arrivals:
    times = np.concatenate([part.times for part in parts] or [np.empty(0, np.int64)])
    order = np.argsort(times, kind="stable")

    def column(name: str) -> NDArray[np.int64] | None:
        columns = [getattr(part, name) for part in parts]
        if all(of is None for of in columns):
            return None
        filled = [
            np.full(part.times.size, -1, np.int64) if of is None else of
            for part, of in zip(parts, columns, strict=True)
        ]
        return np.concatenate(filled)[order]

    return Arrivals(
        times[order], column("prompt_tokens"), column("output_tokens"), column("prefixes")
    )
