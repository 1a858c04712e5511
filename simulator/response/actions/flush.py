"""Empty a cache."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Name
from simulator.world import Place


class FlushCache(Action):
    """Deletes every key of a cache."""

    kind_name: ClassVar[str] = "flush"
    syntax: ClassVar[str] = "flush COMPONENT"
    effect: ClassVar[str] = "deletes every key of a cache, wrong ones included"
    cost: ClassVar[str] = "a stampede: everything behind the cache takes the whole load"
    positional: ClassVar[tuple[str, ...]] = ("target",)
    shorthand: ClassVar[str] = "target"
    component_kinds: ClassVar[tuple[str, ...]] = ("cache", "semantic_cache")

    target: Name = Field(description="Cache.", examples=["passages"])

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        return world.flush_cache(Place.read(self.target).name)
