"""A new revision goes out that answers worse."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import Share
from simulator.world import Home


class BadRelease(Fault):
    """Rolls out a revision whose answers are right less often; pods of the old one stay good.

    Symptom: wrong answers, thumbs down, a lower judged share; status codes and latency stay as
    they were. Evidence: quality by revision, the change log. Right: roll back that component.
    Tempting: promote on latency, scale out, restart (the same revision starts again).
    """

    kind_name: ClassVar[str] = "bad_release"
    family: ClassVar[Family] = Family.CONFIG
    mechanism: ClassVar[str] = "quality_regression"
    trigger: ClassVar[str] = "release"
    home: ClassVar[Home] = Home.RELEASE
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component",)

    kind: Literal["bad_release"]
    revision: str = Field(
        description="Name of the new revision, as the change log shows it.",
        examples=["2026-03"],
        min_length=1,
    )
    quality: Share = Field(
        description="Share of right answers of pods running it, all else well.", examples=["70%"]
    )
    note: str = Field(
        description="What the change log says about it; a responder reads this.",
        examples=["model 2026-03: new quantisation"],
        min_length=1,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:  # noqa: ARG002 - the revision is held
        world.release(self.place.name, self.revision, self.quality, self.note)

    def lift(self, world: FaultWorld, cause: str) -> None:  # noqa: ARG002 - as above
        if world.component(self.place.name).revision == self.revision:
            world.restore_release(self.place.name)
