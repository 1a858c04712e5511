"""A relational database: a primary that takes writes, and read replicas that apply them later."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.plant import contents, spec
from simulator.system.topology._model import Model, Positive
from simulator.system.topology.components._base import Component, Cpu, Start
from simulator.system.topology.distribution import Durations
from simulator.units import Duration, Share


class Queries(Model):
    """How long a worker is busy with a query."""

    read: Durations = Field(
        "2ms", validate_default=True, description="one read", examples=[{"exponential": "2ms"}]
    )
    write: Durations = Field(
        "5ms",
        validate_default=True,
        description="one write, while its row is locked",
        examples=[{"exponential": "5ms"}],
    )


class Replication(Model):
    """How writes reach the read replicas."""

    delay: Duration = Field(
        "10ms", validate_default=True, description="from a commit to a replica", examples=["10ms"]
    )
    replay: Duration = Field(
        "0.2ms",
        validate_default=True,
        description="a replica's time to apply one write, one after the other: it falls behind "
        "when more than that is written",
        examples=["0.2ms"],
    )


class Relational(Component):
    """A primary with read replicas: connections, row locks, replication lag and failover."""

    kind_name: ClassVar[str] = "relational"

    kind: Literal["relational"]
    service: Queries = Field(
        default_factory=lambda: Queries.model_validate({}),
        description="how long queries keep a worker busy",
        examples=[{"read": "2ms", "write": "5ms"}],
    )
    workers: Positive = Field(
        16, description="queries a server works on at once; others wait for one", examples=[16]
    )
    # PostgreSQL's max_connections is 100 unless set (runtime-config-connection.html).
    max_connections: Positive = Field(
        100, description="connections open at a server; more are refused", examples=[500]
    )
    lock_timeout: Duration | None = Field(
        None, description="longest wait for a row's lock; none: for ever", examples=["5s"]
    )
    reads_from: Literal["replicas", "primary"] = Field(
        "replicas", description="who answers reads, where there are replicas", examples=["primary"]
    )
    replication: Replication = Field(
        default_factory=lambda: Replication.model_validate({}),
        description="how writes reach the read replicas",
        examples=[{"delay": "10ms", "replay": "0.2ms"}],
    )
    stale_quality: Share = Field(
        "0%",
        validate_default=True,
        description="share of right answers where a read did not see the newest write of its row",
        examples=["50%"],
    )
    # Patroni: a leader's key lives for 30 s unless renewed (ttl), then replicas race for it.
    promotion: Durations = Field(
        {"uniform": ["30s", "60s"]},
        validate_default=True,
        description="from losing the primary to a replica in its place",
        examples=[{"uniform": ["30s", "60s"]}],
    )
    cpu: Cpu = Field(
        default_factory=lambda: Cpu(idle=0.1, per_worker=0.5),
        description="cores a replica burns",
        examples=[{"idle": 0.1, "per_worker": 0.5}],
    )
    start: Start = Field(
        default_factory=lambda: Start.model_validate({"weights_load": "20s", "warm_up": "5s"}),
        description="cold start, part by part: the volume is mounted, the log is replayed",
        examples=[{"weights_load": "20s"}],
    )

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.workers,
            queue_max=1_000_000,  # connections are the bound
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=contents.Relational(
                read=self.service.read,
                write=self.service.write,
                connections_max=self.max_connections,
                lock_timeout_ns=self.lock_timeout or 0,
                ship_ns=self.replication.delay,
                replay_ns=self.replication.replay,
                reads_from=self.reads_from,
                stale_quality=self.stale_quality,
                promotion=self.promotion,
            ),
        )
