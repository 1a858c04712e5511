"""Order more machines."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare
from simulator.response.words import Name
from simulator.units import SECOND
from simulator.world import Place


class AddNodes(Action):
    """Asks the provider for more nodes of a pool; they come minutes later and cost money."""

    kind_name: ClassVar[str] = "add_nodes"
    syntax: ClassVar[str] = "add_nodes POOL COUNT"
    effect: ClassVar[str] = "orders nodes; they join minutes later, up to the pool's maximum"
    cost: ClassVar[str] = "nothing, but each node is paid for by the hour"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target", "count")

    target: Name = Field(description="Node pool.", examples=["gpu"])
    count: int = Field(default=1, description="How many more.", examples=[2], ge=1, le=100)

    def places(self) -> tuple[Place, ...]:
        return (Place("node_pool", bare(self.target)),)

    def perform(self, world: ActionWorld) -> str:
        return world.add_nodes(bare(self.target), self.count)
