"""kube-state-metrics: what the API server knows, as series (docs/metrics of that project)."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from simulator.calendar import Calendar
from simulator.instruments.series.block import ABSENT, STALE
from simulator.instruments.series.labels import NAME, labels_of
from simulator.instruments.series.store import SeriesStore
from simulator.world import Looks, PodPhase

BASE = {"job": "kube-state-metrics", "instance": "kube-state-metrics", "namespace": "default"}
_SHOWN_AS = {PodPhase.CRASH_LOOP: "Running", PodPhase.TERMINATING: "Running"}
_PHASES = ("Pending", "Running", "Failed")

Sample = tuple[str, Mapping[str, str], float]
"""Metric name, labels beyond the base, value."""


class KubeState:
    """Writes one row per scrape; series that vanish end with a stale marker."""

    def __init__(
        self,
        store: SeriesStore,
        looks: Looks,
        calendar: Calendar,
        autoscalers: Callable[[], Iterable[Sample]],
    ) -> None:
        self._block, self._looks, self._calendar = store.table(), looks, calendar
        self._autoscalers = autoscalers
        self._columns: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        self._shown: set[int] = set()

    def scrape(self) -> None:
        """Write everything the API server shows now."""
        found = {
            self._column(name, tuple(labels.items())): value
            for name, labels, value in self._samples()
        }
        row = np.full(len(self._block.labels), ABSENT)
        row[sorted(self._shown - found.keys())] = STALE
        row[list(found)] = list(found.values())
        self._shown = set(found)
        self._block.append(self._calendar.ms(self._looks.now), row)

    def _column(self, name: str, labels: tuple[tuple[str, str], ...]) -> int:
        """Find a series' column; its labels are put together only once."""
        if (name, labels) not in self._columns:
            full = labels_of({**BASE, NAME: name, **dict(labels)})
            self._columns[name, labels] = self._block.column(full)
        return self._columns[name, labels]

    def _samples(self) -> Iterator[Sample]:
        yield "up", {}, 1.0
        yield from self._deployments()
        yield from self._pods()
        yield from self._nodes()
        yield from self._autoscalers()

    def _deployments(self) -> Iterator[Sample]:
        for component in self._looks.components():
            if component.kind == "external":
                continue
            labels = {"deployment": component.name}
            desired, ready = component.replicas_desired, component.replicas_ready
            yield "kube_deployment_spec_replicas", labels, desired
            yield "kube_deployment_status_replicas_ready", labels, ready
            yield "kube_deployment_status_replicas_unavailable", labels, max(0, desired - ready)

    def _pods(self) -> Iterator[Sample]:
        for pod in self._looks.pods():
            labels = {"pod": pod.name}
            phase = _SHOWN_AS.get(pod.phase, pod.phase.value)
            for each in _PHASES:
                yield "kube_pod_status_phase", {**labels, "phase": each}, float(each == phase)
            ready = {**labels, "condition": "true"}
            yield "kube_pod_status_ready", ready, float(pod.is_ready)
            restarts = {**labels, "container": pod.component}
            yield "kube_pod_container_status_restarts_total", restarts, pod.restarts
            if pod.node is not None:
                yield "kube_pod_info", {**labels, "node": pod.node}, 1.0

    def _nodes(self) -> Iterator[Sample]:
        for node in self._looks.nodes():
            ready = {"node": node.name, "condition": "Ready", "status": "true"}
            yield "kube_node_status_condition", ready, float(node.is_ready)
            yield "kube_node_spec_unschedulable", {"node": node.name}, float(node.is_cordoned)
