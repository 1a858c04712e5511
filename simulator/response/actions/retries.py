"""Set how an edge retries."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import EdgeName, percent
from simulator.units import SECOND, Share
from simulator.world import Place, Setting


class SetRetries(Action):
    """Sets how often an edge repeats a failed call, and how much of its traffic may be repeats."""

    kind_name: ClassVar[str] = "retries"
    syntax: ClassVar[str] = "retries CALLER -> CALLEE MAX [--budget SHARE]"
    effect: ClassVar[str] = "sets how often a failed call is repeated; 0 stops repeats"
    cost: ClassVar[str] = "fewer: passing failures reach users; more: a busy callee gets busier"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target", "retries_max")

    target: EdgeName = Field(description="Edge.", examples=["gateway -> llm"])
    retries_max: int = Field(description="Repeats of one call.", examples=[0], ge=0, le=20)
    budget: Share | None = Field(
        default=None,
        description="Largest share of repeats among its calls; 0: no budget.",
        examples=["10%"],
    )

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        edge = Place.read(self.target)
        answer = world.configure(edge, Setting.RETRIES_MAX, float(self.retries_max))
        if self.budget is None:
            return answer
        return f"{answer}; {world.configure(edge, Setting.RETRY_BUDGET, self.budget)}"

    def _text(self, name: str) -> str:
        if name == "budget" and self.budget is not None:
            return percent(self.budget)
        return super()._text(name)
