"""What can be read of the plant: rows, histograms, scrapes, signals, outcomes."""

from collections.abc import Sequence

import numpy as np

from simulator.errors import InvariantViolated
from simulator.plant import client_columns as of
from simulator.plant import layout as at
from simulator.plant.api import Outcome, Scrape, ScrapeKind, Served, Signal, SignalKind, Traced
from simulator.plant.core import PlantCore
from simulator.plant.guards import show_members
from simulator.plant.histograms import histogram_bounds, histogram_width
from simulator.plant.layout import Ints
from simulator.plant.probes import (
    ClassProbe,
    EdgeProbe,
    ProviderProbe,
    ReplicaProbe,
    TenantProbe,
)
from simulator.plant.provider import note_losses
from simulator.plant.provider_tables import LATENCY_BOUNDS_S, V_HISTOGRAM, V_PROBE
from simulator.plant.snapshots import find_next_scrape, settle_at
from simulator.plant.spans import (
    DONE,
    FIRST_FREE,
    FREE_ROW,
    LOST,
    NEXT_FREE,
    OPEN,
    USED_END,
    span_rows,
)

_TENANTS = [of.M_TENANTS_AT, of.M_TENANT_COUNT]
_PROBES = {
    ScrapeKind.REPLICA: len(ReplicaProbe),
    ScrapeKind.EDGE: len(EdgeProbe),
    ScrapeKind.CLASS: len(ClassProbe),
    ScrapeKind.PROVIDER: len(ProviderProbe),
    ScrapeKind.TENANT: len(TenantProbe),
}


