"""Let pods onto a node again."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare
from simulator.response.words import Name
from simulator.world import Place


class UncordonNode(Action):
    """Takes a cordon off, so that pods can be scheduled there again."""

    kind_name: ClassVar[str] = "uncordon"
    syntax: ClassVar[str] = "uncordon NODE"
    effect: ClassVar[str] = "lets new pods onto a node again"
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(description="Node.", examples=["gpu-1", "node/gpu-1"])

    def places(self) -> tuple[Place, ...]:
        return (Place("node", bare(self.target)),)

    def perform(self, world: ActionWorld) -> str:
        return world.cordon(bare(self.target), cordoned=False)
