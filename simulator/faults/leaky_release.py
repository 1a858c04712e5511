"""A new revision goes out whose processes lose memory."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import Bytes
from simulator.world import Home


class LeakyRelease(Fault):
    """Rolls out a revision that answers as before and never gives some of its memory back.

    Symptom: for a long time none; then resets and refused calls in rhythm, as pods are killed and
    start again, ever later. Evidence: working set of every pod of that revision rising in a
    straight line to its limit, OOMKilled, restarts, CrashLoopBackOff; the change log. Right: roll
    back; until then more memory or more pods buy time. Tempting: restart (it grows again).
    """

    kind_name: ClassVar[str] = "leaky_release"
    family: ClassVar[Family] = Family.COMPUTE
    mechanism: ClassVar[str] = "memory_leak"
    trigger: ClassVar[str] = "release"
    home: ClassVar[Home] = Home.RELEASE
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component",)
    needs: ClassVar[tuple[str, ...]] = ("limits", "memory", "max")

    kind: Literal["leaky_release"]
    per_second: Bytes = Field(
        description="What each process of the new revision loses a second.", examples=["2Mi"]
    )
    revision: str = Field(
        description="Name of the new revision, as the change log shows it.",
        examples=["1.15.0"],
        min_length=1,
    )
    note: str = Field(
        description="What the change log says about it; a responder reads this.",
        examples=["gateway 1.15.0: response cache"],
        min_length=1,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:  # noqa: ARG002 - the revision is held
        world.release(
            self.place.name, self.revision, None, self.note, memory_leak=float(self.per_second)
        )

    def lift(self, world: FaultWorld, cause: str) -> None:  # noqa: ARG002 - as above
        if world.component(self.place.name).revision == self.revision:
            world.restore_release(self.place.name)
