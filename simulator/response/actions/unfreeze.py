"""Let an autoscaler act again."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare
from simulator.response.words import Name
from simulator.world import Place


class UnfreezeAutoscaler(Action):
    """Hands the number of replicas back to an autoscaler."""

    kind_name: ClassVar[str] = "unfreeze"
    syntax: ClassVar[str] = "unfreeze AUTOSCALER"
    effect: ClassVar[str] = "lets an autoscaler act again, from its next look on"
    cost: ClassVar[str] = "it may scale at once"
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(description="Autoscaler.", examples=["llm", "autoscaler/llm"])

    def places(self) -> tuple[Place, ...]:
        return (Place("autoscaler", bare(self.target)),)

    def perform(self, world: ActionWorld) -> str:
        return world.freeze_autoscaler(bare(self.target), frozen=False)
