"""An outside provider's other customers want more of it than there is."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.world import Home, Knob


class ProviderOverload(Fault):
    """Multiplies what other customers want of a provider; beyond its capacity everyone is refused.

    Symptom: a share of answers fails whatever our own rate is, the rest may be slower. Evidence:
    529 on the edge to the provider while quotas have plenty left; its status page says so, late.
    Right: fail over, or serve less and wait; retries with pauses find room for some. Tempting: ask
    for a higher quota, retry at once, look for the cause at home.
    """

    kind_name: ClassVar[str] = "provider_overload"
    family: ClassVar[Family] = Family.DEPENDENCY
    mechanism: ClassVar[str] = "provider_outage"
    trigger: ClassVar[str] = "provider_change"
    home: ClassVar[Home] = Home.EXTERNAL
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component",)
    component_kinds: ClassVar[tuple[str, ...]] = ("external",)
    needs: ClassVar[tuple[str, ...]] = ("capacity",)

    kind: Literal["provider_overload"]
    demand: float = Field(
        description="Times what other customers want of it otherwise.",
        examples=[2.0],
        gt=1.0,
        le=1000.0,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.PROVIDER_LOAD, self.demand)
