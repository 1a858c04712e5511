"""Messages between two components take longer."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import FaultWorld, PlaceKind
from simulator.faults._links import LinkFault
from simulator.taxonomy import Family
from simulator.units import Duration
from simulator.world import Home, Knob


class SlowLink(LinkFault):
    """Adds delay and jitter to every message, as a detour or a full link does.

    Symptom: everything that crosses the edge takes longer by the same, twice for a call and its
    answer; callers that hold a worker meanwhile may run out of them. Evidence: the edge's latency
    against the callee's own, calls in flight above what they were at the same rate. Right: route
    around, keep to the near zone, give callers more workers. Tempting: scale the callee.
    """

    kind_name: ClassVar[str] = "slow_link"
    family: ClassVar[Family] = Family.NETWORK
    mechanism: ClassVar[str] = "network_latency"
    trigger: ClassVar[str] = "network_change"
    home: ClassVar[Home] = Home.EXTERNAL
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("edge",)

    kind: Literal["slow_link"]
    delay: Duration = Field(description="Added one way.", examples=["50ms"], gt=0)
    jitter: Duration = Field(
        default=0, description="A message takes up to so much longer besides.", examples=["20ms"]
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.DELAY, float(self.delay))
        if self.jitter:
            world.afflict(cause, self.home, self.place, Knob.JITTER, float(self.jitter))
