"""Servers behind one queue per replica: gateways, services, databases."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.plant import spec
from simulator.system.topology._model import Positive
from simulator.system.topology.components._base import Cpu
from simulator.system.topology.components._queue import Queueing
from simulator.system.topology.components._shedding import Shedding


class Workers(Queueing):
    """A service whose replicas have a fixed number of workers and a bounded queue."""

    kind_name: ClassVar[str] = "workers"

    kind: Literal["workers"]
    workers: Positive = Field(description="calls a replica works on at once", examples=[64])
    shedding: Shedding | None = Field(
        None,
        description="refuse requests of low priority first when there is much to do",
        examples=[{"levels": [{"priority": 0, "load": 0.8}]}],
    )
    holds_worker: bool = Field(
        default=False,
        description="true: a worker stays taken while it waits for other components",
        examples=[True],
    )
    cpu: Cpu = Field(
        default_factory=Cpu,
        description="cores a replica burns",
        examples=[{"idle": 0.05, "per_worker": 0.5}],
    )

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.workers,
            queue_max=self.queue_max,
            order=self.order,
            by_priority=self.by_priority,
            sheds_lowest=self.shed_lowest,
            queue_timeout_ns=self.queue_timeout or 0,
            holds_worker=self.holds_worker,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            shedding=self.shedding.shedding_spec() if self.shedding else None,
        )
