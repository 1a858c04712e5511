"""Stop an autoscaler from acting."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare
from simulator.response.words import Name
from simulator.world import Place


class FreezeAutoscaler(Action):
    """Holds an autoscaler where it is; it still looks and says what it would do."""

    kind_name: ClassVar[str] = "freeze"
    syntax: ClassVar[str] = "freeze AUTOSCALER"
    effect: ClassVar[str] = "stops an autoscaler from changing anything until it is unfrozen"
    cost: ClassVar[str] = "its component no longer follows the load"
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(description="Autoscaler.", examples=["llm", "autoscaler/llm"])

    def places(self) -> tuple[Place, ...]:
        return (Place("autoscaler", bare(self.target)),)

    def perform(self, world: ActionWorld) -> str:
        return world.freeze_autoscaler(bare(self.target), frozen=True)
