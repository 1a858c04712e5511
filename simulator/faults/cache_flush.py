"""A cache loses every key it held."""

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.units import Duration
from simulator.world import Home


class CacheFlush(Fault):
    """Deletes a cache's keys once; traffic alone fills it again, if what is behind can bear it.

    Symptom: what lies behind the cache queues and times out; timed-out answers never fill it, so
    the trouble can outlive its trigger. Evidence: hit ratio, number of keys, calls per second to
    the callee. Right: shed until the callee keeps up, warm the cache, then ramp. Tempting: flush
    or restart the cache again, or add callers.
    """

    kind_name: ClassVar[str] = "cache_flush"
    family: ClassVar[Family] = Family.DATA
    mechanism: ClassVar[str] = "cold_cache"
    trigger: ClassVar[str] = "data_loss"
    home: ClassVar[Home] = Home.DATA
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("component",)
    component_kinds: ClassVar[tuple[str, ...]] = ("cache", "semantic_cache")

    kind: Literal["cache_flush"]
    lasts: Duration = Field(
        default=0, description="Always 0: keys are deleted once and stay gone.", examples=["0"]
    )

    @field_validator("lasts")
    @classmethod
    def _is_over_at_once(cls, value: int) -> int:
        if value != 0:
            raise ValueError("keys are deleted once; leave lasts out")
        return value

    def strike(self, world: FaultWorld, cause: str) -> None:  # noqa: ARG002 - nothing is held
        world.delete_keys(self.place.name)
