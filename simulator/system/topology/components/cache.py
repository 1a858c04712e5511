"""A cache of real keys: hits, misses, evictions and stampedes follow from what is asked."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.plant import spec
from simulator.system.topology._model import Count, Positive
from simulator.system.topology.components._base import Component, Cpu, work
from simulator.system.topology.distribution import Durations
from simulator.units import Duration


class Cache(Component):
    """An LRU cache; a call that misses is answered, and the caller's `on_miss` fills the key."""

    kind_name: ClassVar[str] = "cache"

    kind: Literal["cache"]
    keys_max: Positive = Field(description="keys a replica holds", examples=[20000])
    ttl: Duration | None = Field(
        None, description="how long a key is good; none: for ever", examples=["10m"]
    )
    single_flight: bool = Field(
        default=False,
        description="true: misses of a key wait while the first one fetches it",
        examples=[True],
    )
    service: Durations = Field(
        "0.4ms", validate_default=True, description="time of one lookup", examples=["0.4ms"]
    )
    # 32 lookups of 0.4 ms at once are 80,000 a second: one core of Redis, without pipelining.
    workers: Positive = Field(32, description="lookups a replica does at once", examples=[32])
    queue_max: Count = Field(
        4096, description="calls that may wait at a replica; more are refused", examples=[4096]
    )
    cpu: Cpu = Field(
        default_factory=lambda: Cpu(idle=0.02, per_worker=0.03),
        description="cores a replica burns",
        examples=[{"idle": 0.02, "per_worker": 0.03}],
    )

    def own_work(self) -> tuple[spec.Step, ...]:
        return work(self.service)

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.workers,
            queue_max=self.queue_max,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=spec.Cache(self.keys_max, self.ttl or 0, self.single_flight),
        )
