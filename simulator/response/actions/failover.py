"""Send an edge's calls to another component."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import EdgeName, Name, percent
from simulator.units import SECOND, Share
from simulator.world import Place


class FailOver(Action):
    """Diverts a share of an edge's calls to another component the same caller knows."""

    kind_name: ClassVar[str] = "failover"
    syntax: ClassVar[str] = "failover CALLER -> CALLEE COMPONENT [SHARE]"
    effect: ClassVar[str] = (
        "sends a share (100%) of an edge's calls to another component; 0% sends them back"
    )
    cost: ClassVar[str] = "the other component must bear it: check its room and quota first"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target", "to", "share")

    target: EdgeName = Field(
        description="Edge whose calls are diverted.", examples=["gateway -> llm"]
    )
    to: Name = Field(
        description="Component that takes them, which the caller must know too.",
        examples=["provider"],
    )
    share: Share = Field(default=1.0, description="How many of the calls.", examples=["50%"])

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target), Place("edge", self._other_edge()))

    def perform(self, world: ActionWorld) -> str:
        return world.divert(Place.read(self.target).name, self._other_edge(), self.share)

    def _other_edge(self) -> str:
        caller = Place.read(self.target).name.split(" -> ")[0]
        return f"{caller} -> {Place.read(self.to).name}"

    def _text(self, name: str) -> str:
        return percent(self.share) if name == "share" else super()._text(name)
