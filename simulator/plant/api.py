"""How the plant is turned and read, and how it speaks up.

`simulator.plant.plant.Plant` implements `PlantPort`. Rows (replicas, edges, classes, pools) are
whole numbers; edges, classes and pools count in the order of their spec, replicas as they are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.plant.kept import Served, Traced
from simulator.plant.knob_names import ClassKnob, EdgeKnob, PoolKnob, ReplicaKnob, TenantKnob
from simulator.plant.spec import Distribution

__all__ = [  # what this module is asked for besides its own
    "ClassKnob", "EdgeKnob", "PoolKnob", "ReplicaKnob", "Served", "TenantKnob", "Traced",
]  # fmt: skip


class Outcome(IntEnum):
    """What became of one user intent; the first that applies, in this order."""

    REFUSED = 0
    ABANDONED = 1
    FAILED = 2
    WRONG = 3
    LATE = 4
    GOOD = 5


class SignalKind(IntEnum):
    """Why the plant speaks up; NO_REPLICA, DRAINED and DIED make `advance` return early."""

    NO_REPLICA = 0  # a call found nobody ready (at most one per pool and second)
    DRAINED = 1  # a draining replica has emptied
    RATE_LIMITED = 2
    REJECTED = 3
    TIMED_OUT = 4
    CONNECT_FAILED = 5
    ABANDONED = 6
    FAILED = 7
    PREEMPTED = 8
    SLOW = 9  # a root request beyond twice its class's limit
    RESET = 10  # a replica died with the call in flight
    DIED = 11  # a replica's process: what ran out is the value, by limits_spec.RESOURCES
    EXHAUSTED = 12  # a call was refused or failed for it; 4: connections
    PROMOTED = 16  # a read replica has become the primary


@dataclass(frozen=True, slots=True)
class Impairment:
    """Trouble on the way: which messages it meets, and what becomes of them.

    Rows and zones of -1 are any. `blocked` is the share of connections that nothing gets through,
    `loss` of packets; delay and jitter are added, one way.
    """

    edge: int = -1
    caller: int = -1  # replica
    callee: int = -1  # replica
    from_zone: int = -1  # the sender's, be it the caller or the callee
    to_zone: int = -1
    requests: bool = True
    answers: bool = True
    blocked: float = 0.0
    loss: float = 0.0
    delay_ns: int = 0
    jitter_ns: int = 0


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing the plant noticed; rows are -1 where they do not apply."""

    at: int
    kind: SignalKind
    pool: int
    replica: int
    edge: int
    request_class: int
    key: int  # the root request's key: a trace id
    value: int  # ns or a count, by kind


class Pause(IntEnum):
    """Why `advance` returned."""

    DONE = 0
    SIGNAL = 1
    SLICE = 2  # many events done: lets Ctrl-C and the progress bar in


class ScrapeKind(IntEnum):
    """What a scrape target is a row of."""

    REPLICA = 0
    EDGE = 1
    CLASS = 2
    PROVIDER = 3  # of an edge to one, as its caller's client sees it
    TENANT = 4


