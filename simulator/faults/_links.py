"""What faults of the network have in common: they strike an edge, a pod's network or a zone's."""

from typing import Self

from pydantic import Field, model_validator

from simulator.faults._base import Fault
from simulator.world import Looks


class LinkFault(Fault):
    """Trouble between two components, which a perfect diagnosis puts at the one that is called."""

    target: str = Field(
        description="Where it strikes: an edge, `caller -> callee`, pod/NAME, or zone/NAME, which "
        "is between that zone and all others.",
        examples=["gateway -> llm", "pod/llm-1", "zone/eu-1a"],
    )

    @model_validator(mode="after")
    def _is_located(self) -> Self:
        if self.place.kind == "zone" and self.located_at is None:
            raise ValueError("a zone holds many components; write located_at, the one it shows at")
        return self

    def _component(self, world: Looks) -> str:
        if self.place.kind == "edge":
            return self.place.name.partition(" -> ")[2]
        return super()._component(world)
