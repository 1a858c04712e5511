"""More requests of a class arrive."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind
from simulator.taxonomy import Family
from simulator.world import Home, Knob, Looks


class LoadSpike(Fault):
    """Multiplies a class's arrival rate with a second stream of the same kind of request.

    Symptom: queues at every tier, late answers, refusals where queues are bounded. Evidence:
    requests per second at the door, with the same mix as before. Right: shed what matters least,
    use capacity that is ready, fail over. Tempting: wait for accelerators that take ten minutes.
    """

    kind_name: ClassVar[str] = "load_spike"
    family: ClassVar[Family] = Family.LOAD
    mechanism: ClassVar[str] = "traffic_surge"
    trigger: ClassVar[str] = "demand_change"
    home: ClassVar[Home] = Home.TRAFFIC
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("class",)

    kind: Literal["load_spike"]
    multiplier: float = Field(
        description="Times the usual arrival rate.", examples=[2.5], gt=1.0, le=100.0
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.ARRIVALS, self.multiplier)

    def _component(self, world: Looks) -> str:
        """Name the door: the first component that nothing of ours calls."""
        called = {edge.split(" -> ")[1] for edge in world.edges() if not edge.startswith("users ")}
        names = [component.name for component in world.components()]
        return next((name for name in names if name not in called), names[0])
