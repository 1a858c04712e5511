"""kube-state-metrics: what the API server knows, as series (docs/metrics of that project)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from simulator.calendar import Calendar
from simulator.instruments.series.block import ABSENT, STALE
from simulator.instruments.series.labels import NAME, labels_of
from simulator.instruments.series.store import SeriesStore
from simulator.world import ComponentView, Looks, NodeView, PodPhase, PodView

BASE = {"job": "kube-state-metrics", "instance": "kube-state-metrics", "namespace": "default"}
_SHOWN_AS = {PodPhase.CRASH_LOOP: "Running", PodPhase.TERMINATING: "Running"}
_PHASES = ("Pending", "Running", "Failed")

Views = tuple[tuple[ComponentView, ...], tuple[PodView, ...], tuple[NodeView, ...]]

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
        # The cluster stands still between most scrapes; what it shows is written out again only
        # when a view differs.
        self._views: Views | None = None
        self._of_views: dict[int, float] = {}

    def scrape(self) -> None:
        """Write everything the API server shows now."""
        views = (
            tuple(self._looks.components()),
            tuple(self._looks.pods()),
            tuple(self._looks.nodes()),
        )
        if views != self._views:
            self._views, self._of_views = views, self._row_of(_samples(*views))
        found = {**self._of_views, **self._row_of(self._autoscalers())}
        row = np.full(len(self._block.labels), ABSENT)
        row[sorted(self._shown - found.keys())] = STALE
        row[list(found)] = list(found.values())
        self._shown = set(found)
        self._block.append(self._calendar.ms(self._looks.now), row)

    def _row_of(self, samples: Iterable[Sample]) -> dict[int, float]:
        """Values by column."""
        return {self._column(name, tuple(labels.items())): value for name, labels, value in samples}

    def _column(self, name: str, labels: tuple[tuple[str, str], ...]) -> int:
        """Find a series' column; its labels are put together only once."""
        if (name, labels) not in self._columns:
            full = labels_of({**BASE, NAME: name, **dict(labels)})
            self._columns[name, labels] = self._block.column(full)
        return self._columns[name, labels]


def _samples(
    components: Sequence[ComponentView], pods: Sequence[PodView], nodes: Sequence[NodeView]
) -> Iterator[Sample]:
    yield "up", {}, 1.0
    for component in components:
        if component.kind != "external":
            yield from _of_deployment(component)
    for pod in pods:
        yield from _of_pod(pod)
    for node in nodes:
        ready = {"node": node.name, "condition": "Ready", "status": "true"}
        yield "kube_node_status_condition", ready, float(node.is_ready)
        yield "kube_node_spec_unschedulable", {"node": node.name}, float(node.is_cordoned)


def _of_deployment(component: ComponentView) -> Iterator[Sample]:
    labels = {"deployment": component.name}
    desired, ready = component.replicas_desired, component.replicas_ready
    yield "kube_deployment_spec_replicas", labels, desired
    yield "kube_deployment_status_replicas_ready", labels, ready
    yield "kube_deployment_status_replicas_unavailable", labels, max(0, desired - ready)


def _of_pod(pod: PodView) -> Iterator[Sample]:
    labels = {"pod": pod.name}
    phase = _SHOWN_AS.get(pod.phase, pod.phase.value)
    for each in _PHASES:
        yield "kube_pod_status_phase", {**labels, "phase": each}, float(each == phase)
    yield "kube_pod_status_ready", {**labels, "condition": "true"}, float(pod.is_ready)
    restarts = {**labels, "container": pod.component}
    yield "kube_pod_container_status_restarts_total", restarts, pod.restarts
    if pod.last_terminated:
        reason = {**restarts, "reason": pod.last_terminated}
        yield "kube_pod_container_status_last_terminated_reason", reason, 1.0
    if pod.phase is PodPhase.CRASH_LOOP:
        waiting = {**restarts, "reason": "CrashLoopBackOff"}
        yield "kube_pod_container_status_waiting_reason", waiting, 1.0
    if pod.node is not None:
        yield "kube_pod_info", {**labels, "node": pod.node}, 1.0
