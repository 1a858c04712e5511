"""Fill a cache with what is asked for most."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Name, percent
from simulator.units import MINUTE, Share
from simulator.world import Place


class WarmCache(Action):
    """Loads the most popular keys from a snapshot, up to a share of the cache's capacity."""

    kind_name: ClassVar[str] = "warm"
    syntax: ClassVar[str] = "warm COMPONENT [SHARE]"
    effect: ClassVar[str] = "loads the most popular keys from a snapshot, up to a share (100%)"
    cost: ClassVar[str] = "nothing, but it takes two minutes of yours"
    takes_ns: ClassVar[int] = 2 * MINUTE
    positional: ClassVar[tuple[str, ...]] = ("target", "share")
    shorthand: ClassVar[str] = "target"
    component_kinds: ClassVar[tuple[str, ...]] = ("cache", "semantic_cache")

    target: Name = Field(description="Cache.", examples=["passages"])
    share: Share = Field(default=1.0, description="How full to make it.", examples=["80%"])

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        return world.warm_cache(Place.read(self.target).name, self.share)

    def _text(self, name: str) -> str:
        return percent(self.share) if name == "share" else super()._text(name)
