"""A vector database: latency and recall follow from ef, size and dimensions."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.plant import spec
from simulator.system.topology._model import Count, Positive
from simulator.system.topology.components._base import Component, Cpu, Start


class VectorIndex(Component):
    """An HNSW index; a search keeps one core busy, and what it does not recall lowers quality."""

    kind_name: ClassVar[str] = "vector_index"

    kind: Literal["vector_index"]
    vectors: Positive = Field(description="how many vectors it holds", examples=[1000000])
    dimensions: Positive = Field(description="length of a vector", examples=[1536])
    ef: Positive = Field(
        80, description="candidates a search keeps: more recall, more time", examples=[80]
    )
    cores: Positive = Field(8, description="searches a replica does at once", examples=[8])
    queue_max: Count = Field(
        1024, description="calls that may wait at a replica; more are refused", examples=[512]
    )
    cpu: Cpu = Field(
        default_factory=lambda: Cpu(idle=0.1, per_worker=1.0),
        description="cores a replica burns",
        examples=[{"idle": 0.1, "per_worker": 1.0}],
    )
    start: Start = Field(
        default_factory=lambda: Start.model_validate({"weights_load": "30s", "warm_up": "15s"}),
        description="cold start, part by part: the index is read into memory",
        examples=[{"weights_load": "30s"}],
    )

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.cores,
            queue_max=self.queue_max,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=spec.VectorIndex(self.vectors, self.dimensions, self.ef),
        )
