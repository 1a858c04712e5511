"""The objects the control plane keeps: pods, nodes, deployments, and who is told of changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from simulator.clock import Clock
from simulator.errors import NotFound
from simulator.system.cluster.model import Deployment, NodePool
from simulator.system.cluster.port import Replicas
from simulator.system.topology.distribution import Durations
from simulator.world import Place

Draw = Callable[[str, Durations], int]
"""Draws ns from a law by a name that says whose draw it is: same name, same draw."""

OnEvent = Callable[[int, str, str, str], None]
"""Told of each event: when, its reason (`Scheduled`), its subject (`pod/llm-2`), its message."""

Template = tuple[str, int]
"""A pod template: its revision, and how many times it was restarted as a whole."""


class Stage(StrEnum):
    """How far a pod has come."""

    PENDING = "pending"  # no node
    BOUND = "bound"  # has a node, its container does not exist yet
    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"
    BACKING_OFF = "backing off"


@dataclass(slots=True)
class Pod:
    """One pod; `epoch` grows whenever what was waited for no longer counts."""

    name: str
    component: str
    ordinal: int
    template: Template
    created_at: int
    stage: Stage = Stage.PENDING
    node: str | None = None
    row: int | None = None  # the plant's number for it, once its container has started
    is_ready: bool = False
    was_ever_ready: bool = False
    is_deleted: bool = False
    started_at: int | None = None
    ready_changed_at: int | None = None
    container_started_at: int = 0
    restarts: int = 0
    back_off_ns: int = 0
    reason: str = ""
    last_terminated: str = ""  # why its container ended the last time it did by itself
    epoch: int = 0


@dataclass(slots=True)
class Node:
    """One node; `is_lost` is the truth, `is_ready` what the API server believes."""

    name: str
    pool: str
    ordinal: int
    created_at: int
    booted_at: int
    is_lost: bool = False
    is_ready: bool = True
    is_cordoned: bool = False
    images: set[tuple[str, str]] = field(default_factory=set)  # asked for membership only
    epoch: int = 0
    held: list[tuple[int, int]] = field(default_factory=list)  # spans with pods on it, ended
    held_since: int | None = None


@dataclass(slots=True)
class Deployed:
    """A deployment with what became of it; `history` ends with the revision before this one."""

    spec: Deployment
    desired: int
    template: Template
    history: list[str] = field(default_factory=list)
    next_ordinal: int = 0
    is_rolling: bool = False


class State:
    """Everything the controllers share."""

    def __init__(
        self,
        clock: Clock,
        port: Replicas,
        pools: dict[str, NodePool],
        deployments: Sequence[Deployment],
        draw: Draw,
        on_event: OnEvent,
    ) -> None:
        self.clock, self.port, self.pools, self.draw = clock, port, pools, draw
        self.deployed = {
            d.name: Deployed(d, desired=d.replicas, template=(d.revision, 0)) for d in deployments
        }
        self.pods: dict[str, Pod] = {}
        self.nodes: dict[str, Node] = {}
        self._on_event = on_event

    @property
    def now(self) -> int:
        """Now, in ns."""
        return self.clock.now

    def pod(self, name: str) -> Pod:
        """Find a pod; raise NotFound, as the next three do."""
        if name not in self.pods:
            raise NotFound("pod", name, self.pods)
        return self.pods[name]

    def node(self, name: str) -> Node:
        """Find a node."""
        if name not in self.nodes:
            raise NotFound("node", name, self.nodes)
        return self.nodes[name]

    def deployment(self, name: str) -> Deployed:
        """Find a component."""
        if name not in self.deployed:
            raise NotFound("component", name, self.deployed)
        return self.deployed[name]

    def pool(self, name: str) -> NodePool:
        """Find a node pool."""
        if name not in self.pools:
            raise NotFound("node pool", name, self.pools)
        return self.pools[name]

    def pods_of(self, component: str) -> list[Pod]:
        """Every pod of a component, by ordinal."""
        found = [pod for pod in self.pods.values() if pod.component == component]
        return sorted(found, key=lambda pod: pod.ordinal)

    def pods_on(self, node: str) -> list[Pod]:
        """Every pod bound to a node, by component and ordinal."""
        found = [pod for pod in self.pods.values() if pod.node == node]
        return sorted(found, key=lambda pod: (pod.component, pod.ordinal))

    def bind(self, pod: Pod, node: Node) -> None:
        """Give a pod a node."""
        pod.node = node.name
        if node.held_since is None:
            node.held_since = self.now

    def remove(self, pod: Pod) -> None:
        """Forget a pod, and free its node."""
        del self.pods[pod.name]
        if pod.node is None or self.pods_on(pod.node):
            return
        node = self.nodes[pod.node]
        if node.held_since is not None:
            node.held.append((node.held_since, self.now))
            node.held_since = None

    def is_stranded(self, pod: Pod) -> bool:
        """Whether the pod's host does not run."""
        return pod.node is not None and self.nodes[pod.node].is_lost

    def emit_pod(self, pod: Pod, reason: str, message: str) -> None:
        """Tell of something that happened to a pod."""
        self._on_event(self.now, reason, str(Place("pod", pod.name)), message)

    def emit_node(self, node: str, reason: str, message: str) -> None:
        """Tell of something that happened to a node."""
        self._on_event(self.now, reason, str(Place("node", node)), message)

    def emit(self, component: str, reason: str, message: str) -> None:
        """Tell of something that happened to a component."""
        self._on_event(self.now, reason, component, message)
