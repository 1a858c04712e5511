"""Nothing gets through between two components, to and from a pod, or out of a zone."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import FaultWorld, PlaceKind
from simulator.faults._links import LinkFault
from simulator.taxonomy import Family
from simulator.units import Share
from simulator.world import Home, Knob

_KNOBS = {
    "both": Knob.BLOCKED,
    "requests": Knob.REQUESTS_BLOCKED,
    "answers": Knob.ANSWERS_BLOCKED,
}


class NetworkPartition(LinkFault):
    """Closes the way between two sides, in one direction or both, for all connections or some.

    Symptom: calls fail to connect; with only answers lost they time out, though their work is done
    and done again by every retry. Evidence: connection failures or timeouts on one edge, a callee
    that is healthy and idle, or busy with calls its caller counts as failed; with a share below
    100 % some pairs of pods never work and others always do. Right: route around, fail over, take
    the pod away, stop retrying what is not idempotent. Tempting: restart the callee.
    """

    kind_name: ClassVar[str] = "network_partition"
    family: ClassVar[Family] = Family.NETWORK
    mechanism: ClassVar[str] = "partition"
    trigger: ClassVar[str] = "network_change"
    home: ClassVar[Home] = Home.EXTERNAL
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("edge", "pod", "zone")

    kind: Literal["network_partition"]
    lost: Literal["both", "requests", "answers"] = Field(
        default="both", description="What does not get through.", examples=["answers"]
    )
    share: Share = Field(
        default=1.0,
        description="Of connections that nothing gets through; the others are as before.",
        examples=["30%"],
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, _KNOBS[self.lost], self.share)
