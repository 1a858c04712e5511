"""Serves a list of requests on one model server and says how each fared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.evaluation.serving.prefixes import segments_of
from simulator.evaluation.serving.requests import Request
from simulator.plant.api import Arrivals, SharedSegments
from simulator.plant.api import Served as at  # noqa: N813  columns, named after their table
from simulator.plant.arrivals import Feed
from simulator.plant.llm_tables import BLOCK
from simulator.plant.plant import Plant
from simulator.plant.spec import USERS, ClassSpec, EdgeSpec, Llm, PlantSpec, PoolSpec
from simulator.units import MINUTE, SECOND

_CLASS, _POOL, _SEED = "request", "llm", 0
Ints = NDArray[np.int64]
HEADER = (
    "id", "arrival_s", "queued_s", "ttft_s", "tpot_s", "e2e_s", "preemptions", "cached_tokens",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """How one request fared, in seconds from its arrival; NaN where it was refused.

    `queued_s` is the wait in the engine before its first step, `tpot_s` the mean time per output
    token after the first. `refused` says why, or is empty.
    """

    id: str
    arrival_s: float
    queued_s: float
    ttft_s: float
    tpot_s: float
    e2e_s: float
    preemptions: int
    cached_tokens: int
    refused: str = ""

    def cells(self) -> tuple[str, ...]:
        """Write it as a row of the output; empty cells where it was refused."""
        if self.refused:
            return (self.id, f"{self.arrival_s:.9g}", "", "", "", "", "0", "0")
        times = (self.queued_s, self.ttft_s, self.tpot_s, self.e2e_s)
        written = (f"{value:.6f}" for value in times)
        return (
            self.id,
            f"{self.arrival_s:.9g}",
            *written,
            str(self.preemptions),
            str(self.cached_tokens),
        )


def serve(
    requests: Sequence[Request],
    spec: Llm,
    *,
    stream_ns_per_token: int = 0,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> list[Served]:
    """Serve requests in order of arrival; answers come in the order of the requests.

    `on_progress` is told how many have ended, now and then.
    """
    begins = min(request.arrival_s for request in requests)
    times = np.array([round((each.arrival_s - begins) * SECOND) for each in requests], np.int64)
    order = np.argsort(times, kind="stable")
    prompts = np.array([each.input_tokens for each in requests], np.int64)
    outputs = np.array([each.output_tokens for each in requests], np.int64)
    segments, pointers = segments_of(request.prefix for request in requests)
    prefixes = np.array(pointers, np.int64)
    source = Listed(times[order], prompts[order], outputs[order], prefixes[order], segments)
    rows = {int(row[at.KEY]): row for row in run_out(spec, source, len(requests), on_progress)}
    found = [_refused(request, spec) for request in requests]
    for place, key in zip(order, _keys(source), strict=True):
        if key in rows:
            arrived = int(times[place])
            found[place] = _served(requests[place], rows[key], arrived, stream_ns_per_token)
    return found


class Listed:
    """Requests in order of arrival, as the plant asks for them: a minute at a time.

    Times in ns from the first, all arrays (requests,).
    """

    def __init__(
        self,
        times: Ints,
        prompts: Ints,
        outputs: Ints,
        prefixes: Ints | None = None,
        segments: SharedSegments | None = None,
    ) -> None:
        self.times, self._prompts, self._outputs = times, prompts, outputs
        self._prefixes, self.segments = prefixes, segments

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals:  # noqa: ARG002  the plant's way of asking
        low, high = np.searchsorted(self.times, (index * MINUTE, (index + 1) * MINUTE))
        shared = None if self._prefixes is None else self._prefixes[low:high]
        return Arrivals(
            self.times[low:high], self._prompts[low:high], self._outputs[low:high], shared
        )


def run_out(spec: Llm, source: Listed, count: int, on_progress: Callable[[int], None]) -> Ints:
    """Run the plant until all have ended: one replica, reached without delay.

    Gives a row of `Served` columns for every request that was not refused.
    """
    plant = Plant(
        PlantSpec(
            (PoolSpec(_POOL, spec, replicas=1),),
            (EdgeSpec(USERS, _POOL),),
            (ClassSpec(_CLASS, _POOL),),
        ),
        _SEED,
        {_CLASS: source},
    )
    plant.keep_served(count)
    if source.segments is not None:
        plant.know_segments(source.segments)
    until = MINUTE
    while plant.requests() < count or plant.in_flight() > 0:
        plant.advance(until, inclusive=False)
        plant.drain_signals()
        on_progress(plant.requests() - plant.in_flight())
        if plant.now >= until:
            until += MINUTE
    return plant.served()


def _keys(source: Listed) -> list[int]:
    """Say which key the plant gives each request, in order of arrival."""
    feed = Feed((_CLASS,), _SEED, {_CLASS: source})
    minutes = range(int(source.times[-1]) // MINUTE + 1)
    return [int(key) for minute in minutes for key in feed.load(minute)[:, 2]]


def _refused(request: Request, spec: Llm) -> Served:
    nan = float("nan")
    longest = min(spec.model_tokens_max, spec.kv_tokens)
    tokens = request.input_tokens + request.output_tokens
    is_long = tokens > min(longest, spec.kv_tokens // BLOCK * BLOCK)
    reason = f"longer than {longest} tokens" if is_long else "the queue was full"
    return Served(request.id, request.arrival_s, nan, nan, nan, nan, 0, 0, reason)


def _served(request: Request, row: Ints, arrived: int, stream_ns: int) -> Served:
    n = request.output_tokens
    # What is streamed reaches the client a little later with every token.
    first = int(row[at.FIRST_TOKEN_AT]) + stream_ns - arrived
    last = int(row[at.LAST_TOKEN_AT]) + n * stream_ns - arrived
    return Served(
        request.id,
        request.arrival_s,
        int(row[at.SCHEDULED_AT] - row[at.QUEUED_AT]) / SECOND,
        first / SECOND,
        (last - first) / SECOND / (n - 1) if n > 1 else 0.0,
        last / SECOND,
        int(row[at.PREEMPTIONS]),
        int(row[at.CACHED_TOKENS]),
    )
