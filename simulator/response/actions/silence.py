"""Hide matching alerts from notifications for a while."""

from typing import ClassVar

from pydantic import Field

from simulator.response.actions._base import Action, ActionWorld
from simulator.response.words import Line, span
from simulator.units import Duration
from simulator.world import Place


class SilenceAlerts(Action):
    """Makes a silence in Alertmanager, as `amtool silence add` does."""

    kind_name: ClassVar[str] = "silence"
    syntax: ClassVar[str] = "silence MATCHERS [--duration 1h] [--comment TEXT]"
    effect: ClassVar[str] = "hides matching alerts from pages and tickets, not from `alerts`"
    cost: ClassVar[str] = "you will not hear of it if it gets worse"
    positional: ClassVar[tuple[str, ...]] = ("matchers",)
    shorthand: ClassVar[str] = "matchers"

    matchers: Line = Field(
        description="Matchers of Alertmanager, separated by commas.",
        examples=["alertname=HighLatency,severity=~warn.*"],
        min_length=1,
    )
    duration: Duration = Field(
        default=3_600_000_000_000, description="For how long.", examples=["1h"], gt=0
    )
    comment: Line = Field(default="", description="Why.", examples=["known, being fixed"])

    def places(self) -> tuple[Place, ...]:
        return ()

    def perform(self, world: ActionWorld) -> str:
        return world.silence(self.matchers, self.duration, self.comment)

    def _text(self, name: str) -> str:
        return span(self.duration) if name == "duration" else super()._text(name)
