"""Empty a node or a pod without breaking what it is doing."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare, check_place, either
from simulator.response.words import Name
from simulator.world import Looks, Place


class DrainNode(Action):
    """Cordons a node and evicts its pods with their grace, or evicts one pod."""

    kind_name: ClassVar[str] = "drain"
    syntax: ClassVar[str] = "drain NODE | drain POD"
    effect: ClassVar[str] = (
        "lets calls in flight finish (30 s at most), then moves the pods to other nodes"
    )
    cost: ClassVar[str] = "what has not finished after 30 s fails; replacements start cold"
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(description="Node or pod.", examples=["gpu-1", "llm-2"])

    def places(self) -> tuple[Place, ...]:
        return (Place("pod" if self.target.startswith("pod/") else "node", bare(self.target)),)

    def check(self, looks: Looks) -> None:
        check_place(looks, self._place(looks))

    def perform(self, world: ActionWorld) -> str:
        place = self._place(world)
        if place.kind == "pod":
            return world.drain_pod(place.name)
        return world.drain_node(place.name)

    def _place(self, looks: Looks) -> Place:
        return either(looks, self.target, Place("node", bare(self.target)))
