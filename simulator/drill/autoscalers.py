"""Autoscalers wired to what they may see: metrics-server, PromQL and the API server."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from simulator.drill.drill import Drill
from simulator.instruments.promql.plan import Plan, compile_query
from simulator.instruments.series.labels import NAME, value_of
from simulator.instruments.telemetry.kube_state import Sample
from simulator.plant.probes import ReplicaProbe
from simulator.system.autoscaling.adapter import PromqlAdapter
from simulator.system.autoscaling.hpa import Decision
from simulator.system.autoscaling.kinds._base import Autoscaler
from simulator.system.autoscaling.kinds.hpa import Hpa
from simulator.system.autoscaling.loop import AutoscalerLoop, clashes, loop_for
from simulator.system.autoscaling.metrics_server import MetricsServer
from simulator.units import NS


class Autoscalers:
    """Every autoscaler of a drill."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._plans: dict[str, Plan] = {}
        self._last: dict[str, Decision] = {}
        self._bounds: dict[str, tuple[int, int]] = {}
        self.loops: dict[str, AutoscalerLoop] = {}

    def start(self, policies: Sequence[Autoscaler], mapping: Mapping[str, str]) -> None:
        """Start one process per policy; none without policies."""
        if not policies:
            return
        server = MetricsServer(self._drill.clock, self._cpu)
        server.start()
        adapter = PromqlAdapter(self._query, server.samples, self._known, mapping)
        others = clashes(policies)
        for policy in policies:
            if isinstance(policy, Hpa):
                spec = policy.resolved()
                self._bounds[policy.title] = (spec.replicas_min, spec.replicas_max)
            loop = loop_for(
                policy,
                self._drill.clock,
                self._drill.cluster,
                adapter,
                self._requests,
                self._scale,
                self._decided,
                others.get(policy.title, ()),
            )
            self.loops[policy.title] = loop
            loop.start()

    def samples(self) -> Iterator[Sample]:
        """What kube-state-metrics shows of them."""
        for name, decision in self._last.items():
            labels = {"horizontalpodautoscaler": name}
            form = "kube_horizontalpodautoscaler_"
            yield f"{form}status_current_replicas", labels, decision.current
            yield f"{form}status_desired_replicas", labels, decision.desired
            if name in self._bounds:
                low, high = self._bounds[name]
                yield f"{form}spec_min_replicas", labels, low
                yield f"{form}spec_max_replicas", labels, high

    def _cpu(self) -> Mapping[str, int]:
        """Core-nanoseconds used so far by every pod whose process runs."""
        rows = self._drill.effects.rows.values()
        return {
            row.pod: int(self._drill.plant.replica_row(row.number)[ReplicaProbe.CPU_NS]) * NS
            for row in rows
            if row.is_alive and row.is_reachable
        }

    def _query(self, text: str, at: int) -> Sequence[tuple[Mapping[str, str], float]]:
        self._drill.scraper.collect()
        if text not in self._plans:
            self._plans[text] = compile_query(text)
        found = self._plans[text].vector(self._drill.store, self._drill.calendar.ms(at))
        return [(dict(sample.labels), sample.value) for sample in found.samples()]

    def _known(self) -> Collection[str]:
        return {value_of(labels, NAME) for labels in self._drill.store.series()}

    def _requests(self, component: str, resource: str) -> int | None:
        requests = self._drill.scenario.components[component].requests
        return requests.cpu if resource == "cpu" else None

    def _scale(self, component: str, replicas: int) -> str:
        before = self._drill.cluster.component(component).replicas_desired
        answer = self._drill.cluster.scale(component, replicas)
        self._drill.note_change(component, f"scaled from {before} to {replicas}", "autoscaler")
        return answer

    def _decided(self, name: str, decision: Decision) -> None:
        last = self._last.get(name)
        self._last[name] = decision
        if last is None or (last.desired, last.reason) != (decision.desired, decision.reason):
            self._drill.recorder.add(
                decision.at,
                "decided",
                name,
                component=decision.target,
                current=decision.current,
                desired=decision.desired,
                reason=decision.reason,
                conditions=[str(condition) for condition in decision.conditions],
            )
