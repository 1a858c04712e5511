"""Servers behind one queue per replica: gateways, services, databases."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Count, Positive
from simulator.system.topology.components._base import Component, Cpu, work
from simulator.system.topology.distribution import Durations
from simulator.units import Duration


class Workers(Component):
    """A service whose replicas have a fixed number of workers and a bounded queue."""

    kind_name: ClassVar[str] = "workers"
    takes_steps: ClassVar[bool] = True

    kind: Literal["workers"]
    workers: Positive = Field(description="calls a replica works on at once", examples=[64])
    queue_max: Count = Field(
        1024, description="calls that may wait at a replica; more are refused", examples=[512]
    )
    order: Literal["fifo", "lifo"] = Field(
        "fifo", description="who is next: the oldest or the newest", examples=["fifo"]
    )
    queue_timeout: Duration | None = Field(
        None, description="longest wait in the queue; none: no limit", examples=["5s"]
    )
    holds_worker: bool = Field(
        default=False,
        description="true: a worker stays taken while it waits for other components",
        examples=[True],
    )
    service: Durations | None = Field(
        None,
        description="work for classes that have no steps under handles",
        examples=[{"exponential": "80ms"}],
    )
    cpu: Cpu = Field(
        default_factory=Cpu,
        description="cores a replica burns",
        examples=[{"idle": 0.05, "per_worker": 0.5}],
    )

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.service is None and not self.handles:
            raise ValueError(
                "nothing says what a call does: write service: 5ms, or handles: {CLASS: [...]}"
            )
        return self

    def own_work(self) -> tuple[spec.Step, ...]:
        return work(self.service) if self.service else ()

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.workers,
            queue_max=self.queue_max,
            order=self.order,
            queue_timeout_ns=self.queue_timeout or 0,
            holds_worker=self.holds_worker,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
        )
