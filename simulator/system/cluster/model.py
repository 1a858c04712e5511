"""What a cluster is made of: node pools, as a scenario writes them, and deployments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from simulator.system.topology._model import Count, Model, Name
from simulator.system.topology.components._base import Component
from simulator.system.topology.distribution import Durations
from simulator.units import SECOND, Bytes, Duration, Milli, quantity

GENERAL = "general"
"""The pool that is there for pods without GPUs when no declared pool takes them."""

CPU_REQUEST_ASSUMED_MILLI = 100
MEMORY_REQUEST_ASSUMED_BYTES = 200 * 2**20


class NodePool(Model):
    """A group of equal nodes."""

    count: Count = Field(description="nodes at the start", examples=[4])
    count_max: Count | None = Field(
        None, description="never more nodes than this; none: as many as at the start", examples=[6]
    )
    gpus: Count = Field(0, description="GPUs of one node", examples=[1])
    cpu: Milli = Field("32", validate_default=True, description="cores of one node", examples=[32])
    memory: Bytes = Field(
        "256Gi", validate_default=True, description="memory of one node", examples=["256Gi"]
    )
    price_per_hour: float = Field(0.0, ge=0.0, description="of one node", examples=[2.48])
    ready_in: Durations = Field(
        "4m",
        validate_default=True,
        description="from asking for a node to having it",
        examples=[{"quantiles": {"50%": "5m", "95%": "12m"}}],
    )
    zones: list[Name] = Field(
        default_factory=list,
        description="where its nodes stand, one zone after the other; none: nowhere in particular",
        examples=[["eu-1a", "eu-1b"]],
    )
    images_cached: bool = Field(
        default=False, description="nodes have every image, so nothing is pulled", examples=[False]
    )
    unknown_after: Duration = Field(
        "50s",
        validate_default=True,
        description="heartbeats missed until a node counts as lost; 40s before Kubernetes 1.32",
        examples=["50s"],
    )
    evict_after: Duration = Field(
        "300s",
        validate_default=True,
        description="from then until its pods are marked for deletion (tolerationSeconds)",
        examples=["300s"],
    )

    @property
    def nodes_max(self) -> int:
        """The most nodes the pool may hold."""
        return self.count if self.count_max is None else max(self.count, self.count_max)

    def zone_of(self, ordinal: int) -> str | None:
        """Say which zone the pool's ordinal-th node stands in."""
        return self.zones[ordinal % len(self.zones)] if self.zones else None


def zone_names(pools: Mapping[str, NodePool]) -> tuple[str, ...]:
    """List every zone of a cluster once, as first written; the plant numbers them from 1."""
    return tuple(dict.fromkeys(zone for pool in pools.values() for zone in pool.zones))


@dataclass(frozen=True, slots=True)
class Deployment:
    """One component to the control plane; `has_pods` is False for what runs elsewhere.

    A request of None is one the pod template does not state.
    """

    name: str
    kind: str
    replicas: int
    revision: str
    image_pull: Durations
    weights_load: Durations
    warm_up: Durations
    cpu_milli: int | None = None
    memory_bytes: int | None = None
    gpus: int = 0
    node_pool: str | None = None
    has_pods: bool = True
    grace_ns: int = 30 * SECOND


def deployment_of(name: str, component: Component) -> Deployment:
    """Say what the control plane needs to know of a component."""
    return Deployment(
        name=name,
        kind=component.kind,
        replicas=0 if component.is_outside else component.replicas,
        revision=component.release.name,
        image_pull=component.start.image_pull,
        weights_load=component.start.weights_load,
        warm_up=component.start.warm_up,
        cpu_milli=component.requests.cpu,
        memory_bytes=component.requests.memory,
        gpus=component.requests.gpus,
        node_pool=component.node_pool,
        has_pods=not component.is_outside,
    )


def general_pool(deployments: Sequence[Deployment]) -> NodePool:
    """Return a free pool with twice the room the given pods need at the start, 3 nodes or more."""
    node_cpu, node_memory = 64_000, int(quantity("256Gi"))
    cpu = sum(d.replicas * (d.cpu_milli or CPU_REQUEST_ASSUMED_MILLI) for d in deployments)
    memory = sum(d.replicas * (d.memory_bytes or 0) for d in deployments)
    needed = max(-(-2 * cpu // node_cpu), -(-2 * memory // node_memory), 3)
    return NodePool(count=needed, cpu="64", memory="256Gi")
