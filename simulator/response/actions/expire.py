"""End a silence."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.world import Place


class ExpireSilence(Action):
    """Ends a silence now, as `amtool silence expire` does."""

    kind_name: ClassVar[str] = "expire"
    syntax: ClassVar[str] = "expire NUMBER"
    effect: ClassVar[str] = "ends a silence; what still fires is told at its group's next interval"
    positional: ClassVar[tuple[str, ...]] = ("number",)
    shorthand: ClassVar[str] = "number"

    number: int = Field(description="The silence's number in `silences`.", examples=[1], gt=0)

    def places(self) -> tuple[Place, ...]:
        return ()

    def perform(self, world: ActionWorld) -> str:
        return world.expire_silence(self.number)
