"""A message queue: senders go on at once, and a consumer's handler runs for every message."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.plant import contents, spec
from simulator.system.topology._model import Count, Name, Positive
from simulator.system.topology.components._base import Component, Cpu, work
from simulator.system.topology.distribution import Durations
from simulator.units import Duration, Share


class Queue(Component):
    """Holds messages until a consumer is done with them; redelivers, and buries what never is."""

    kind_name: ClassVar[str] = "queue"

    kind: Literal["queue"]
    consumer: Name | None = Field(
        None,
        description="the component whose handler runs for each message; none: nobody reads it",
        examples=["indexer"],
    )
    prefetch: Positive = Field(
        10, description="messages a replica of the consumer holds at once", examples=[10]
    )
    # Amazon SQS: 30 s unless set (sqs-visibility-timeout.html).
    visibility_timeout: Duration = Field(
        "30s",
        validate_default=True,
        description="a message not done after this is handed out again, whoever works on it",
        examples=["30s"],
        gt=0,
    )
    max_receives: Count = Field(
        3,
        description="times a message is handed out before it is a dead letter; 0: for ever",
        examples=[3],
    )
    retry_after: Duration | None = Field(
        None,
        description="what failed is handed out again after this; none: after its timeout",
        examples=["1s"],
        gt=0,
    )
    max_depth: Positive = Field(
        100_000,
        description="messages waiting or being worked on; more are rejected",
        examples=[10000],
        le=10_000_000,
    )
    rebalance: Duration = Field(
        "0",
        validate_default=True,
        description="nothing is handed out for so long when consumers come or go",
        examples=["5s"],
    )
    poison: Share = Field(
        "0%",
        validate_default=True,
        description="share of messages that fail whoever handles them",
        examples=["1%"],
    )
    service: Durations = Field(
        "1ms", validate_default=True, description="accepting one message", examples=["1ms"]
    )
    workers: Positive = Field(
        32, description="messages a broker accepts at the same time", examples=[32]
    )
    cpu: Cpu = Field(
        default_factory=lambda: Cpu(idle=0.05, per_worker=0.2),
        description="cores a replica burns",
        examples=[{"idle": 0.05, "per_worker": 0.2}],
    )

    def own_work(self) -> tuple[spec.Step, ...]:
        return work(self.service)

    def hands_to(self) -> tuple[str, ...]:
        return (self.consumer,) if self.consumer else ()

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.workers,
            queue_max=100_000,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=contents.Queue(
                consumer=self.consumer or "",
                depth_max=self.max_depth,
                visible_ns=self.visibility_timeout,
                receives_max=self.max_receives,
                prefetch=self.prefetch,
                retry_ns=self.retry_after or 0,
                rebalance_ns=self.rebalance,
                poison_share=self.poison,
            ),
        )
