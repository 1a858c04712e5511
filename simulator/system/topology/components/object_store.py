"""An object store: documents and model weights, sent whole over a bandwidth that all share."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.plant import contents, spec
from simulator.system.topology._model import Name, Positive
from simulator.system.topology.components._base import Component, Cpu
from simulator.system.topology.distribution import Counts, Durations
from simulator.units import Bytes, Rate

# Amazon S3: 5,500 GET requests a second per prefix, 100-200 ms to the first byte of small objects,
# 85-90 MB/s per connection (optimizing-performance.html of its user guide).
_FIRST_BYTE = {"lognormal": {"50%": "30ms", "99%": "200ms"}}


class ObjectStore(Component):
    """Answers with whole objects: the first byte after a while, the rest as bandwidth allows."""

    kind_name: ClassVar[str] = "object_store"

    kind: Literal["object_store"]
    first_byte: Durations = Field(
        _FIRST_BYTE,
        validate_default=True,
        description="time to the first byte",
        examples=[_FIRST_BYTE],
    )
    size: Counts = Field(
        1_000_000,
        validate_default=True,
        description="bytes of an object",
        examples=[{"quantiles": {"50%": 200000, "99%": 20000000}}],
    )
    sizes: dict[Name, Counts] = Field(
        default_factory=dict,
        description="bytes of the objects that single classes ask for",
        examples=[{"weights": 16000000000}],
    )
    bandwidth: Bytes = Field(
        "1250M",
        validate_default=True,
        description="bytes a second that a replica sends, shared by all streams",
        examples=["1250M"],
        gt=0,
    )
    stream_bandwidth: Bytes = Field(
        "90M",
        validate_default=True,
        description="bytes a second of one stream at most",
        examples=["90M"],
        gt=0,
    )
    prefixes: Positive = Field(
        1, description="prefixes that keys are spread over, by cache_key", examples=[16]
    )
    prefix_requests: Rate | None = Field(
        "5500/s",
        validate_default=True,
        description="requests per prefix; more are told to slow down; none: no limit",
        examples=["5500/s"],
    )
    cpu: Cpu = Field(
        default_factory=lambda: Cpu(idle=0.1, per_worker=0.0),
        description="cores a replica burns",
        examples=[{"idle": 0.1, "per_worker": 0.0}],
    )

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=1_000_000,  # requests wait for bandwidth only
            queue_max=0,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=contents.Objects(
                first_byte=self.first_byte,
                size_bytes=self.size,
                sizes_bytes=tuple(self.sizes.items()),
                bytes_per_second=float(self.bandwidth),
                stream_bytes_per_second=float(self.stream_bandwidth),
                prefixes=self.prefixes,
                prefix_requests_per_second=self.prefix_requests or 0.0,
            ),
        )
