"""A cache of real keys: hits, misses, evictions and stampedes follow from what is asked."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Count, Positive
from simulator.system.topology.components._base import Component, Cpu, work
from simulator.system.topology.distribution import Durations
from simulator.units import Duration, Share


class Cache(Component):
    """Keeps values by key; a call that misses is answered, and the caller's `on_miss` fills it."""

    kind_name: ClassVar[str] = "cache"

    kind: Literal["cache"]
    keys_max: Positive = Field(description="keys a replica holds", examples=[20000])
    ttl: Duration | None = Field(
        None, description="how long a key is good; none: for ever", examples=["10m"]
    )
    ttl_jitter: Share = Field(
        "0%",
        validate_default=True,
        description="each fill's own ttl is drawn from ttl plus or minus this share of it",
        examples=["10%"],
    )
    evicts: spec.Evicts = Field(
        "lru",
        description="which key goes for another when it is full: the least recently used, Redis's "
        "approximations of that and of the least frequently used, any; none: the new one is not "
        "stored",
        examples=["lfu"],
    )
    samples: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        5, description="keys that sampled_lru and lfu look at for each that goes", examples=[10]
    )
    single_flight: bool = Field(
        default=False,
        description="true: misses of a key wait while the first one fetches it",
        examples=[True],
    )
    stale_for: Duration | None = Field(
        None,
        description="how long after its ttl a value is served still, while its reader fetches it "
        "anew in the background; none: not at all",
        examples=["1m"],
    )
    early_refresh: Annotated[float, Field(ge=0.0, le=100.0)] = Field(
        0.0,
        description="beta of XFetch: readers fetch a value anew before it expires, the sooner the "
        "longer its fetch takes; 1 is usual, 0: never",
        examples=[1.0],
    )
    negative_ttl: Duration | None = Field(
        None,
        description="how long a failed fetch is remembered, its readers failing at once; none: "
        "not at all",
        examples=["5s"],
    )
    changes_every: Duration | None = Field(
        None,
        description="mean time until what a value says is no longer so, and answers from it are "
        "wrong; none: never",
        examples=["6h"],
    )
    service: Durations = Field(
        "0.4ms", validate_default=True, description="time of one lookup", examples=["0.4ms"]
    )
    # 32 lookups of 0.4 ms at once are 80,000 a second: one core of Redis, without pipelining.
    workers: Positive = Field(32, description="lookups a replica does at once", examples=[32])
    queue_max: Count = Field(
        4096, description="calls that may wait at a replica; more are refused", examples=[4096]
    )
    cpu: Cpu = Field(
        default_factory=lambda: Cpu(idle=0.02, per_worker=0.03),
        description="cores a replica burns",
        examples=[{"idle": 0.02, "per_worker": 0.03}],
    )

    @model_validator(mode="after")
    def _has_a_ttl_to_go_by(self) -> Self:
        needs = [
            name
            for name in ("ttl_jitter", "stale_for", "early_refresh")
            if getattr(self, name) and not self.ttl
        ]
        if needs:
            raise ValueError(f"{needs[0]} needs a ttl; without one values are good for ever")
        return self

    def own_work(self) -> tuple[spec.Step, ...]:
        return work(self.service)

    def discipline(self) -> spec.Discipline:
        return spec.Workers(
            workers=self.workers,
            queue_max=self.queue_max,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=spec.Cache(
                self.keys_max,
                self.ttl or 0,
                self.single_flight,
                evicts=self.evicts,
                samples=self.samples,
                ttl_jitter=self.ttl_jitter,
                stale_ns=self.stale_for or 0,
                negative_ttl_ns=self.negative_ttl or 0,
                early_refresh=self.early_refresh,
                changes_every_ns=self.changes_every or 0,
            ),
        )
