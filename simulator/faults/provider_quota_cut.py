"""An outside provider lowers what it lets us use."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import Share
from simulator.world import Home, Knob


class ProviderQuotaCut(Fault):
    """Lowers both quotas of an outside provider; calls above them are answered 429.

    Symptom: a share of answers is refused or falls back, more at busy minutes. Evidence: 429 on the
    edge to the provider, tokens per minute flat at a ceiling. Right: throttle, spread the calls,
    fail over what our own pool can bear. Tempting: retry tightly, or send everything to one
    fallback. Nothing we own heals it.
    """

    kind_name: ClassVar[str] = "provider_quota_cut"
    family: ClassVar[Family] = Family.DEPENDENCY
    mechanism: ClassVar[str] = "provider_quota"
    trigger: ClassVar[str] = "provider_change"
    home: ClassVar[Home] = Home.EXTERNAL
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component",)
    component_kinds: ClassVar[tuple[str, ...]] = ("external",)

    kind: Literal["provider_quota_cut"]
    share_left: Share = Field(
        description="What is left of the request and the token quota.", examples=["25%"]
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.QUOTA, self.share_left)
