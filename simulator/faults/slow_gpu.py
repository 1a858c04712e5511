"""One host's accelerators compute slower than their equals."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.faults._base import Fault, FaultWorld, PlaceKind, component_on
from simulator.taxonomy import Family
from simulator.world import Home, Knob, Looks


class SlowGpu(Fault):
    """Stretches every step on one host, as a hot or down-clocked accelerator does.

    Symptom: the slowest answers get slower, the average hardly moves. Evidence: inter-token
    latency by pod, one pod's queue longer than the others', its device's clock; every check passes.
    Right: cordon the host and drain it, or replace the pod elsewhere. Tempting: scale out or
    restart everything: the pod comes back on the same host, as slow as before.
    """

    kind_name: ClassVar[str] = "slow_gpu"
    family: ClassVar[Family] = Family.COMPUTE
    mechanism: ClassVar[str] = "gpu_throttling"
    trigger: ClassVar[str] = "hardware_fault"
    home: ClassVar[Home] = Home.HOST
    target_kinds: ClassVar[tuple[PlaceKind, ...]] = ("node",)

    kind: Literal["slow_gpu"]
    slowdown: float = Field(
        default=1.8,
        description="Times longer each step takes on that host.",
        examples=[1.8],
        gt=1.0,
        le=1000.0,
    )

    def strike(self, world: FaultWorld, cause: str) -> None:
        world.afflict(cause, self.home, self.place, Knob.SLOWDOWN, self.slowdown)

    def _component(self, world: Looks) -> str:
        return component_on(world, self.place.name)
