"""Autoscalers as processes: look, decide, ask for a size, on their own grid of instants."""

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from simulator.clock import Clock, Phase, Waiting
from simulator.errors import ActionRefused, InvariantViolated
from simulator.system.autoscaling.adapter import MetricsAdapter
from simulator.system.autoscaling.hpa import Decision, decide
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.autoscaling.kinds.hpa import Hpa
from simulator.system.autoscaling.kinds.static import Static
from simulator.system.autoscaling.observed import MetricInput, Observed, PodSample, Unavailable
from simulator.system.autoscaling.spec import (
    DEFAULT_CONTROLLER,
    Controller,
    HpaSpec,
    Metric,
    Source,
)
from simulator.system.autoscaling.state import HpaState
from simulator.units import MS
from simulator.world import ComponentView, PodPhase, PodView

Scale = Callable[[str, int], object]
"""Asks for a size of a component; may raise ActionRefused."""

OnDecision = Callable[[str, Decision], None]
"""Told of each decision, under the autoscaler's name."""

_PHASES: dict[PodPhase, Literal["Pending", "Running", "Failed"]] = {
    PodPhase.PENDING: "Pending",
    PodPhase.FAILED: "Failed",
}  # a crash loop and a pod being deleted are Running to the API


class ApiServer(Protocol):
    """What an autoscaler reads of the cluster, at once and without a scrape."""

    def component(self, name: str) -> ComponentView: ...
    def pods(self, component: str | None = None) -> Sequence[PodView]: ...


