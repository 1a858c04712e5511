"""Go back to the revision that ran before."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Name
from simulator.units import SECOND
from simulator.world import Place


class RollBackRelease(Action):
    """Rolls a component to its previous revision, pod by pod, with one pod of surge."""

    kind_name: ClassVar[str] = "rollback"
    syntax: ClassVar[str] = "rollback COMPONENT"
    effect: ClassVar[str] = "starts a rollout of the previous revision, pod by pod"
    cost: ClassVar[str] = "every pod is replaced and starts cold; surge needs room"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(description="Component to roll back.", examples=["llm"])

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        return world.roll_back(Place.read(self.target).name)
