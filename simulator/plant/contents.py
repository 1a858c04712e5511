"""What relational stores, message queues and object stores are to the plant."""

from dataclasses import dataclass
from typing import Literal

from simulator.plant.spec import Distribution
from simulator.plant.spec_parts import Content

_AT_ONCE = Distribution("fixed", 0)


@dataclass(frozen=True, slots=True)
class Relational(Content):
    """A primary, which takes all writes, and read replicas that apply them later.

    A write holds its row's lock. When the primary is lost for as long as `promotion` says, the
    replica that has applied most becomes the primary.
    """

    read: Distribution
    write: Distribution
    connections_max: int = 100
    lock_timeout_ns: int = 0  # 0: none
    ship_ns: int = 0  # from a commit to its arrival at a replica
    replay_ns: int = 0  # a replica's time to apply one write
    reads_from: Literal["replicas", "primary"] = "replicas"
    stale_quality: float = 0.0  # share of right answers of reads of what has changed since
    promotion: Distribution = _AT_ONCE


@dataclass(frozen=True, slots=True)
class Queue(Content):
    """Messages for a component, whose handler runs for each of them.

    A message that is not done `visible_ns` after it was handed out is handed out again, up to
    `receives_max` times (0: for ever); then it is a dead letter. One that failed is handed out
    again `retry_ns` later, if that is sooner. Poison fails whoever handles it, by request key.
    """

    consumer: str = ""  # "": nobody reads it
    depth_max: int = 100_000  # waiting or handed out; more are rejected
    visible_ns: int = 30_000_000_000
    receives_max: int = 3
    prefetch: int = 10  # messages a replica of the consumer holds
    retry_ns: int = 0  # 0: when it is visible again
    rebalance_ns: int = 0  # nothing is handed out for so long when consumers come or go
    poison_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Objects(Content):
    """Objects that are sent whole: after the first byte they share a replica's bandwidth.

    Each prefix takes so many requests a second, and a second's worth at once.
    """

    first_byte: Distribution
    size_bytes: Distribution
    sizes_bytes: tuple[tuple[str, Distribution], ...] = ()  # of classes of their own
    bytes_per_second: float = 1e10  # of a replica
    stream_bytes_per_second: float = 1e8
    prefixes: int = 1
    prefix_requests_per_second: float = 0.0  # 0: no limit
