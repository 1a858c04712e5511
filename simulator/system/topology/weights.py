"""How much of a balancer's calls each replica gets, next to the others."""

from typing import Annotated

from pydantic import Field

from simulator.system.topology._model import Model, Text

Weight = Annotated[float, Field(ge=0.0, le=1000.0)]
"""A share relative to others'; 0: none."""


class Weights(Model):
    """Weights by replica and by release, multiplied; 1 where nothing is written."""

    replicas: list[Weight] = Field(
        default_factory=list,
        description="of pods 0, 1, ... in turn; the rest weigh 1",
        examples=[[1, 1, 0.5]],
    )
    releases: dict[Text, Weight] = Field(
        default_factory=dict,
        description="of whatever runs a revision, as a canary's",
        examples=[{"1.15.0": 0.05}],
    )

    def of(self, ordinal: int, revision: str) -> float:
        """Say the weight of the ordinal-th pod while it runs a revision."""
        own = self.replicas[ordinal] if ordinal < len(self.replicas) else 1.0
        return own * self.releases.get(revision, 1.0)
