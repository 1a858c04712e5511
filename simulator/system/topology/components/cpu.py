"""Processors: threads share a replica's cores, and a CPU limit throttles them all."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Model, Positive
from simulator.system.topology.components._base import Cores
from simulator.system.topology.components._queue import Queueing
from simulator.system.topology.limits import Limits
from simulator.units import Milli

_OF_THE_QUEUE = ("queue_max", "order", "by_priority", "shed_lowest", "queue_timeout")
_UNLIMITED = 1 << 40


class CpuLimits(Limits):
    """What one pod may use at most: of its cores, and of whatever else it may run out of."""

    cpu: Annotated[Milli, Field(ge=10)] | None = Field(
        None,
        description="cores, enforced in periods of 100 ms; none: all of them",
        examples=["1500m"],
    )


class Idle(Model):
    """Cores a replica burns beside its calls."""

    idle: Cores = Field(0.05, description="cores when nothing runs", examples=[0.05])


class Processors(Queueing):
    """A service bound by CPU time: calls at work share its cores evenly, its limit throttles."""

    kind_name: ClassVar[str] = "cpu"

    kind: Literal["cpu"]
    cores: Annotated[float, Field(gt=0.0, le=1024.0)] = Field(
        description="cores a replica can run on at once: its node's", examples=[8]
    )
    limits: CpuLimits | None = Field(
        None,
        description="what a pod may use at most of its cores, and may run out of; none: all, "
        "and nothing",
        examples=[{"cpu": "1500m"}],
    )
    threads_max: Positive | None = Field(
        None,
        description="calls with a thread of their own, the others wait in the queue; none: no "
        "limit, and no queue",
        examples=[200],
    )
    holds_thread: bool = Field(
        default=True,
        description="true: a thread stays taken while it waits for other components",
        examples=[False],
    )
    contention: Annotated[float, Field(ge=0.0, le=1.0)] = Field(
        0.0,
        description="share of work that runs one at a time (Universal Scalability Law, alpha)",
        examples=[0.03],
    )
    coherency: Annotated[float, Field(ge=0.0, le=1.0)] = Field(
        0.0,
        description="cost of each pair of calls at work agreeing (the law's beta)",
        examples=[0.0005],
    )
    cpu: Idle = Field(
        default_factory=Idle,
        description="cores a replica burns beside its calls",
        examples=[{"idle": 0.05}],
    )

    @model_validator(mode="after")
    def _has_a_queue_to_speak_of(self) -> Self:
        written = [name for name in _OF_THE_QUEUE if name in self.model_fields_set]
        if self.threads_max is None and written:
            raise ValueError(
                f"without threads_max nobody waits: write threads_max: 200, "
                f"or leave out {', '.join(written)}"
            )
        return self

    @model_validator(mode="after")
    def _requests_no_more_than_its_limit(self) -> Self:
        asked, limit = self.requests.cpu, self._cpu_limit
        if limit is not None and asked is not None and asked > limit:
            raise ValueError(
                f"requests.cpu is {asked}m, above the limit of {limit}m: "
                "Kubernetes refuses such a pod"
            )
        return self

    @property
    def features(self) -> tuple[str, ...]:
        return ("cpu_limit",) if self.limits else ()

    @property
    def _cpu_limit(self) -> int | None:
        return self.limits.cpu if self.limits is not None else None

    def discipline(self) -> spec.Discipline:
        return spec.Cpu(
            cores=self.cores,
            limit_cores=(self._cpu_limit or 0) / 1000,
            threads_max=self.threads_max or _UNLIMITED,
            holds_thread=self.holds_thread,
            queue_max=self.queue_max,
            order=self.order,
            by_priority=self.by_priority,
            sheds_lowest=self.shed_lowest,
            queue_timeout_ns=self.queue_timeout or 0,
            contention=self.contention,
            coherency=self.coherency,
            cpu_idle_cores=self.cpu.idle,
        )
