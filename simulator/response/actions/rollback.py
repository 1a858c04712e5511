"""Go back to the revision that ran before, of a component or of what watches it."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Name
from simulator.units import SECOND
from simulator.world import Place


class RollBackRelease(Action):
    """Rolls a component to its previous revision, pod by pod, with one pod of surge."""

    kind_name: ClassVar[str] = "rollback"
    syntax: ClassVar[str] = "rollback COMPONENT | rollback monitoring/rules"
    effect: ClassVar[str] = (
        "starts a rollout of the previous revision, or takes back a release of rules or dashboards"
    )
    cost: ClassVar[str] = "every pod is replaced and starts cold; surge needs room"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(
        description="Component, monitoring/rules or monitoring/dashboards.",
        examples=["llm", "monitoring/rules"],
    )

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        place = Place.read(self.target)
        if place.kind == "monitoring":
            return world.roll_back_monitoring(place.name)
        return world.roll_back(place.name)
