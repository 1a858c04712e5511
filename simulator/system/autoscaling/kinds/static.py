"""A fixed number of replicas: the floor every other policy is compared with."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.system.autoscaling.kinds._base import Autoscaler


class Static(Autoscaler):
    """Asks for a fixed number of replicas at the start and never again."""

    kind_name: ClassVar[str] = "static"
    kind: Literal["static"] = Field("static", description="Always static.", examples=["static"])
    target: str = Field(description="The component it scales.", examples=["llm"])
    replicas: int = Field(ge=0, description="How many replicas, from the start.", examples=[6])

    @property
    def title(self) -> str:
        return f"static-{self.target}-{self.replicas}"

    @property
    def component(self) -> str:
        return self.target
