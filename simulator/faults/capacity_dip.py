"""A component has fewer servers for a few seconds; retries do the rest."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import SECOND, Duration, Share
from simulator.world import Home, Knob


class CapacityDip(Fault):
    """Takes servers away for seconds, as a long garbage collection or a failover does.

    Symptom: goodput stays near nothing long after the dip is over. Evidence: calls on the edge far
    above user requests, retries, timeouts, servers busy with answers nobody waits for. Right: shed
    below what the tier can serve with its retries, or cut retries, until the queue is empty.
    Tempting: restart the tier, raise the timeout, allow more retries.
    """

    kind_name: ClassVar[str] = "capacity_dip"
    family: ClassVar[Family] = Family.LOAD
    mechanism: ClassVar[str] = "retry_storm"
    trigger: ClassVar[str] = "brief_stall"
    home: ClassVar[Home] = Home.PROCESS
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component", "pod")
    component_kinds: ClassVar[tuple[str, ...]] = (
        "workers",
        "cache",
        "semantic_cache",
        "vector_index",
    )

    kind: Literal["capacity_dip"]
    lasts: Duration = Field(
        default=10 * SECOND, description="How long the dip is.", examples=["10s"], gt=0
    )
    share_left: Share = Field(
        default=0.2, description="Servers left during the dip (never below one).", examples=["20%"]
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.WORKERS, self.share_left)
