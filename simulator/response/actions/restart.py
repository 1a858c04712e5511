"""Restart one pod, or roll a whole component over."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, check_place, either
from simulator.response.words import Name
from simulator.world import Looks, Place


class RestartReplica(Action):
    """Starts processes afresh: trouble that lives in the process is gone, and so is its memory."""

    kind_name: ClassVar[str] = "restart"
    syntax: ClassVar[str] = "restart POD | restart COMPONENT | restart monitoring/prometheus"
    effect: ClassVar[str] = (
        "starts a pod afresh where it is, rolls a component's over, or restarts Prometheus"
        " or the log collector"
    )
    cost: ClassVar[str] = (
        "a pod's calls in flight fail, its cache and KV are lost, then it starts cold"
    )
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"

    target: Name = Field(
        description="Pod, component, monitoring/prometheus or monitoring/log-collector.",
        examples=["llm-2", "llm", "monitoring/prometheus"],
    )

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def check(self, looks: Looks) -> None:
        check_place(looks, either(looks, self.target, Place.read(self.target)))

    def perform(self, world: ActionWorld) -> str:
        place = either(world, self.target, Place.read(self.target))
        if place.kind == "pod":
            return world.restart_pod(place.name)
        if place.kind == "monitoring":
            return world.restart_monitoring(place.name)
        return world.restart_component(place.name)
