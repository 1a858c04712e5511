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
_STATUSES = ("true", "false", "unknown")
_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")

Requests = Mapping[str, Mapping[str, float]]
"""By component what one pod asks for: resource (`cpu`, `memory`, `nvidia_com_gpu`) to amount."""
_UNITS = {"cpu": "core", "memory": "byte", "nvidia_com_gpu": "integer"}

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
        requests: Requests | None = None,
    ) -> None:
        self._requests = requests or {}
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
            self._views, self._of_views = views, self._row_of(_samples(*views, self._requests))
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
    components: Sequence[ComponentView],
    pods: Sequence[PodView],
    nodes: Sequence[NodeView],
    requests: Requests,
) -> Iterator[Sample]:
    yield "up", {}, 1.0
    for component in components:
        if component.kind != "external":
            mine = [pod for pod in pods if pod.component == component.name]
            yield from _of_deployment(component, mine)
    for pod in pods:
        yield from _of_pod(pod)
        yield from _asked_for(pod, requests.get(pod.component, {}))
    for node in nodes:
        yield from _of_node(node)


def _of_node(node: NodeView) -> Iterator[Sample]:
    yield "kube_node_info", {"node": node.name}, 1.0
    # A kubelet that is not heard of leaves its node's condition unknown.
    for status, holds in zip(_STATUSES, (node.is_ready, False, not node.is_ready), strict=True):
        condition = {"node": node.name, "condition": "Ready", "status": status}
        yield "kube_node_status_condition", condition, float(holds)
    yield "kube_node_spec_unschedulable", {"node": node.name}, float(node.is_cordoned)
    if node.gpus:
        gpus = {"node": node.name, "resource": "nvidia_com_gpu", "unit": "integer"}
        yield "kube_node_status_allocatable", gpus, float(node.gpus)


def _of_deployment(component: ComponentView, pods: Sequence[PodView]) -> Iterator[Sample]:
    labels = {"deployment": component.name}
    desired, ready = component.replicas_desired, component.replicas_ready
    updated = sum(pod.revision == component.revision for pod in pods)
    yield "kube_deployment_spec_replicas", labels, desired
    yield "kube_deployment_status_replicas", labels, len(pods)
    yield "kube_deployment_status_replicas_ready", labels, ready
    yield "kube_deployment_status_replicas_available", labels, ready
    yield "kube_deployment_status_replicas_updated", labels, updated
    yield "kube_deployment_status_replicas_unavailable", labels, max(0, desired - ready)


def _of_pod(pod: PodView) -> Iterator[Sample]:
    labels = {"pod": pod.name}
    phase = _SHOWN_AS.get(pod.phase, pod.phase.value)
    for each in _PHASES:
        yield "kube_pod_status_phase", {**labels, "phase": each}, float(each == phase)
    for status, holds in zip(_STATUSES, (pod.is_ready, not pod.is_ready, False), strict=True):
        yield "kube_pod_status_ready", {**labels, "condition": status}, float(holds)
    container = {**labels, "container": pod.component}
    yield "kube_pod_container_status_restarts_total", container, pod.restarts
    yield "kube_pod_container_status_ready", container, float(pod.is_ready)
    waits = _waits_for(pod)
    if waits:
        reason = {**container, "reason": waits}
        yield "kube_pod_container_status_waiting_reason", reason, 1.0
    if pod.last_terminated:
        ended = {**container, "reason": pod.last_terminated}
        yield "kube_pod_container_status_last_terminated_reason", ended, 1.0
    if pod.node is not None:
        made_by = {"created_by_kind": "ReplicaSet", "created_by_name": pod.component}
        yield "kube_pod_info", {**labels, "node": pod.node, **made_by}, 1.0


def _waits_for(pod: PodView) -> str:
    """Why a container waits, in the kubelet's words; nothing for one that runs or has no node."""
    if pod.phase is PodPhase.CRASH_LOOP:
        return "CrashLoopBackOff"
    is_made = pod.phase is PodPhase.PENDING and pod.node is not None
    return "ContainerCreating" if is_made else ""


def _asked_for(pod: PodView, requests: Mapping[str, float]) -> Iterator[Sample]:
    if pod.node is not None:
        for resource, amount in requests.items():
            labels = {"pod": pod.name, "container": pod.component, "node": pod.node}
            asked = {**labels, "resource": resource, "unit": _UNITS[resource]}
            yield "kube_pod_container_resource_requests", asked, amount
