"""Serves a list of requests on one model server and says how each fared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.evaluation.serving.requests import Request
from simulator.plant import serving as at
from simulator.plant.serving import Server
from simulator.plant.spec import Llm
from simulator.units import SECOND

STEPS_AT_ONCE = 20_000
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
    refused: str = ""

    def cells(self) -> tuple[str, ...]:
        """Write it as a row of the output; empty cells where it was refused."""
        if self.refused:
            return (self.id, f"{self.arrival_s:.9g}", "", "", "", "", "0", "0")
        times = (self.queued_s, self.ttft_s, self.tpot_s, self.e2e_s)
        written = (f"{value:.6f}" for value in times)
        return (self.id, f"{self.arrival_s:.9g}", *written, str(self.preemptions), "0")


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
    order = sorted(range(len(requests)), key=lambda i: requests[i].arrival_s)
    rows = np.zeros((len(requests), 3), np.int64)
    for place, index in enumerate(order):
        request = requests[index]
        arrived = round(request.arrival_s * SECOND) + spec.request_overhead_ns
        rows[place] = arrived, request.input_tokens, request.output_tokens
    server = Server(spec, rows)
    while (done := server.serve(STEPS_AT_ONCE)) < len(requests):
        on_progress(done)
    found: list[Served | None] = [None] * len(requests)
    for place, index in enumerate(order):
        numbers = [int(value) for value in server.answers[place]]
        found[index] = _served(
            requests[index], numbers, int(rows[place, 0]), spec, stream_ns_per_token
        )
    return [each for each in found if each is not None]


def _served(
    request: Request, numbers: Sequence[int], queued: int, spec: Llm, stream_ns: int
) -> Served:
    if numbers[at.REFUSED]:
        why = {1: f"longer than {_longest(spec)} tokens", 2: "the queue was full"}
        nan = float("nan")
        reason = why[numbers[at.REFUSED]]
        return Served(request.id, request.arrival_s, nan, nan, nan, nan, 0, reason)
    arrived = queued - spec.request_overhead_ns
    n = request.output_tokens
    # What is streamed reaches the client a little later with every token.
    first = numbers[at.FIRST] + stream_ns - arrived
    last = numbers[at.LAST] + n * stream_ns - arrived
    return Served(
        request.id,
        request.arrival_s,
        (numbers[at.SCHEDULED] - queued) / SECOND,
        first / SECOND,
        (last - first) / SECOND / (n - 1) if n > 1 else 0.0,
        last / SECOND,
        numbers[at.PREEMPTIONS],
    )


def _longest(spec: Llm) -> int:
    return min(spec.model_tokens_max, spec.kv_tokens)
