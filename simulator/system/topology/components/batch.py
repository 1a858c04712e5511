"""A server that gathers calls and serves them together: embedders, rerankers, guardrails."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.plant import spec
from simulator.system.topology._model import Count, Model, Positive
from simulator.system.topology.components._base import Component, Cores
from simulator.units import Duration


class BatchService(Model):
    """Time of one batch."""

    base: Duration = Field(description="whatever its size", examples=["6ms"])
    per_item: Duration = Field(
        "0", validate_default=True, description="more for each call in it", examples=["0.4ms"]
    )


class BatchCpu(Model):
    """Cores a replica burns."""

    idle: Cores = Field(0.05, description="cores when nothing runs", examples=[0.05])
    busy: Cores = Field(1.0, description="cores more while a batch runs", examples=[1.0])


class Batch(Component):
    """Serves up to `batch_max` calls together, after waiting at most `window` for them."""

    kind_name: ClassVar[str] = "batch"

    kind: Literal["batch"]
    batch_max: Positive = Field(description="calls in one batch", examples=[32])
    window: Duration = Field(
        "5ms",
        validate_default=True,
        description="longest wait of the first call for company",
        examples=["5ms"],
    )
    service: BatchService = Field(
        description="time of one batch", examples=[{"base": "6ms", "per_item": "0.4ms"}]
    )
    queue_max: Count = Field(
        4096, description="calls that may wait at a replica; more are refused", examples=[4096]
    )
    cpu: BatchCpu = Field(
        default_factory=BatchCpu,
        description="cores a replica burns",
        examples=[{"idle": 0.05, "busy": 1.0}],
    )

    def discipline(self) -> spec.Discipline:
        return spec.Batch(
            batch_max=self.batch_max,
            window_ns=self.window,
            base_ns=self.service.base,
            per_item_ns=self.service.per_item,
            queue_max=self.queue_max,
            cpu_idle_cores=self.cpu.idle,
            cpu_busy_cores=self.cpu.busy,
        )
