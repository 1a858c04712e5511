"""metrics-server: each pod's CPU over its last 15 s, sampled on a fixed grid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.clock import Clock, Phase, Waiting
from simulator.system.autoscaling.adapter import Sample
from simulator.system.autoscaling.observed import Unavailable
from simulator.units import SECOND

RESOLUTION_NS = 15 * SECOND


@dataclass(frozen=True, slots=True)
class _Point:
    at: int
    core_ns: int


class MetricsServer:
    """Samples CPU counters and serves the latest rate of each pod; a pod needs two samples.

    `read` returns core-nanoseconds used so far by every pod whose container runs now.
    """

    def __init__(
        self,
        clock: Clock,
        read: Callable[[], Mapping[str, int]],
        resolution_ns: int = RESOLUTION_NS,
        offset_ns: int = 0,
    ) -> None:
        self._clock, self._read = clock, read
        self._resolution, self._offset = resolution_ns, offset_ns
        self._last: dict[str, _Point] = {}
        self._samples: dict[str, Sample] = {}

    def start(self) -> None:
        """Sample from now on."""
        self._clock.spawn(self._run())

    def samples(self, resource: str) -> Mapping[str, Sample] | Unavailable:
        """Return the latest sample of each pod; only cpu is measured."""
        if resource != "cpu":
            return Unavailable(
                f"unable to get metrics for resource {resource}: no metrics returned from "
                "resource metrics API"
            )
        return self._samples

    def _run(self) -> Waiting:
        tick = 0
        while True:
            at = self._offset + tick * self._resolution
            yield self._clock.at(at, Phase.SCRAPE, "metrics-server")
            self._sample(at)
            tick += 1

    def _sample(self, at: int) -> None:
        points = {pod: _Point(at, core_ns) for pod, core_ns in sorted(self._read().items())}
        self._samples = {
            pod: _between(self._last[pod], point)
            for pod, point in points.items()
            # A counter that went down belongs to a container that started anew.
            if pod in self._last and point.core_ns >= self._last[pod].core_ns
        }
        self._last = points


def _between(before: _Point, after: _Point) -> Sample:
    window = after.at - before.at
    used = after.core_ns - before.core_ns
    return Sample(-(-used * 1000 // window), after.at, window)
