"""A share of packets is lost between two components, to and from a pod, or out of a zone."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import FaultWorld, PlaceKind
from simulator.faults._links import LinkFault
from simulator.taxonomy import Family
from simulator.units import Share
from simulator.world import Home, Knob


class LossyLink(LinkFault):
    """Loses packets, as a bad cable or a full switch does; TCP sends them again, late.

    Symptom: a few calls take 200 ms or a multiple of that longer, and large answers crawl; nothing
    fails at first. Evidence: retransmitted segments on the edge, its latency in steps far above
    what its callee takes by its own count. Right: route around the link, take the pod away, give
    calls timeouts and hedges that spare them a lost packet. Tempting: scale the callee, which is
    idle.
    """

    kind_name: ClassVar[str] = "lossy_link"
    family: ClassVar[Family] = Family.NETWORK
    mechanism: ClassVar[str] = "packet_loss"
    trigger: ClassVar[str] = "network_change"
    home: ClassVar[Home] = Home.EXTERNAL
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("edge", "pod", "zone")

    kind: Literal["lossy_link"]
    share: Share = Field(description="Of packets that are lost, either way.", examples=["2%"])

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.LOSS, self.share)
