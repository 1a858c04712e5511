"""Scrapes: rows the plant copied at each target's own instant become samples in the store."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.calendar import Calendar
from simulator.instruments.series.block import STALE
from simulator.instruments.series.labels import NAME, Labels, labels_of, normalised
from simulator.instruments.series.lane import LaneBlock
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.telemetry.exporters import FEATURES, PODS
from simulator.instruments.telemetry.exporters.envoy import ENVOY
from simulator.instruments.telemetry.exporters.guards import BREAKER_STATE, BREAKER_STATES, GUARDS
from simulator.instruments.telemetry.exporters.litellm import LITELLM, TENANT, TERMS
from simulator.instruments.telemetry.exporters.model import Exporter
from simulator.instruments.telemetry.exporters.resources import left, with_resources
from simulator.instruments.telemetry.exporters.route import ROUTE
from simulator.instruments.telemetry.target import Plan, plan
from simulator.plant.api import PlantPort, Scrape, ScrapeKind
from simulator.plant.limits_spec import Limits
from simulator.plant.probes import (
    REPLICA_GAUGES,
    ClassProbe,
    EdgeProbe,
    ProviderProbe,
    ReplicaProbe,
    TenantProbe,
)
from simulator.units import SECOND

PERIOD_NS = 15 * SECOND
_COLUMNS: dict[ScrapeKind, type[IntEnum]] = {
    ScrapeKind.REPLICA: ReplicaProbe,
    ScrapeKind.EDGE: EdgeProbe,
    ScrapeKind.CLASS: ClassProbe,
    ScrapeKind.PROVIDER: ProviderProbe,
    ScrapeKind.TENANT: TenantProbe,
}
_ENGINE = ["DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_SM_CLOCK", "vllm:kv_cache_usage_perc"]
SM_CLOCK_MHZ = 1980.0
"""Boost clock of an H100 SXM under load (NVIDIA data sheet)."""


@dataclass(slots=True)
class Target:
    """One thing that is scraped."""

    plan: Plan
    block: LaneBlock
    extras: Callable[[Scrape, Scrape | None], list[float]]
    is_up: bool = True
    last: Scrape | None = None
    seen: Scrape | None = None  # the newest row, also while nobody answered
    base: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None  # counters at a restart


class Scraper:
    """Every target, and the samples they gave."""

    def __init__(self, store: SeriesStore, plant: PlantPort, calendar: Calendar) -> None:
        self._store, self._plant, self._calendar = store, plant, calendar
        self._targets: dict[int, Target] = {}
        self._of_row: dict[int, int] = {}

    def watch_pod(
        self,
        row: int,
        kind: str,
        labels: Mapping[str, str],
        host_slowdown: Callable[[], float],
        features: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        """Scrape a pod from now on; `host_slowdown` is what its host's own sensors show.

        `features` are keys of FEATURES: what it shows besides. Of its limits it shows what it uses.
        """
        rest = left(limits) if limits is not None else []
        known = [
            "container_cpu_usage_seconds_total",
            *(name for name, *_ in rest),
            *(_ENGINE if kind == "llm" else []),
        ]
        names = [((NAME, name),) for name in known]

        def extras(scrape: Scrape, last: Scrape | None) -> list[float]:
            # Plain numbers: one by one they cost less than cells of an array.
            values = scrape.values.tolist()
            cpu = [values[ReplicaProbe.CPU_NS] * 1e-9]
            cpu += [(most - values[column]) * scale for _, column, most, scale in rest]
            if kind != "llm":
                return cpu
            busy, lasted = _since(scrape, last, ReplicaProbe.BUSY_NS)
            used = 100.0 * min(1.0, busy / lasted) if lasted else 0.0
            blocks = values[ReplicaProbe.KV_BLOCKS_USED]
            usage = blocks / max(1, values[ReplicaProbe.KV_BLOCKS_TOTAL])
            return [*cpu, round(used), round(SM_CLOCK_MHZ / host_slowdown()), usage]

        more = [metric for feature in features for metric in FEATURES[feature]]
        shown = PODS[kind]
        exporter = Exporter([*shown.metrics, *more], shown.histograms, shown.constants)
        if limits is not None:
            exporter = with_resources(exporter, limits)
        number = self._watch(ScrapeKind.REPLICA, row, exporter, labels, names, extras)
        self._of_row[row] = number

    def watch_edge(self, edge: int, labels: Mapping[str, str], guards: Sequence[str] = ()) -> None:
        """Scrape an edge as its caller's proxy counts it; `guards` are keys of GUARDS."""
        more = [metric for guard in guards for metric in GUARDS[guard]]
        exporter = Exporter([*ENVOY.metrics, *more], ENVOY.histograms)
        if "breaker" not in guards:
            self._watch(ScrapeKind.EDGE, edge, exporter, labels, [], lambda _s, _l: [])
            return
        names = [((NAME, BREAKER_STATE), ("state", state)) for state in BREAKER_STATES]

        def states(scrape: Scrape, _last: Scrape | None) -> list[float]:
            now = int(scrape.values[EdgeProbe.BREAKER])
            return [float(number == now) for number in range(len(BREAKER_STATES))]

        self._watch(ScrapeKind.EDGE, edge, exporter, labels, names, states)

    def watch_provider(self, edge: int, labels: Mapping[str, str], terms: Sequence[str]) -> None:
        """Scrape what the caller of a provider sees of it; `terms` are keys of TERMS."""
        more = [metric for term in terms for metric in TERMS[term]]
        exporter = Exporter([*LITELLM.metrics, *more], LITELLM.histograms)
        self._watch(ScrapeKind.PROVIDER, edge, exporter, labels, [], lambda _s, _l: [])

    def watch_route(self, request_class: int, labels: Mapping[str, str]) -> None:
        """Scrape a request class as its entry component counts it."""
        self._watch(ScrapeKind.CLASS, request_class, ROUTE, labels, [], lambda _s, _l: [])

    def watch_tenant(self, target: int, labels: Mapping[str, str]) -> None:
        """Scrape what the gateway counts of one tenant."""
        self._watch(ScrapeKind.TENANT, target, TENANT, labels, [], lambda _s, _l: [])

    def lose(self, row: int) -> None:
        """Let scrapes of a pod fail from now on: nobody answers."""
        self.collect()
        self._targets[self._of_row[row]].is_up = False

    def regain(self, row: int, *, restarted: bool) -> None:
        """Let scrapes succeed again; a process that restarted counts from zero."""
        self.collect()
        target = self._targets[self._of_row[row]]
        target.is_up = True
        if restarted and target.seen is not None:
            target.base = (target.seen.values, target.seen.histograms)

    def forget(self, row: int, at: int) -> None:
        """Stop scraping a pod that is gone; its series end here."""
        self.collect()
        number = self._of_row.pop(row)
        self._plant.stop_scraping(number)
        target = self._targets.pop(number)
        now_ms = self._calendar.ms(at)
        if target.block.times and target.block.times[-1] < now_ms:
            target.block.mark_stale(now_ms)

    def collect(self) -> None:
        """Write down every scrape that has happened."""
        for scrape in self._plant.drain_scrapes():
            target = self._targets.get(scrape.target)
            if target is not None:
                self._write(target, scrape)

    def _watch(
        self,
        kind: ScrapeKind,
        row: int,
        exporter: Exporter,
        labels: Mapping[str, str],
        extra_names: Sequence[Labels],
        extras: Callable[[Scrape, Scrape | None], list[float]],
    ) -> int:
        made = plan(exporter, labels, self._plant.histogram_bounds(kind, row), len(_COLUMNS[kind]))
        names: list[Labels] = [
            *made.labels,
            *(labels_of({**labels, **dict(own)}) for own in [*extra_names, ((NAME, "up"),)]),
        ]
        offset = zlib.crc32(labels["instance"].encode()) % (PERIOD_NS // SECOND) * SECOND
        number = self._plant.scrape_every(kind, row, PERIOD_NS, offset)
        self._targets[number] = Target(
            made, self._store.block([normalised(name) for name in names]), extras
        )
        return number

    def _write(self, target: Target, scrape: Scrape) -> None:
        now_ms = self._calendar.ms(scrape.at)
        target.seen = scrape
        if not target.is_up:
            row = np.full(len(target.block.labels), STALE)
            row[-1] = 0.0
            target.block.append(now_ms, row)
            target.last = None
            return
        values, buckets = scrape.values, scrape.histograms
        if target.base is not None:
            gauges = list(REPLICA_GAUGES)
            values = values - target.base[0]
            values[gauges] = scrape.values[gauges]
            buckets = buckets - target.base[1]
        extras = target.extras(scrape, target.last)
        target.block.append(
            now_ms, np.concatenate((target.plan.row(values, buckets), [*extras, 1.0]))
        )
        target.last = scrape


def _since(scrape: Scrape, last: Scrape | None, column: int) -> tuple[int, int]:
    """Growth of a column since the last scrape and the time between; zeros for the first."""
    if last is None:
        return 0, 0
    return int(scrape.values[column] - last.values[column]), scrape.at - last.at
