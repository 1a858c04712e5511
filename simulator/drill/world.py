"""The simulated world behind the ports of `simulator.world`: plant, cluster, settings, trouble."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.clock import Clock, Phase, Waiting
from simulator.drill.alertmanager import Alertmanager
from simulator.drill.effects import Affliction, Effects, Row
from simulator.drill.monitoring import Monitoring
from simulator.drill.names import CACHES, Names
from simulator.drill.settings import Settings
from simulator.edits import PanelEdit, RuleEdit
from simulator.errors import ActionRefused, NotFound
from simulator.plant.api import EdgeKnob, PlantPort
from simulator.plant.spec import Distribution
from simulator.system.autoscaling.loop import AutoscalerLoop
from simulator.system.cluster.cluster import Cluster
from simulator.units import SECOND
from simulator.world import (
    ComponentView,
    Home,
    Knob,
    NodeView,
    Place,
    PodPhase,
    PodView,
    Setting,
    TokenMix,
)

WARM_STEPS, WARM_STEP_NS = 24, 5 * SECOND
"""A snapshot is loaded in two minutes, a piece every 5 s."""

Change = Callable[[str, str, str], None]
"""Writes a line of the change log: component, text, by whom."""


@dataclass(slots=True)
class Releases:
    """Which share of right answers each revision of each component gives."""

    quality: dict[tuple[str, str], float] = field(default_factory=dict)
    memory_leak: dict[tuple[str, str], float] = field(default_factory=dict)
    released_by: dict[str, str] = field(default_factory=dict)  # component to revision

    def quality_of(self, component: str, revision: str) -> float:
        """Look a revision's quality up; one nobody described is right every time."""
        return self.quality.get((component, revision), 1.0)

    def memory_leak_of(self, component: str, revision: str) -> float:
        """Look up how many bytes a second a revision's processes lose."""
        return self.memory_leak.get((component, revision), 0.0)


