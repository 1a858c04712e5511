"""Scrapes: rows the plant copied at each target's own instant become samples in the store."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.calendar import Calendar
from simulator.instruments.series.block import STALE
from simulator.instruments.series.labels import NAME, Labels, labels_of, normalised
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.telemetry.belated import Belated
from simulator.instruments.telemetry.exporters import FEATURES, PODS
from simulator.instruments.telemetry.exporters.dcgm import Device
from simulator.instruments.telemetry.exporters.envoy import ENVOY
from simulator.instruments.telemetry.exporters.guards import BREAKER_STATE, BREAKER_STATES, GUARDS
from simulator.instruments.telemetry.exporters.litellm import LITELLM, TENANT, TERMS
from simulator.instruments.telemetry.exporters.model import Exporter
from simulator.instruments.telemetry.exporters.resources import left, with_resources
from simulator.instruments.telemetry.exporters.route import ROUTE
from simulator.instruments.telemetry.exporters.worked_out import NOTHING, WORKED_OUT
from simulator.instruments.telemetry.server import Server
from simulator.instruments.telemetry.target import plan
from simulator.instruments.telemetry.trouble import FINE, Trouble
from simulator.instruments.telemetry.watched import OWN, Target, counted, exposed, since
from simulator.plant.api import PlantPort, Scrape, ScrapeKind
from simulator.plant.limits_spec import Limits
from simulator.plant.probes import (
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
_KV_USAGE = {"llm": "vllm:kv_cache_usage_perc", "sglang": "sglang:token_usage"}
"""What each exporter calls the share of KV blocks in use."""


class Scraper:
    """Every target, and the samples they gave."""

    def __init__(
        self,
        store: SeriesStore,
        plant: PlantPort,
        calendar: Calendar,
        server: Server | None = None,
    ) -> None:
        self._store, self._plant, self._calendar = store, plant, calendar
        self.server = server or Server()
        self._targets: dict[int, Target] = {}
        self._of_row: dict[int, int] = {}
        self._devices: dict[int, list[int]] = {}  # targets of the devices a pod uses
        self._late: list[tuple[int, int, NDArray[np.float64], int]] = []  # ready, target, row, ms

    def watch_pod(
        self,
        row: int,
        shown_as: str,
        labels: Mapping[str, str],
        trouble: Trouble = FINE,
        features: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        """Scrape a pod from now on; `shown_as` is a key of PODS, `features` are of FEATURES.

        Of its limits it shows what it uses.
        """
        usage = _KV_USAGE.get(shown_as)
        rest = left(limits) if limits is not None else []
        known = [
            "container_cpu_usage_seconds_total",
            *(name for name, *_ in rest),
            *([usage] if usage else []),
        ]
        own, work_out = WORKED_OUT.get(shown_as, NOTHING)
        names = [*(((NAME, name),) for name in known), *own]

        def extras(scrape: Scrape, _last: Scrape | None) -> list[float]:
            # Plain numbers: one by one they cost less than cells of an array.
            values = scrape.values.tolist()
            cpu = [values[ReplicaProbe.CPU_NS] * 1e-9]
            cpu += [(most - values[column]) * scale for _, column, most, scale in rest]
            if usage is None:
                return [*cpu, *work_out(values, self._calendar.ms(scrape.at))]
            blocks = values[ReplicaProbe.KV_BLOCKS_USED]
            return [*cpu, blocks / max(1, values[ReplicaProbe.KV_BLOCKS_TOTAL])]

        more = [metric for each in features for metric in FEATURES[each]]
        shown = PODS[shown_as]
        exporter = replace(shown, metrics=[*shown.metrics, *more]) if more else shown
        if limits is not None:
            exporter = with_resources(exporter, limits)
        number = self._watch(ScrapeKind.REPLICA, row, exporter, labels, names, extras, trouble)
        self._of_row[row] = number

    def watch_devices(
        self,
        row: int,
        device: Device,
        labels: Sequence[Mapping[str, str]],
        host_slowdown: Callable[[], float],
    ) -> None:
        """Scrape the devices a pod uses; `host_slowdown` is what their own sensors show."""
        process = self._targets[self._of_row[row]]

        def extras(scrape: Scrape, last: Scrape | None) -> list[float]:
            busy, lasted = since(scrape, last, ReplicaProbe.BUSY_NS)
            share = min(1.0, max(0.0, busy / lasted)) if lasted else 0.0
            return device.values(share, host_slowdown(), is_running=process.is_up)

        names = [((NAME, name),) for name in device.names]
        self._devices[row] = [
            self._watch(ScrapeKind.REPLICA, row, Exporter(()), each, names, extras, FINE)
            for each in labels
        ]

    def watch_edge(
        self,
        edge: int,
        labels: Mapping[str, str],
        guards: Sequence[str] = (),
        trouble: Trouble = FINE,
    ) -> None:
        """Scrape an edge as its caller's proxy counts it; `guards` are keys of GUARDS."""
        more = [metric for guard in guards for metric in GUARDS[guard]]
        exporter = Exporter([*ENVOY.metrics, *more], ENVOY.histograms)
        if "breaker" not in guards:
            self._watch(ScrapeKind.EDGE, edge, exporter, labels, [], lambda _s, _l: [], trouble)
            return
        names = [((NAME, BREAKER_STATE), ("state", state)) for state in BREAKER_STATES]

        def states(scrape: Scrape, _last: Scrape | None) -> list[float]:
            now = int(scrape.values[EdgeProbe.BREAKER])
            return [float(number == now) for number in range(len(BREAKER_STATES))]

        self._watch(ScrapeKind.EDGE, edge, exporter, labels, names, states, trouble)

    def watch_provider(
        self,
        edge: int,
        labels: Mapping[str, str],
        terms: Sequence[str],
        trouble: Trouble = FINE,
    ) -> None:
        """Scrape what the caller of a provider sees of it; `terms` are keys of TERMS."""
        more = [metric for term in terms for metric in TERMS[term]]
        exporter = Exporter([*LITELLM.metrics, *more], LITELLM.histograms)
        self._watch(ScrapeKind.PROVIDER, edge, exporter, labels, [], lambda _s, _l: [], trouble)

    def watch_route(
        self,
        request_class: int,
        labels: Mapping[str, str],
        trouble: Trouble = FINE,
        belated: Belated | None = None,
    ) -> None:
        """Scrape a request class as its entry component counts it; quality signals come late."""
        number = self._watch(
            ScrapeKind.CLASS, request_class, ROUTE, labels, [], lambda _s, _l: [], trouble
        )
        self._targets[number].belated = belated

    def watch_tenant(self, target: int, labels: Mapping[str, str], trouble: Trouble = FINE) -> None:
        """Scrape what the gateway counts of one tenant."""
        self._watch(ScrapeKind.TENANT, target, TENANT, labels, [], lambda _s, _l: [], trouble)

    def lose(self, row: int, *, host: bool = False) -> None:
        """Let scrapes of a pod fail from now on: nobody answers; its devices go with the host."""
        self.collect()
        self._targets[self._of_row[row]].is_up = False
        for number in self._devices.get(row, ()) if host else ():
            self._targets[number].is_up = False

    def regain(self, row: int, *, restarted: bool) -> None:
        """Let scrapes succeed again; a process that restarted counts from zero."""
        self.collect()
        for number in self._devices.get(row, ()):
            self._targets[number].is_up = True
        target = self._targets[self._of_row[row]]
        target.is_up = True
        if restarted and target.seen is not None:
            target.base = (target.seen.values, target.seen.histograms)

    def forget(self, row: int, at: int) -> None:
        """Stop scraping a pod that is gone; its series end here."""
        self.collect()
        for number in (self._of_row.pop(row), *self._devices.pop(row, ())):
            self._forget(number, at)

    def _forget(self, number: int, at: int) -> None:
        self._plant.stop_scraping(number)
        target = self._targets.pop(number)
        self.server.scrapes(number, 0, PERIOD_NS)
        self._late = [late for late in self._late if late[1] != number]
        now_ms = self._calendar.ms(at)
        if target.block.times and target.block.times[-1] < now_ms:
            target.block.mark_stale(now_ms)
        if target.split is not None:
            target.split.end(now_ms)

    def collect(self) -> None:
        """Write down every scrape that has happened and ended."""
        slowdown = self.server.slowdown()  # since the last look: whoever turns it looks first
        for scrape in self._plant.drain_scrapes():
            if (target := self._targets.get(scrape.target)) is not None:
                self._take(target, scrape, slowdown)
        now = self._plant.now
        ready = sorted([late for late in self._late if late[0] <= now], key=lambda late: late[:2])
        self._late = [late for late in self._late if late[0] > now]
        for _, number, row, t_ms in ready:
            self._append(self._targets[number], t_ms, row)

    def restart(self, now: int) -> None:
        """Have Prometheus begin anew; what it was bringing in is lost."""
        self.collect()
        self._late = []
        for target in self._targets.values():
            target.busy_until = -1
        self.server.restart(now)

    def _watch(
        self,
        kind: ScrapeKind,
        row: int,
        exporter: Exporter,
        labels: Mapping[str, str],
        extra_names: Sequence[Labels],
        extras: Callable[[Scrape, Scrape | None], list[float]],
        trouble: Trouble,
    ) -> int:
        made = plan(exporter, labels, self._plant.histogram_bounds(kind, row), len(_COLUMNS[kind]))
        names: list[Labels] = [
            *made.labels,
            *(labels_of({**made.base, **dict(own)}) for own in extra_names),
            *(labels_of({**made.base, NAME: name}) for name in OWN),
        ]
        offset = zlib.crc32(labels["instance"].encode()) % (PERIOD_NS // SECOND) * SECOND
        number = self._plant.scrape_every(kind, row, PERIOD_NS, offset)
        self._targets[number] = Target(
            made, self._store.block([normalised(name) for name in names]), extras, trouble
        )
        self._targets[number].split_by = exporter.per_request
        self.server.scrapes(number, len(names) - len(OWN), PERIOD_NS)
        return number

    def _take(self, target: Target, scrape: Scrape, slowdown: float) -> None:
        """Bring a scrape in, at once or when Prometheus gets to it; or miss it."""
        target.seen, at, server = scrape, scrape.at, self.server
        if at < max(server.down_until, target.busy_until):
            server.missed_scrapes += 1
            return
        row = self._row(target, scrape)
        takes = server.takes(float(row[-3]), PERIOD_NS, slowdown)
        row[-4] = takes * 1e-9
        if takes <= PERIOD_NS:
            self._append(target, self._calendar.ms(at), row)
        else:
            target.busy_until = at + takes
            self._late.append((at + takes, scrape.target, row, self._calendar.ms(at)))

    def _append(self, target: Target, t_ms: int, row: NDArray[np.float64]) -> None:
        target.block.append(t_ms, row)
        if target.split is not None:
            # What failed ended every series.
            (target.split.write if row[-5] else target.split.end)(t_ms)

    def _row(self, target: Target, scrape: Scrape) -> NDArray[np.float64]:
        """Samples of one scrape; every series ends where it failed."""
        answers = target.is_up and not target.trouble.fails()
        made = exposed(target, scrape) if answers else None
        samples, new = (0, 0) if made is None else counted(target, scrape, made, self._store)
        self.server.scrapes(scrape.target, samples, PERIOD_NS)
        if 0 < self.server.sample_limit < samples:
            self.server.over_limit += 1
            made = None
        if made is None:
            target.last = None
            row = np.full(len(target.block.labels), STALE)
            row[-5:] = (0.0, 0.0, samples, samples, 0.0)
            return row
        if target.last is None:
            new = samples
        self.server.appended += samples
        target.last = scrape
        made[-len(OWN) :] = (1.0, 0.0, samples, samples, new)
        return made
