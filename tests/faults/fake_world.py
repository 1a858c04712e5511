"""A small askdocs, remembered by hand: enough of `world.World` for faults and actions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.edits import PanelEdit, RuleEdit
from simulator.errors import ActionRefused, NotFound
from simulator.world import (
    ComponentView,
    Home,
    Knob,
    NodeView,
    Place,
    PodPhase,
    PodView,
    TokenMix,
)

KINDS = {
    "gateway": "workers",
    "passages": "cache",
    "vectors": "vector_index",
    "llm": "llm",
    "provider": "external",
}
NODES = ("cpu-0", "gpu-0", "gpu-1")
PODS = {"gateway-0": "cpu-0", "passages-0": "cpu-0", "llm-0": "gpu-0", "llm-1": "gpu-1"}
EDGES = (
    "users -> gateway",
    "gateway -> passages",
    "gateway -> vectors",
    "gateway -> llm",
    "gateway -> provider",
)


@dataclass
class FakeWorld:
    """Holds what was done to it; refuses every lever while `refuses` says why."""

    held: set[tuple[str, Home, Place, Knob, float]] = field(default_factory=set)
    mixes: dict[str, TokenMix] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    keys: dict[str, int] = field(default_factory=lambda: {"passages": 100})
    revisions: dict[str, str] = field(default_factory=lambda: dict.fromkeys(KINDS, "one"))
    memory_leaks: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    qualities: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 1.0))
    settings: dict[tuple[Place, str], float] = field(default_factory=dict)
    done: list[tuple[object, ...]] = field(default_factory=list)
    edits: list[tuple[str, RuleEdit | PanelEdit]] = field(default_factory=list)
    refuses: str = ""
    now: int = 0

    def state(self) -> tuple[object, ...]:
        """What a fault could have left behind."""
        mixed = {place.name for _, _, place, knob, _ in self.held if knob is Knob.MIX}
        mixes = {name: mix for name, mix in self.mixes.items() if name in mixed}
        return (
            frozenset(self.held),
            mixes,
            frozenset(self.lost),
            dict(self.keys),
            dict(self.revisions),
            dict(self.qualities),
            dict(self.memory_leaks),
            tuple(self.edits),
        )

    def let_traffic_refill(self) -> None:
        self.keys = {"passages": 100}

    # Looks

    def components(self) -> Sequence[ComponentView]:
        return [self.component(name) for name in KINDS]

    def component(self, name: str) -> ComponentView:
        if name not in KINDS:
            raise NotFound("component", name, KINDS)
        return ComponentView(name, KINDS[name], 2, 2, self.revisions[name], None, False)  # noqa: FBT003 - a view

    def pods(self, component: str | None = None) -> Sequence[PodView]:
        found = [self.pod(name) for name in PODS]
        return [pod for pod in found if component in {None, pod.component}]

    def pod(self, name: str) -> PodView:
        if name not in PODS:
            raise NotFound("pod", name, PODS)
        return PodView(
            name=name,
            component=name.rpartition("-")[0],
            node=PODS[name],
            phase=PodPhase.RUNNING,
            is_ready=True,
            revision="one",
            created_at=0,
            started_at=0,
            ready_changed_at=0,
            restarts=0,
        )

    def nodes(self, pool: str | None = None) -> Sequence[NodeView]:
        found = [self.node(name) for name in NODES]
        return [node for node in found if pool in {None, node.pool}]

    def node(self, name: str) -> NodeView:
        if name not in NODES:
            raise NotFound("node", name, NODES)
        pods = tuple(pod for pod, node in PODS.items() if node == name)
        return NodeView(
            name=name,
            pool=name.rpartition("-")[0],
            is_ready=name not in self.lost,
            is_cordoned=False,
            gpus=int(name.startswith("gpu")),
            pods=pods,
            created_at=0,
        )

    def node_pools(self) -> Sequence[str]:
        return ("cpu", "gpu")

    def classes(self) -> Sequence[str]:
        return ("chat", "batch")

    def edges(self) -> Sequence[str]:
        return EDGES

    def autoscalers(self) -> Sequence[str]:
        return ("llm",)

    def setting(self, place: Place, setting: str) -> float | None:
        return self.settings.get((place, setting))

    # Afflictions

    def afflict(self, cause: str, home: Home, place: Place, knob: Knob, value: float) -> None:
        self.held.add((cause, home, place, knob, value))

    def relieve(self, cause: str) -> None:
        self.held = {held for held in self.held if held[0] != cause}
        self.edits = [edit for edit in self.edits if edit[0] != cause]

    def set_other_mix(self, request_class: str, mix: TokenMix) -> None:
        self.mixes[request_class] = mix

    def lose_node(self, node: str) -> None:
        self.lost.add(node)

    def return_node(self, node: str) -> None:
        self.lost.discard(node)

    def delete_keys(self, component: str) -> int:
        went, self.keys[component] = self.keys[component], 0
        return went

    def release(
        self,
        component: str,
        revision: str,
        quality: float | None,
        note: str,  # noqa: ARG002 - its line in the change log
        memory_leak: float = 0.0,
    ) -> None:
        self.revisions[component] = revision
        self.qualities[component] = 1.0 if quality is None else quality
        self.memory_leaks[component] = memory_leak

    def restore_release(self, component: str) -> None:
        self.revisions[component], self.qualities[component] = "one", 1.0
        self.memory_leaks[component] = 0.0

    def edit_rules(self, cause: str, edit: RuleEdit, note: str) -> None:  # noqa: ARG002 - as above
        self.edits.append((cause, edit))

    def edit_panel(self, cause: str, edit: PanelEdit, note: str) -> None:  # noqa: ARG002 - as above
        self.edits.append((cause, edit))

    # Levers

    def _pull(self, *what: object) -> str:
        if self.refuses:
            raise ActionRefused(self.refuses)
        self.done.append(what)
        return f"{what[0]} done"

    def scale(self, component: str, replicas: int) -> str:
        return self._pull("scale", component, replicas)

    def restart_pod(self, pod: str) -> str:
        return self._pull("restart_pod", pod)

    def restart_component(self, component: str) -> str:
        return self._pull("restart_component", component)

    def cordon(self, node: str, *, cordoned: bool) -> str:
        return self._pull("cordon", node, cordoned)

    def drain_node(self, node: str) -> str:
        return self._pull("drain_node", node)

    def drain_pod(self, pod: str) -> str:
        return self._pull("drain_pod", pod)

    def force_delete_pod(self, pod: str) -> str:
        return self._pull("force_delete_pod", pod)

    def roll_back(self, component: str) -> str:
        return self._pull("roll_back", component)

    def configure(self, place: Place, setting: str, value: float) -> str:
        return self._pull("configure", str(place), str(setting), value)

    def divert(self, edge: str, to: str, share: float) -> str:
        return self._pull("divert", edge, to, share)

    def flush_cache(self, component: str) -> str:
        return self._pull("flush_cache", component)

    def warm_cache(self, component: str, share: float) -> str:
        return self._pull("warm_cache", component, share)

    def add_nodes(self, pool: str, count: int) -> str:
        return self._pull("add_nodes", pool, count)

    def silence(self, matchers: str, lasts_ns: int, comment: str) -> str:
        return self._pull("silence", matchers, lasts_ns, comment)

    def expire_silence(self, number: int) -> str:
        return self._pull("expire_silence", number)

    def restart_monitoring(self, part: str) -> str:
        return self._pull("restart_monitoring", part)

    def roll_back_monitoring(self, part: str) -> str:
        return self._pull("roll_back_monitoring", part)

    def freeze_autoscaler(self, name: str, *, frozen: bool) -> str:
        return self._pull("freeze_autoscaler", name, frozen)
