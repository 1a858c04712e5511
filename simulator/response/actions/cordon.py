"""Keep new pods off a node."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare
from simulator.response.words import Name
from simulator.world import Place


class CordonNode(Action):
    """Marks a node so that nothing new is scheduled on it; its pods go on."""

    kind_name: ClassVar[str] = "cordon"
    syntax: ClassVar[str] = "cordon NODE"
    effect: ClassVar[str] = "keeps new pods off a node; those it has go on"
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(description="Node.", examples=["gpu-1", "node/gpu-1"])

    def places(self) -> tuple[Place, ...]:
        return (Place("node", bare(self.target)),)

    def perform(self, world: ActionWorld) -> str:
        return world.cordon(bare(self.target), cordoned=True)
