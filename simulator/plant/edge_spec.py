"""How one component calls another."""

from dataclasses import dataclass
from typing import Literal

from simulator.plant.spec_parts import Adaptive, Breaker, ConnectionPool, Outliers

Balance = Literal[
    "round_robin", "least_request", "least_loaded", "random", "consistent_hash", "prefix_aware"
]
"""How a replica is chosen.

`least_request` compares two drawn at random, `least_loaded` all. `consistent_hash` keeps what asks
for the same at the same replica, walking on from those beyond the bound; `prefix_aware` goes from
there to the least loaded.
"""


RetryOn = Literal["connect", "reset", "timeout", "5xx", "429"]
"""What is tried again; 5xx includes a full queue (503) and nobody ready."""


@dataclass(frozen=True, slots=True)
class EdgeSpec:
    """How one component calls another.

    Attempt k (from 0) is followed, when it fails and a retry is allowed, by a pause of
    backoff x 2^k (full jitter: uniform from 0 to that). `retry_budget` is the largest share of
    retries among the edge's active calls (0: no budget), never below 3 at once.
    """

    caller: str
    callee: str
    delay_ns: int = 0  # one way
    timeout_ns: int = 0  # per attempt; 0: none
    connect_timeout_ns: int = 1_000_000_000  # an attempt to an unreachable replica
    retries_max: int = 0
    backoff_ns: int = 0
    jitter: Literal["none", "full"] = "none"
    retry_budget: float = 0.0
    retries_on: tuple[RetryOn, ...] = ("connect", "reset", "timeout", "5xx")
    honours_retry_after: bool = False  # waits as long as the answer says, in the backoff's place
    balance: Balance = "round_robin"
    load_refresh_ns: int = 0  # how old the loads may be that it compares; 0: as they are
    load_bound: float = 0.0  # hashing: a replica takes up to this x its share of calls; 0: any
    near_until: float = 0.0  # the caller's zone, up to this x its share of calls; 0: zones are one
    split_to: str = ""  # another component that takes `split_share` of the calls
    split_share: float = 0.0
    on_timeout: Literal["cancel", "leave"] = "cancel"  # leave: the work goes on unseen
    deadline: Literal["none", "check", "propagate"] = "none"  # see plant/deadlines.py
    loss: float = 0.0  # of packets, either way
    jitter_ns: int = 0  # a message takes up to so much longer
    request_bytes: int = 1024  # besides what its tokens take
    answer_bytes: int = 1024
    concurrency_max: int = 0  # 0: no limit; above it calls fail at once
    adaptive: Adaptive | None = None
    breaker: Breaker | None = None
    outliers: Outliers | None = None
    hedge_after_ns: int = 0  # another attempt beside one that has not answered; 0: none
    hedges_max: int = 1
    pool: ConnectionPool | None = None
    latency_bounds_s: tuple[float, ...] = (
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    )  # fmt: skip
