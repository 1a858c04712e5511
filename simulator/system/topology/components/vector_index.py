"""A vector database: latency and recall follow from ef, size, and how the index stands."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Count, Model, Positive
from simulator.system.topology.components._base import Component, Cpu, Start
from simulator.system.topology.exporters import MILVUS_S, QDRANT_S, ExporterBounds
from simulator.units import Bytes, Duration, Rate, Share

Places = Annotated[int, Field(strict=True, ge=1, le=64)]
"""A number of shards or copies."""


class Writes(Model):
    """What changes an index while it is searched."""

    inserts: Rate = Field(
        "0/s", validate_default=True, description="vectors that come", examples=["200/s"]
    )
    deletes: Rate = Field(
        "0/s",
        validate_default=True,
        description="vectors that go; what is left of them takes its share of ef until the vacuum",
        examples=["50/s"],
    )
    unindexed: Count = Field(
        0, description="of the vectors, how many are not indexed yet at the start", examples=[5000]
    )


class Optimizer(Model):
    """What indexes new vectors and writes segments anew, beside the searches."""

    speed: Rate = Field(
        "1000/s",
        validate_default=True,
        description="vectors it writes; 0/s: it stands still",
        examples=["1000/s"],
    )
    begins_at: Positive | None = Field(
        None,
        description="unindexed vectors at which it begins; none: 10,000 kB of them, as Qdrant does",
        examples=[2000],
    )
    vacuum_above: Share = Field(
        "20%",
        validate_default=True,
        description="share of deleted vectors at which it drops them; 0%: never",
        examples=["20%"],
    )
    cores: Positive = Field(2, description="cores it takes while it runs", examples=[2])


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
    memory: Bytes | None = Field(
        None,
        description="of a replica, for vectors: what does not fit (dimensions x 6 bytes each) is "
        "read from disk; none: as much as they need",
        examples=["8Gi"],
    )
    disk_read: Duration = Field(
        "0.1ms", validate_default=True, description="time to read a page", examples=["0.1ms"]
    )
    writes: Writes = Field(
        default_factory=Writes,
        description="what changes it while it is searched",
        examples=[{"inserts": "200/s"}],
    )
    optimizer: Optimizer = Field(
        default_factory=Optimizer,
        description="what indexes new vectors and drops deleted ones",
        examples=[{"speed": "1000/s"}],
    )
    shards: Places = Field(
        1, description="parts of the index, all searched for each request", examples=[3]
    )
    copies: Places = Field(
        1, description="replicas that hold each shard; one shard alone is on all", examples=[1]
    )
    partial: Literal["allow", "fail"] = Field(
        "allow",
        description="what a search answers that finds a shard on no replica: what the others "
        "found, or an error",
        examples=["fail"],
    )
    queue_max: Count = Field(
        1024, description="calls that may wait at a replica; more are refused", examples=[512]
    )
    exporter: Literal["qdrant", "milvus"] = Field(
        "qdrant", description="whose metrics it shows", examples=["milvus"]
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

    @model_validator(mode="after")
    def _has_places_for_copies(self) -> Self:
        if self.copies > 1 and self.shards == 1:
            raise ValueError("copies are of shards; one shard alone is on every replica")
        if self.copies > max(self.replicas, 1):
            raise ValueError(
                f"{self.copies} copies need as many replicas; there are {self.replicas}"
            )
        if self.writes.unindexed > self.vectors:
            raise ValueError(f"unindexed are more than all {self.vectors} vectors")
        return self

    @property
    def shown_as(self) -> str:
        return self.kind if self.exporter == "qdrant" else self.exporter

    def bounds(self) -> ExporterBounds:
        return ExporterBounds(QDRANT_S if self.exporter == "qdrant" else MILVUS_S)

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.cores,
            queue_max=self.queue_max,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=spec.VectorIndex(
                self.vectors,
                self.dimensions,
                self.ef,
                memory_bytes=self.memory or 0,
                disk_read_ns=self.disk_read,
                inserts_per_s=self.writes.inserts,
                deletes_per_s=self.writes.deletes,
                unindexed=self.writes.unindexed,
                indexes_per_s=self.optimizer.speed,
                indexes_from=self.optimizer.begins_at or 0,
                vacuum_above=self.optimizer.vacuum_above,
                optimizer_cores=self.optimizer.cores,
                shards=self.shards,
                copies=self.copies,
                partial=self.partial,
            ),
        )
