"""A host stops, and its heartbeats with it."""

from typing import ClassVar, Literal

from simulator.faults._base import Fault, FaultWorld, PlaceKind, component_on
from simulator.taxonomy import Family
from simulator.world import Home, Looks


class NodeLoss(Fault):
    """Stops a host at once, as a power failure does; nobody is told.

    Symptom: calls to its pods fail on connecting until they leave the endpoints; the rest carry
    more load. Evidence: the node goes NotReady after its heartbeats time out, its pods stay
    Terminating, replacements may be Pending. Right: shed or fail over, add a node, delete the
    stuck pods by force. Tempting: wait for pods that cannot end, or restart the survivors.
    """

    kind_name: ClassVar[str] = "node_loss"
    family: ClassVar[Family] = Family.LIFECYCLE
    mechanism: ClassVar[str] = "host_loss"
    trigger: ClassVar[str] = "host_failure"
    home: ClassVar[Home] = Home.HOST
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("node",)

    kind: Literal["node_loss"]

    def strike(self, world: FaultWorld, cause: str) -> None:  # noqa: ARG002 - a host is lost or not
        world.lose_node(self.place.name)

    def lift(self, world: FaultWorld, cause: str) -> None:  # noqa: ARG002 - as above
        world.return_node(self.place.name)

    def _component(self, world: Looks) -> str:
        return component_on(world, self.place.name)
