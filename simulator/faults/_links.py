"""What faults of the network have in common: they strike an edge or a pod's own network."""

from pydantic import Field

from simulator.faults._base import Fault
from simulator.world import Looks


class LinkFault(Fault):
    """Trouble between two components, which a perfect diagnosis puts at the one that is called."""

    target: str = Field(
        description="Where it strikes: an edge, `caller -> callee`, or pod/NAME.",
        examples=["gateway -> llm", "pod/llm-1"],
    )

    def _component(self, world: Looks) -> str:
        if self.place.kind == "edge":
            return self.place.name.partition(" -> ")[2]
        return super()._component(world)
