"""Ask for another number of replicas."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Name
from simulator.world import Place


class ScaleComponent(Action):
    """Sets a deployment's desired replicas; new pods start when they fit, surplus ones drain."""

    kind_name: ClassVar[str] = "scale"
    syntax: ClassVar[str] = "scale COMPONENT REPLICAS"
    effect: ClassVar[str] = (
        "asks for that many replicas; a new one must find room, start and warm up before it serves"
    )
    cost: ClassVar[str] = (
        "nothing when growing; when shrinking there is less room, and caches are lost"
    )
    positional: ClassVar[tuple[str, ...]] = ("target", "replicas")

    target: Name = Field(description="Component to scale.", examples=["llm"])
    replicas: int = Field(description="Replicas wanted.", examples=[6], ge=0, le=1000)

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        return world.scale(Place.read(self.target).name, self.replicas)
