"""Refuse a share of a class at the door."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld, bare
from simulator.response.words import Name, percent
from simulator.units import SECOND, Share
from simulator.world import Place, Setting


class ShedLoad(Action):
    """Answers a share of a class with 429 at once, so that the rest is served."""

    kind_name: ClassVar[str] = "shed"
    syntax: ClassVar[str] = "shed CLASS SHARE"
    effect: ClassVar[str] = "refuses that share of a class's requests at the door; 0% ends it"
    cost: ClassVar[str] = "every refused request is a user harmed"
    takes_ns: ClassVar[int] = 10 * SECOND
    positional: ClassVar[tuple[str, ...]] = ("target", "share")

    target: Name = Field(description="Class.", examples=["class/chat"])
    share: Share = Field(description="How many to refuse.", examples=["30%"])

    def places(self) -> tuple[Place, ...]:
        return (Place("class", bare(self.target)),)

    def perform(self, world: ActionWorld) -> str:
        return world.configure(self.places()[0], Setting.SHED_SHARE, self.share)

    def _text(self, name: str) -> str:
        return percent(self.share) if name == "share" else super()._text(name)
