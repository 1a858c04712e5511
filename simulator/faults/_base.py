"""What every fault is: a cause with a time, a target and a home, which strikes and lifts."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from simulator.errors import InvariantViolated
from simulator.taxonomy import Family
from simulator.units import Duration
from simulator.world import Afflictions, Home, Looks, Place

UNTIL_HEALED: Literal["until_healed"] = "until_healed"
"""A fault that holds until the responder renews its home, or until the drill ends."""

PlaceKind = Literal[
    "component", "pod", "node", "node_pool", "edge", "class", "autoscaler", "zone", "monitoring"
]


class FaultWorld(Looks, Afflictions, Protocol):
    """What a fault may see and do: no lever, no label, no metric, no alert."""


class Fault(BaseModel, ABC):
    """A change of one mechanism parameter at one place, for a while.

    A fault never sets a label, a metric or an alert. Several faults stack by the name of their
    cause, and lift in any order without a trace.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    kind_name: ClassVar[str]
    family: ClassVar[Family]
    mechanism: ClassVar[str]
    """The word of the public taxonomy that a perfect diagnosis uses."""
    trigger: ClassVar[str]
    home: ClassVar[Home]
    target_kinds: ClassVar[tuple[PlaceKind, ...]]
    component_kinds: ClassVar[tuple[str, ...]] = ()
    """Which kinds of component may be the target; empty: any."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Keys, one within the other, that the target component must have written; empty: none."""
    is_there_before: ClassVar[bool] = False
    """Whether it strikes at the start of warm-up, before anybody takes the seat."""
    located_kinds: ClassVar[tuple[str, ...]] = ()
    """Where the trouble is put unless `located_at` says it: the first component of these kinds."""

    kind: str = Field(description="Which fault this is.")
    at: Duration = Field(
        description="When it strikes, counted from the end of warm-up.",
        examples=["20m"],
    )
    lasts: Duration | Literal["until_healed"] = Field(
        default=UNTIL_HEALED,
        description="How long it holds if nobody acts; until_healed: as long as its home lasts.",
        examples=["until_healed", "10m"],
    )
    target: str = Field(
        description="Where it strikes: a component, class/NAME, node/NAME or pod/NAME.",
        examples=["llm", "class/chat", "node/gpu-1"],
    )
    located_at: str | None = Field(
        default=None,
        description="Component a perfect diagnosis names, where the target leaves it open.",
        examples=["llm"],
    )

    @property
    def place(self) -> Place:
        """The target as a place of the world."""
        return Place.read(self.target)

    @property
    def lifts_at(self) -> int | None:
        """When it lifts by itself, in ns on the clock of `at`; None: it does not."""
        return None if isinstance(self.lasts, str) else self.at + self.lasts

    @abstractmethod
    def strike(self, world: FaultWorld, cause: str) -> None:
        """Change the mechanism, in the name of this cause."""

    def lift(self, world: FaultWorld, cause: str) -> None:
        """Undo what this cause still holds; calling it twice is the same as once."""
        world.relieve(cause)

    def component(self, world: Looks) -> str:
        """Name the component where a perfect diagnosis puts the trouble; ask before it strikes."""
        return self.located_at or self._component(world)

    def _component(self, world: Looks) -> str:  # noqa: ARG002 - for those who must look
        place = self.place
        # A pod's name says whose it is; the pod itself may be gone by now.
        return place.name.rpartition("-")[0] if place.kind == "pod" else place.name


def only_component(world: Looks, kinds: Sequence[str]) -> str:
    """Find the first component of the first of these kinds that any component has."""
    for kind in kinds:
        for component in world.components():
            if component.kind == kind:
                return component.name
    msg = f"no component is of kind {' or '.join(kinds)}; say located_at in the fault"
    raise InvariantViolated(msg)


def component_on(world: Looks, node: str) -> str:
    """Name the component whose pods run on a node; model servers before others, then by name.

    A responder may have drained the node before: then what nodes are mostly there for.
    """
    pods = [pod for pod in world.pods() if pod.node == node]
    if not pods:
        return only_component(world, sorted({c.kind for c in world.components()}, key=_not_llm))
    ranked = sorted((world.component(pod.component).kind != "llm", pod.component) for pod in pods)
    return ranked[0][1]


def _not_llm(kind: str) -> tuple[bool, str]:
    return (kind != "llm", kind)
