"""Parts of a spec that stand by themselves: what guards an edge or a server, and the network."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shedding:
    """Refuses calls up to a priority from a load on: (priority, load) pairs.

    Load is calls, working or waiting, over servers. Who is refused is told to come again after
    `retry_after_ns` (0: nothing).
    """

    loads: tuple[tuple[int, float], ...]
    retry_after_ns: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What else servers may keep: `contents.py` has the kinds."""


@dataclass(frozen=True, slots=True)
class ConnectionPool:
    """Each calling replica's connections to each replica it calls: a call takes one, or waits."""

    connections_max: int
    timeout_ns: int = 0  # longest wait for one; 0: for ever


@dataclass(frozen=True, slots=True)
class Breaker:
    """Stops calling when `failures` of the last `window` calls failed, at least `calls_min`.

    After `open_ns`, `probes` calls are let through and judged alike.
    """

    failures: float
    window: int  # at most layout.WINDOW_MAX
    calls_min: int
    open_ns: int
    probes: int


@dataclass(frozen=True, slots=True)
class Outliers:
    """Ejects a replica after so many failures in a row, for a multiple of `ejected_ns`.

    At most `ejected_max` of them at once, but one in any case; when less than `panic_below` of the
    replicas are left, ejections are ignored.
    """

    consecutive: int
    interval_ns: int
    ejected_ns: int
    ejected_max: float
    panic_below: float


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Limits calls in flight by their latency (plant/adaptive.py); Envoy's defaults.

    `update_ns` and `measured_every_ns`, which Envoy has none of, are those of its examples.
    """

    update_ns: int = 100_000_000
    percentile: float = 0.5
    concurrency_min: int = 3
    concurrency_max: int = 1000
    buffer: float = 0.25
    measured_every_ns: int = 60_000_000_000
    measured_over: int = 50  # calls
    measured_jitter: float = 0.15


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """How far apart zones are, one way, by [sender's zone][receiver's]; zone 0 is none.

    A message takes up to `jitter` of its delay longer; `loss` is of packets.
    """

    delays_ns: tuple[tuple[int, ...], ...]
    loss: tuple[tuple[float, ...], ...]
    jitter: float = 0.0
