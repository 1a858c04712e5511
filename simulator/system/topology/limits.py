"""What one replica uses and may use: `limits: {memory: {max: 2Gi, base: 400Mi, per_call: 1Mi}}`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import limits_spec as spec
from simulator.system.topology._model import Count, Model, Positive
from simulator.units import Bytes

Files = Annotated[float, Field(ge=0.0, le=1e9)]
"""A number of files, in parts where it is a rate."""


class Growth(Model):
    """What grows for good: until the process ends or, on a disk, until the pod is gone."""

    per_call: Bytes = Field(
        0, validate_default=True, description="left behind by each call", examples=["4Ki"]
    )
    per_second: Bytes = Field(
        0, validate_default=True, description="whatever it does", examples=["64Ki"]
    )


class Memory(Model):
    """Memory of a replica's process."""

    max: Bytes | None = Field(
        None,
        description="limit of the container: above it the process is killed (OOMKilled) and "
        "started again with back-off; none: no limit",
        examples=["2Gi"],
    )
    base: Bytes = Field(
        0, validate_default=True, description="of an idle process", examples=["400Mi"]
    )
    per_call: Bytes = Field(
        0, validate_default=True, description="more for each call inside", examples=["1Mi"]
    )
    grows: Growth = Field(
        default_factory=Growth, description="a leak", examples=[{"per_call": "4Ki"}]
    )

    @model_validator(mode="after")
    def _can_start(self) -> Self:
        if self.max is not None and self.base >= self.max:
            raise ValueError("base is no less than max, so no process would ever start")
        return self


class GpuMemory(Memory):
    """Memory of a replica's GPUs: weights, KV cache, and what fragments."""

    base: Bytes = Field(
        0, validate_default=True, description="weights and KV cache", examples=["72Gi"]
    )
    when_full: Literal["crash", "fail"] = Field(
        "crash",
        description="CUDA out of memory: crash: the process dies; fail: calls get a 500",
        examples=["fail"],
    )


class Disk(Model):
    """A replica's volume: logs, uploads, temporary files. It outlives the process, not the pod."""

    max: Bytes = Field(description="size of the volume", examples=["20Gi"])
    base: Bytes = Field(0, validate_default=True, description="used at first", examples=["2Gi"])
    grows: Growth = Field(
        default_factory=Growth,
        description="what is written and never deleted",
        examples=[{"per_call": "16Ki"}],
    )
    when_full: Literal["crash", "fail"] = Field(
        "fail",
        description="fail: calls get a 500, for they must write; crash: the process dies",
        examples=["crash"],
    )

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.base >= self.max:
            raise ValueError("base is no less than max, so the volume is full from the start")
        return self


class FileGrowth(Model):
    """Files that are opened and never closed."""

    per_call: Files = Field(0.0, description="by each call", examples=[0.01])
    per_second: Files = Field(0.0, description="whatever it does", examples=[0.5])


class FileDescriptors(Model):
    """Open files and sockets of a replica's process; without one left it accepts nobody."""

    max: Positive = Field(description="RLIMIT_NOFILE", examples=[1024])
    base: Count = Field(40, description="of an idle process", examples=[40])
    per_call: Count = Field(
        2, description="for each call inside: its connection, and one onward", examples=[2]
    )
    grows: FileGrowth = Field(
        default_factory=FileGrowth, description="a leak", examples=[{"per_call": 0.01}]
    )


class Threads(Model):
    """Threads of a replica's process, as its metrics count them."""

    base: Count = Field(8, description="of an idle process", examples=[8])
    per_call: Count = Field(1, description="more for each call inside", examples=[1])


class Limits(Model):
    """What one replica may run out of."""

    memory: Memory | None = Field(
        None,
        description="memory; over the limit the process is killed",
        examples=[{"max": "2Gi", "base": "400Mi", "per_call": "1Mi"}],
    )
    fds: FileDescriptors | None = Field(
        None,
        description="file descriptors; without one left connections are refused",
        examples=[{"max": 1024}],
    )
    disk: Disk | None = Field(
        None,
        description="a volume; when it is full writes fail",
        examples=[{"max": "20Gi", "base": "2Gi", "grows": {"per_call": "16Ki"}}],
    )
    gpu_memory: GpuMemory | None = Field(
        None,
        description="memory of its GPUs; what does not fit ends the process",
        examples=[{"max": "80Gi", "base": "74Gi"}],
    )
    connections: Positive | None = Field(
        None, description="calls inside at once; more are refused; none: any", examples=[512]
    )
    threads: Threads | None = Field(
        None, description="threads; only counted", examples=[{"base": 8, "per_call": 1}]
    )

    def limits_spec(self) -> spec.Limits:
        """Say these limits in the plant's terms."""
        return spec.Limits(
            memory=_memory(self.memory, crashes=True),
            fds=_files(self.fds),
            disk=_disk(self.disk),
            gpu_memory=_memory(
                self.gpu_memory,
                crashes=self.gpu_memory is not None and self.gpu_memory.when_full == "crash",
            ),
            connections_max=self.connections or 0,
            threads_base=self.threads.base if self.threads else 0,
            threads_per_call=self.threads.per_call if self.threads else 0,
        )


def _memory(memory: Memory | None, *, crashes: bool) -> spec.Use:
    if memory is None:
        return spec.Use()
    return spec.Use(
        most=memory.max or 0,
        base=memory.base,
        per_call=memory.per_call,
        leak_per_call=memory.grows.per_call,
        leak_per_second=memory.grows.per_second,
        crashes=crashes,
    )


def _files(files: FileDescriptors | None) -> spec.Use:
    if files is None:
        return spec.Use()
    return spec.Use(
        most=files.max,
        base=files.base,
        per_call=files.per_call,
        leak_per_call=files.grows.per_call,
        leak_per_second=files.grows.per_second,
    )


def _disk(disk: Disk | None) -> spec.Use:
    if disk is None:
        return spec.Use()
    return spec.Use(
        most=disk.max,
        base=disk.base,
        leak_per_call=disk.grows.per_call,
        leak_per_second=disk.grows.per_second,
        crashes=disk.when_full == "crash",
    )