class AutoscalerLoop(ABC):
    """One autoscaler's process; while `is_frozen` it looks at nothing and asks for nothing."""

    def __init__(self, clock: Clock, name: str, period_ns: int) -> None:
        self.name = name
        self.is_frozen = False
        self._clock = clock
        self._period = period_ns
        # Its own phase, as each HPA is queued again a period after it was last processed.
        self._offset = zlib.crc32(name.encode()) % (period_ns // MS) * MS

    def start(self) -> None:
        """Decide at this autoscaler's instants from now on."""
        self._clock.spawn(self._run())

    @abstractmethod
    def step(self, now: int) -> None:
        """Look, decide and ask once."""

    def _run(self) -> Waiting:
        tick = max(0, -(-(self._clock.now - self._offset) // self._period))
        while True:
            at = self._offset + tick * self._period
            yield self._clock.at(at, Phase.DECIDE, f"autoscaler/{self.name}")
            if not self.is_frozen:
                self.step(at)
            tick += 1


class HpaLoop(AutoscalerLoop):
    """A HorizontalPodAutoscaler's controller loop.

    `requests` gives a component's resource requests in milli-units, None where it states none;
    `clashes_with` names other HPAs that select the same pods.
    """

    def __init__(
        self,
        clock: Clock,
        spec: HpaSpec,
        api: ApiServer,
        metrics: MetricsAdapter,
        requests: Callable[[str, str], int | None],
        scale: Scale,
        on_decision: OnDecision,
        *,
        clashes_with: tuple[str, ...] = (),
        controller: Controller = DEFAULT_CONTROLLER,
    ) -> None:
        super().__init__(clock, spec.name, controller.sync_ns)
        self.spec, self.state = spec, HpaState()
        self._api, self._metrics, self._requests = api, metrics, requests
        self._scale, self._on_decision = scale, on_decision
        self._clashes, self._controller = clashes_with, controller

    def step(self, now: int) -> None:
        decision = decide(self.spec, self.state, self._observe(now), self._controller)
        self.state = decision.state
        if decision.rescales:
            try:
                self._scale(self.spec.target, decision.desired)
            except ActionRefused:
                self.state = decision.state_if_refused
        self._on_decision(self.name, decision)

    def _observe(self, now: int) -> Observed:
        target = self.spec.target
        pods = self._api.pods(target)
        alive = [p for p in pods if p.phase not in (PodPhase.TERMINATING, PodPhase.FAILED)]
        return Observed(
            now=now,
            replicas=self._api.component(target).replicas_desired,
            status_replicas=len(alive),
            ready_pods=sum(pod.is_ready for pod in pods),
            inputs=tuple(self._input(metric, pods, now) for metric in self.spec.metrics),
            has_pods=bool(pods),
            clashes_with=self._clashes,
        )

    def _input(self, metric: Metric, pods: Sequence[PodView], now: int) -> MetricInput:
        if metric.source in (Source.OBJECT, Source.EXTERNAL):
            return self._metrics.value(metric, now)
        if metric.source is Source.PODS:
            values = self._metrics.per_pod(metric, now)
            if isinstance(values, Unavailable):
                return values
            return tuple(_sample(pod, values.get(pod.name), now, 0) for pod in pods)
        return self._resource_input(metric, pods)

    def _resource_input(self, metric: Metric, pods: Sequence[PodView]) -> MetricInput:
        samples = self._metrics.resource(metric.name)
        if isinstance(samples, Unavailable):
            return samples
        requests = ((self.spec.target, self._requests(self.spec.target, metric.name)),)
        found = []
        for pod in pods:
            sample = samples.get(pod.name)
            if sample is None:
                found.append(_sample(pod, None, 0, 0, requests))
            else:
                found.append(_sample(pod, sample.milli, sample.at, sample.window_ns, requests))
        return tuple(found)


class StaticLoop(AutoscalerLoop):
    """Asks for a fixed size once, at the start."""

    def __init__(
        self,
        clock: Clock,
        policy: Static,
        api: ApiServer,
        scale: Scale,
        on_decision: OnDecision,
    ) -> None:
        super().__init__(clock, policy.title, DEFAULT_CONTROLLER.sync_ns)
        self._policy, self._api = policy, api
        self._scale, self._on_decision = scale, on_decision

    def start(self) -> None:
        self.step(self._clock.now)

    def step(self, now: int) -> None:
        target, wanted = self._policy.target, self._policy.replicas
        current = self._api.component(target).replicas_desired
        reason = f"fixed at {wanted} replicas"
        state = HpaState()
        decision = Decision(now, target, current, wanted, None, reason, (), state, state)
        if decision.rescales:
            self._scale(target, wanted)
        self._on_decision(self.name, decision)


def loop_for(
    policy: Autoscaler,
    clock: Clock,
    api: ApiServer,
    metrics: MetricsAdapter,
    requests: Callable[[str, str], int | None],
    scale: Scale,
    on_decision: OnDecision,
    clashes_with: tuple[str, ...] = (),
) -> AutoscalerLoop:
    """Make the process that carries a policy out."""
    if isinstance(policy, Hpa):
        return HpaLoop(
            clock, policy.resolved(), api, metrics, requests, scale, on_decision,
            clashes_with=clashes_with,
        )  # fmt: skip
    if isinstance(policy, Static):
        return StaticLoop(clock, policy, api, scale, on_decision)
    msg = f"no loop carries out {policy.kind_name!r}"
    raise InvariantViolated(msg)


def clashes(policies: Sequence[Autoscaler]) -> Mapping[str, tuple[str, ...]]:
    """Name, for each HPA, the other HPAs that scale the same component."""
    hpas = [policy for policy in policies if isinstance(policy, Hpa)]
    return {
        one.title: tuple(
            sorted(o.title for o in hpas if o is not one and o.component == one.component)
        )
        for one in hpas
    }


def _sample(
    pod: PodView,
    milli: int | None,
    at: int,
    window_ns: int,
    requests: tuple[tuple[str, int | None], ...] = (),
) -> PodSample:
    return PodSample(
        name=pod.name,
        phase=_PHASES.get(pod.phase, "Running"),
        ready=None if pod.ready_changed_at is None else pod.is_ready,
        start=pod.started_at,
        ready_changed_at=pod.ready_changed_at or 0,
        metric_milli=milli,
        sampled_at=at,
        window_ns=window_ns,
        is_deleted=pod.phase is PodPhase.TERMINATING,
        requests_milli=requests,
    )
