"""Set how long an edge waits for an answer."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import EdgeName, span
from simulator.units import SECOND, Duration
from simulator.world import Place, Setting


class SetTimeout(Action):
    """Sets how long an edge waits per attempt, and what becomes of the work it gives up on."""

    kind_name: ClassVar[str] = "timeout"
    syntax: ClassVar[str] = "timeout CALLER -> CALLEE DURATION [--on-timeout cancel|leave]"
    effect: ClassVar[str] = "sets how long each attempt may take; 0s means for ever"
    cost: ClassVar[str] = "shorter: slow answers become failures; longer: callers wait and pile up"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target", "after")

    target: EdgeName = Field(description="Edge.", examples=["gateway -> llm"])
    after: Duration = Field(description="Wait per attempt; 0s: no timeout.", examples=["20s"], ge=0)
    on_timeout: Literal["cancel", "leave"] | None = Field(
        default=None,
        description="Cancel the work downstream, or leave it running; left out: as it was.",
        examples=["cancel"],
    )

    def places(self) -> tuple[Place, ...]:
        return (Place.read(self.target),)

    def perform(self, world: ActionWorld) -> str:
        edge = Place.read(self.target)
        answer = world.configure(edge, Setting.TIMEOUT_NS, float(self.after))
        if self.on_timeout is None:
            return answer
        cancels = float(self.on_timeout == "cancel")
        return f"{answer}; {world.configure(edge, Setting.CANCELS, cancels)}"

    def _text(self, name: str) -> str:
        return span(self.after) if name == "after" else super()._text(name)