class Readings(PlantCore):
    """The plant's reading side."""

    _taken: list[Ints]
    _widths: dict[int, tuple[int, int]]  # of a target: where its probes end, and its buckets

    def replica_row(self, replica: int) -> Ints:
        """Probe columns of one replica now (settled copy), by ReplicaProbe."""
        settle_at(self._s.key, replica, self.now)
        return self._s.replicas[replica, at.R_PROBE : at.R_HISTOGRAM].copy()

    def edge_row(self, edge: int) -> Ints:
        """Probe columns of one edge now, by EdgeProbe."""
        show_members(self._s, edge)
        return self._s.edges[edge, at.E_PROBE : at.E_HISTOGRAM].copy()

    def class_row(self, request_class: int) -> Ints:
        """Probe columns of one class now, by ClassProbe."""
        return self._s.classes[request_class, at.C_PROBE : at.C_HISTOGRAM].copy()

    def provider_row(self, edge: int) -> Ints:
        """What the caller of an edge to a provider has seen so far, by ProviderProbe."""
        note_losses(self._s, edge)
        return self._s.provider_rows[edge, V_PROBE:V_HISTOGRAM].copy()

    def tenant_rows(self, request_class: int) -> Ints:
        """Probe columns of a class's tenants now, by [tenant, TenantProbe]; largest first."""
        first, count = (int(n) for n in self._s.manners[request_class, _TENANTS])
        return self._s.tenants[first : first + max(count, 0), of.T_PROBE :].copy()

    def tenant_target(self, request_class: int, tenant: int) -> int:
        """Say which row a tenant has as a scrape target."""
        return int(self._s.manners[request_class, of.M_TENANTS_AT]) + tenant

    def histogram_bounds(self, kind: ScrapeKind, row: int) -> tuple[tuple[float, ...], ...]:
        """Upper bounds (without +Inf) of each histogram in a scrape of that row, in its order."""
        if kind is ScrapeKind.REPLICA:
            return histogram_bounds(self.spec.pools[int(self._s.replicas[row, at.R_POOL])])
        if kind is ScrapeKind.EDGE:
            return (self._programs.edges[row].latency_bounds_s,)
        if kind is ScrapeKind.PROVIDER:
            return (LATENCY_BOUNDS_S, LATENCY_BOUNDS_S)
        if kind is ScrapeKind.TENANT:
            return ()
        request_class = self.spec.classes[row]
        entry = next(pool for pool in self.spec.pools if pool.name == request_class.entry)
        return (request_class.ttft_bounds_s, entry.latency_bounds_s)

    def _buckets(self, kind: ScrapeKind, row: int) -> int:
        if kind is ScrapeKind.REPLICA:
            return histogram_width(self.spec.pools[int(self._s.replicas[row, at.R_POOL])])
        return sum(len(bounds) + 1 for bounds in self.histogram_bounds(kind, row))

    def scrape_every(self, kind: ScrapeKind, row: int, period_ns: int, offset_ns: int) -> int:
        """Add a target on the grid offset + k x period (k such that it is not past); its number."""
        behind = max(self.now - offset_ns, 0)
        first = offset_ns + -(-behind // period_ns) * period_ns
        return self._add_target(int(kind), row, period_ns, first)

    def _add_target(self, kind: int, row: int, period_ns: int, first: int) -> int:
        s = self._s
        target = int(s.head[at.TARGETS])
        if target == len(s.targets):
            s.replace(targets=np.concatenate([s.targets, np.zeros_like(s.targets)]))
        if 2 * (target + 1) > len(s.scrapes):
            self._take_scrapes()
            wider = np.zeros((2 * len(s.scrapes), s.scrapes.shape[1]), dtype=np.int64)
            s.replace(scrapes=wider)
        s.targets[target] = kind, row, period_ns, first, 1
        if kind in _PROBES:
            probes = at.SCRAPE_VALUES + _PROBES[ScrapeKind(kind)]
            self._widths[target] = probes, probes + self._buckets(ScrapeKind(kind), row)
        s.head[at.TARGETS] = target + 1
        find_next_scrape(s)
        return target

    def stop_scraping(self, target: int) -> None:
        """Copy that row no more."""
        self._s.targets[target, at.T_ALIVE] = 0
        find_next_scrape(self._s)

    def _take_scrapes(self) -> None:
        head = self._s.head
        self._taken.extend(self._s.scrapes[: head[at.SCRAPE_COUNT]].copy())
        head[at.SCRAPE_COUNT] = 0

    def drain_scrapes(self) -> Sequence[Scrape]:
        """Rows copied since the last call, in order of (time, target)."""
        self._take_scrapes()
        taken, self._taken = self._taken, []
        return [self._scrape(row) for row in taken]

    def _scrape(self, row: Ints) -> Scrape:
        target = int(row[1])
        probes, end = self._widths[target]
        return Scrape(int(row[0]), target, row[at.SCRAPE_VALUES : probes], row[probes:end])

    def drain_signals(self) -> tuple[Sequence[Signal], int]:
        """Signals since the last call in order, and how many did not fit."""
        head = self._s.head
        rows = self._s.signals[: head[at.SIGNAL_COUNT]].tolist()
        lost = int(head[at.SIGNALS_LOST])
        head[at.SIGNAL_COUNT] = head[at.SIGNALS_LOST] = 0
        return [Signal(row[0], SignalKind(row[1]), *row[2:]) for row in rows], lost

    def outcomes(self) -> Ints:
        """Intents by [bin of arrival, class, Outcome]; still-open ones are not in it."""
        return self._s.bins[: self._bins(), :, : len(Outcome)].copy()

    def ttft_bins(self) -> Ints:
        """Answered intents by [bin of arrival, class, log bucket]: 20 per decade from 1 ms."""
        return self._s.bins[: self._bins(), :, at.TTFT_BINS :].copy()

    def _bins(self) -> int:
        return min(self.now // self.spec.bin_ns + 1, len(self._s.bins))

    def keep_served(self, calls: int) -> None:
        """Keep what becomes of the next `calls` answers of model servers; 0 keeps none."""
        rows = calls + 1 if calls else 0
        self._s.replace(records=np.zeros((rows, len(Served)), dtype=np.int64))

    def served(self) -> Ints:
        """Answers kept so far, by [in the order they ended, Served].

        Raises InvariantViolated if some did not fit.
        """
        records = self._s.records
        count = int(records[0, 0]) if len(records) else 0
        if count >= max(len(records), 1):
            raise InvariantViolated(f"{count} answers, room for {len(records) - 1}")
        return records[1 : count + 1].copy()

    def drain_spans(self) -> tuple[Ints, int]:
        """Rows of sampled calls that are done, by [row, Traced], and how many found no room.

        Ordered by the time they were sent. Makes more room where little was left.
        """
        s = self._s
        sides = s.spans[: s.tracing[USED_END], OPEN]
        done = np.flatnonzero(sides == DONE)
        taken = s.spans[done, : len(Traced)]
        if len(done):
            s.spans[done, OPEN] = FREE_ROW
            s.spans[done, NEXT_FREE] = [*done[1:], s.tracing[FIRST_FREE]]
            s.tracing[FIRST_FREE] = done[0]
        rows, used = len(s.spans), np.count_nonzero(sides > DONE) + len(done)
        if s.head[at.TRACED_BELOW] and 2 * used > rows:
            more = span_rows(rows, rows)
            more[-1, NEXT_FREE] = s.tracing[FIRST_FREE]
            s.tracing[FIRST_FREE] = rows
            s.replace(spans=np.concatenate([s.spans, more]))
        lost = int(s.tracing[LOST])
        s.tracing[LOST] = 0
        order = np.lexsort((taken[:, Traced.KEY], taken[:, Traced.SENT_AT]))
        return taken[order], lost

    def in_flight(self) -> int:
        """Root requests not yet answered."""
        return int(self._s.head[at.OPEN_INTENTS])

    def requests(self) -> int:
        """Intents that have arrived so far."""
        return int(self._s.head[at.REQUESTS])

    def events(self) -> int:
        """Events done so far: arrivals and timers."""
        return int(self._s.head[at.EVENTS])