@dataclass(slots=True)
class SimulatedWorld:
    """Implements `simulator.world.World`."""

    clock: Clock
    plant: PlantPort
    names: Names
    kinds: dict[str, str]
    cluster: Cluster
    effects: Effects
    settings: Settings
    releases: Releases
    change: Change
    autoscaler_loops: dict[str, AutoscalerLoop]
    alertmanager: Alertmanager
    monitoring: Monitoring
    warming: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # nodes, once for every cause that stopped them

    @property
    def now(self) -> int:
        return self.clock.now

    # What the API server shows

    def components(self) -> Sequence[ComponentView]:
        ours = {view.name: view for view in self.cluster.components()}
        return [
            ours.get(name) or ComponentView(name, kind, 0, 0, "", None, rollout_in_progress=False)
            for name, kind in self.kinds.items()
        ]

    def component(self, name: str) -> ComponentView:
        for view in self.components():
            if view.name == name:
                return view
        raise NotFound("component", name, self.kinds)

    def pods(self, component: str | None = None) -> Sequence[PodView]:
        if component is not None:
            self.component(component)
        return self.cluster.pods(component)

    def pod(self, name: str) -> PodView:
        pods = self.cluster.pods()
        for view in pods:
            if view.name == name:
                return view
        raise NotFound("pod", name, [pod.name for pod in pods])

    def nodes(self, pool: str | None = None) -> Sequence[NodeView]:
        return self.cluster.nodes(pool)

    def node(self, name: str) -> NodeView:
        nodes = self.cluster.nodes()
        for view in nodes:
            if view.name == name:
                return view
        raise NotFound("node", name, [node.name for node in nodes])

    def node_pools(self) -> Sequence[str]:
        return self.cluster.node_pools()

    def classes(self) -> Sequence[str]:
        return list(self.names.classes)

    def edges(self) -> Sequence[str]:
        return list(self.names.edges)

    def autoscalers(self) -> Sequence[str]:
        return sorted(self.autoscaler_loops)

    def setting(self, place: Place, setting: str) -> float | None:
        return self.settings.read(place, Setting(setting))

    # What faults do

    def afflict(self, cause: str, home: Home, place: Place, knob: Knob, value: float) -> None:
        places = [place]
        if home is Home.PROCESS and place.kind == "component":
            # A process's trouble goes when that process goes, so each pod has its own.
            places = [Place("pod", r.pod) for r in self._rows(place.name)]
        self.monitoring.settle()
        for each in places:
            self.effects.afflict(Affliction(cause, home, each, knob, value))
        self.monitoring.refresh()

    def relieve(self, cause: str) -> None:
        self.monitoring.settle()
        self.effects.relieve(cause)
        self.monitoring.relieve(cause)
        self.monitoring.refresh()

    def edit_rules(self, cause: str, edit: RuleEdit, note: str) -> None:
        self.monitoring.edit_rules(cause, edit, note)

    def edit_panel(self, cause: str, edit: PanelEdit, note: str) -> None:
        self.monitoring.edit_panel(cause, edit, note)

    def set_other_mix(self, request_class: str, mix: TokenMix) -> None:
        row = self.names.request_class(request_class)
        self.plant.set_other_mix(row, _law(mix.prompt_tokens), _law(mix.output_tokens))

    def lose_node(self, node: str) -> None:
        if node not in self.lost:
            self.cluster.lose_node(node)
        self.lost.append(node)

    def return_node(self, node: str) -> None:
        """Have a host back once nothing holds it down any more."""
        if node not in self.lost:
            return
        self.lost.remove(node)
        if node not in self.lost:
            self.cluster.return_node(node)

    def delete_keys(self, component: str) -> int:
        return self.plant.flush_cache(self.names.pools[component])

    def release(
        self,
        component: str,
        revision: str,
        quality: float | None,
        note: str,
        memory_leak: float = 0.0,
    ) -> None:
        if quality is None:
            quality = self.releases.quality_of(component, self.component(component).revision)
        self.releases.quality[component, revision] = quality
        self.releases.memory_leak[component, revision] = memory_leak
        self.releases.released_by[component] = revision
        self.change(component, note, "delivery pipeline")
        self.cluster.release(component, revision)

    def restore_release(self, component: str) -> None:
        revision = self.releases.released_by.pop(component, None)
        if revision is not None and self.component(component).revision == revision:
            self.cluster.roll_back(component)

    # What actions do

    def scale(self, component: str, replicas: int) -> str:
        answer = self.cluster.scale(component, replicas)
        waiting = [p for p in self.cluster.pods(component) if p.phase is PodPhase.PENDING]
        if not waiting:
            return answer
        noun = "pod is" if len(waiting) == 1 else "pods are"
        return f"{answer}; {len(waiting)} {noun} Pending: {waiting[0].reason}"

    def restart_pod(self, pod: str) -> str:
        return self.cluster.restart_pod(pod)

    def restart_component(self, component: str) -> str:
        return self.cluster.restart_component(component)

    def cordon(self, node: str, *, cordoned: bool) -> str:
        return self.cluster.cordon(node, cordoned=cordoned)

    def drain_node(self, node: str) -> str:
        return self.cluster.drain_node(node)

    def drain_pod(self, pod: str) -> str:
        return self.cluster.drain_pod(pod)

    def force_delete_pod(self, pod: str) -> str:
        return self.cluster.force_delete_pod(pod)

    def roll_back(self, component: str) -> str:
        return self.cluster.roll_back(component)

    def configure(self, place: Place, setting: str, value: float) -> str:
        before = self.settings.read(place, Setting(setting))
        self.settings.make(place, Setting(setting), value)
        was = "unset" if before is None else f"{before:g}"
        return f"in effect: {setting} of {place} is {value:g} (was {was})"

    def divert(self, edge: str, to: str, share: float) -> str:
        caller = self.names.edge(edge).caller
        if self.names.edge(to).caller != caller:
            raise ActionRefused(f"{to} does not start at {caller}; nothing to fail over to")
        if not 0 <= share <= 1:
            raise ActionRefused(f"a share of {share:g} cannot be diverted")
        row = self.names.edges[edge]
        target = self.names.edges[to] if share and to != edge else -1
        self.plant.turn_edge(row, EdgeKnob.DIVERT_SHARE, share)
        self.plant.turn_edge(row, EdgeKnob.DIVERT_TO, target)
        return f"in effect: {share:.0%} of {edge} goes to {to}"

    def flush_cache(self, component: str) -> str:
        self._need_cache(component)
        return f"{self.plant.flush_cache(self.names.pools[component])} keys deleted"

    def warm_cache(self, component: str, share: float) -> str:
        self._need_cache(component)
        if component in self.warming:
            raise ActionRefused(f"{component} is being warmed already")
        self.warming.append(component)
        self.clock.spawn(self._warm(component, share))
        return f"loading the newest snapshot, up to {share:.0%} of capacity; done in 2 min"

    def _warm(self, component: str, share: float) -> Waiting:
        """Load a snapshot at a steady pace: it comes from disk and costs nobody else anything."""
        started, pool = self.clock.now, self.names.pools[component]
        for step in range(1, WARM_STEPS + 1):
            yield self.clock.at(started + step * WARM_STEP_NS, Phase.WORK, f"warm/{component}")
            self.plant.warm_cache(pool, share * step / WARM_STEPS)
        self.warming.remove(component)

    def add_nodes(self, pool: str, count: int) -> str:
        return self.cluster.add_nodes(pool, count)

    def freeze_autoscaler(self, name: str, *, frozen: bool) -> str:
        if name not in self.autoscaler_loops:
            raise NotFound("autoscaler", name, self.autoscaler_loops)
        loop = self.autoscaler_loops[name]
        if loop.is_frozen is frozen:
            raise ActionRefused(f"{name} is {'' if frozen else 'not '}frozen already")
        loop.is_frozen = frozen
        return f"{name} {'holds its replicas where they are' if frozen else 'scales again'}"

    def silence(self, matchers: str, lasts_ns: int, comment: str) -> str:
        return self.alertmanager.silence(matchers, lasts_ns, comment)

    def expire_silence(self, number: int) -> str:
        return self.alertmanager.expire(number)

    def restart_monitoring(self, part: str) -> str:
        return self.monitoring.restart(part)

    def roll_back_monitoring(self, part: str) -> str:
        return self.monitoring.roll_back(part)

    def _rows(self, component: str) -> list[Row]:
        return [row for row in self.effects.rows.values() if row.component == component]

    def _need_cache(self, component: str) -> None:
        if self.kinds.get(component) not in CACHES:
            self.component(component)
            raise ActionRefused(f"{component} is not a cache; it holds no keys")


def _law(points: tuple[tuple[float, float], ...]) -> Distribution | None:
    return Distribution("quantiles", points=points) if points else None