@dataclass(frozen=True, slots=True)
class Scrape:
    """One target's row as it stood at its own instant.

    `values` holds the probe columns of its kind (int64); `histograms` the bucket counts of each of
    its histograms in turn, not cumulative, the last bucket open-ended.
    """

    at: int
    target: int
    values: NDArray[np.int64]
    histograms: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SharedSegments:
    """What listed prompts share: rows of (key, end) for `Arrivals.prefixes` to point at.

    A row names a segment and all before it by a key from 0 to 2^63 - 1, and says where it ends in
    tokens from the prompt's start. A request has rows `at` to `at + count`.
    """

    rows: NDArray[np.int64]

    @staticmethod
    def of(at: int, count: int) -> int:
        """Point at consecutive rows, as a value of `Arrivals.prefixes`."""
        return (at << 24) + count  # layout.SEGMENT_COUNT_BITS


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One minute of one stream: sorted times; tokens and keys are drawn by the plant where -1."""

    times: NDArray[np.int64]
    prompt_tokens: NDArray[np.int64] | None = None
    output_tokens: NDArray[np.int64] | None = None
    prefixes: NDArray[np.int64] | None = None  # see `SharedSegments`; -1: what its class shares


class ArrivalSource(Protocol):
    """A stream of arrivals of one class, asked for one simulated minute at a time.

    `stream` 0 is the class's base; 1, 2, ... are the extra streams a rate multiplier above 1 adds.
    Request k of a stream is the same request whatever else happens.
    """

    def minute(self, request_class: str, stream: int, index: int) -> Arrivals: ...


class PlantPort(Protocol):
    """The plant as the rest of the simulator sees it."""

    now: int

    def advance(self, until: int, *, inclusive: bool) -> Pause:
        """Run events before `until` (and at it, if inclusive); may return early with a reason."""
        ...

    def turn_replica(self, replica: int, knob: ReplicaKnob, value: float) -> None: ...
    def turn_pool(self, pool: int, knob: PoolKnob, value: float) -> None: ...
    def turn_edge(self, edge: int, knob: EdgeKnob, value: float) -> None: ...
    def turn_class(self, request_class: int, knob: ClassKnob, value: float) -> None: ...

    def turn_tenant(self, request_class: int, tenant: int, knob: TenantKnob, value: float) -> None:
        """Turn a quota of one tenant, of all of them with -1."""
        ...

    def set_arrival_multiplier(self, request_class: int, value: float) -> None:
        """Thin the base stream below 1; add streams of the same rate above 1."""
        ...

    def set_other_mix(
        self, request_class: int, prompt: Distribution | None, output: Distribution | None
    ) -> None:
        """Say what MIX_SHARE of the class's arrivals ask for; None keeps the class's own."""
        ...

    def impair(self, impairment: Impairment) -> int:
        """Let trouble begin on the network; its number, to end it by."""
        ...

    def repair(self, number: int) -> None:
        """End it. What was sent meanwhile arrives when it is sent again, or has been given up."""
        ...

    def add_replica(self, pool: int, ordinal: int, zone: int = 0) -> int:
        """Make a row for the pool's ordinal-th pod, not ready; draws are keyed by the ordinal.

        Zones are numbered by who calls; 0 is a place of its own, for pods of no zone.
        """
        ...

    def set_ready(self, replica: int, *, ready: bool) -> None:
        """Let the balancer choose it, or not; calls in flight go on."""
        ...

    def drain(self, replica: int) -> None:
        """Take no new calls, finish those in flight, then signal DRAINED."""
        ...

    def kill(self, replica: int) -> None:
        """Fail its calls at once, lose its content; not ready until told so again."""
        ...

    def revive(self, replica: int) -> None:
        """Start the process of a killed row afresh: empty, healthy knobs kept as set, not ready."""
        ...

    def remove(self, replica: int) -> None:
        """Kill it and never use the row again."""
        ...

    def flush_cache(self, pool: int) -> int:
        """Delete every key; return how many there were."""
        ...

    def warm_cache(self, pool: int, share: float) -> int:
        """Fill up to `share` of capacity with the most popular keys; return how many were added."""
        ...

    def replica_row(self, replica: int) -> NDArray[np.int64]:
        """Probe columns of one replica now (settled copy), by ReplicaProbe."""
        ...

    def edge_row(self, edge: int) -> NDArray[np.int64]: ...
    def class_row(self, request_class: int) -> NDArray[np.int64]: ...
    def tenant_rows(self, request_class: int) -> NDArray[np.int64]:
        """Probe columns of a class's tenants now, by [tenant, TenantProbe]; largest first."""
        ...

    def tenant_target(self, request_class: int, tenant: int) -> int:
        """Say which row a tenant has as a scrape target."""
        ...

    def histogram_bounds(self, kind: ScrapeKind, row: int) -> tuple[tuple[float, ...], ...]:
        """Upper bounds (without +Inf) of each histogram in a scrape of that row, in its order.

        Replica: by ReplicaHistogram where its discipline has it, else empty. Edge: latency (s).
        Class: TTFT (s) then end-to-end (s), of answered requests. Provider: latency (s) then TTFT
        (s), of answers.
        """
        ...

    def scrape_every(self, kind: ScrapeKind, row: int, period_ns: int, offset_ns: int) -> int:
        """Add a target on the grid offset + k x period (k such that it is not past); its number."""
        ...

    def stop_scraping(self, target: int) -> None: ...

    def drain_scrapes(self) -> Sequence[Scrape]:
        """Rows copied since the last call, in order of (time, target)."""
        ...

    def drain_signals(self) -> tuple[Sequence[Signal], int]:
        """Signals since the last call in order, and how many did not fit."""
        ...

    def drain_spans(self) -> tuple[NDArray[np.int64], int]:
        """Rows of sampled calls that are done, by [row, Traced], and how many found no room."""
        ...

    def outcomes(self) -> NDArray[np.int64]:
        """Intents by [bin of arrival, class, Outcome]; still-open ones are not in it."""
        ...

    def ttft_bins(self) -> NDArray[np.int64]:
        """Answered intents by [bin of arrival, class, log bucket]: 20 per decade from 1 ms."""
        ...

    def stop_arrivals(self, at: int) -> None:
        """Admit no arrival from `at` on: the horizon."""
        ...

    def in_flight(self) -> int:
        """Root requests not yet answered."""
        ...

    def check_no_idling(self) -> None:
        """Raise InvariantViolated where a replica idles while it has work that it could do."""
        ...

    def check_conservation(self) -> None:
        """Raise InvariantViolated unless every arrival is in exactly one place, everywhere."""
        ...
