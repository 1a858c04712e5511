"""A cache asked by meaning: hits and wrong hits follow from a similarity threshold and content."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from simulator.plant import spec
from simulator.system.topology._model import Count, Model, Positive
from simulator.system.topology.components._base import Component, Cpu, work
from simulator.system.topology.distribution import Durations
from simulator.units import Duration

Similarity = Annotated[float, Field(ge=-1.0, le=1.0)]
"""A cosine similarity."""


class Likeness(Model):
    """Similarities of pairs of texts: normally distributed, cut at 1."""

    mean: Similarity = Field(description="of all such pairs", examples=[0.925])
    deviation: Annotated[float, Field(ge=0.0, le=1.0)] = Field(
        description="their standard deviation", examples=[0.035]
    )

    def likeness(self) -> spec.Likeness:
        """Say it in the plant's terms."""
        return spec.Likeness(self.mean, self.deviation)


class SemanticCache(Component):
    """Answers with what was said to the most similar question, where that is similar enough.

    A request's question is its class's `cache_key`; whoever calls it embeds the request before.
    """

    kind_name: ClassVar[str] = "semantic_cache"

    kind: Literal["semantic_cache"]
    keys_max: Positive = Field(description="answers a replica holds", examples=[20000])
    similarity_min: Similarity = Field(
        0.93, description="how similar a question must be to be answered", examples=[0.93]
    )
    topics: Positive = Field(
        1000,
        description="how many topics the questions fall into; questions of one topic can be "
        "mistaken for each other",
        examples=[1000],
    )
    same: Likeness = Field(
        default_factory=lambda: Likeness(mean=0.925, deviation=0.035),
        description="two wordings of one question",
        examples=[{"mean": 0.925, "deviation": 0.035}],
    )
    others: Likeness = Field(
        default_factory=lambda: Likeness(mean=0.78, deviation=0.05),
        description="two questions of one topic",
        examples=[{"mean": 0.78, "deviation": 0.05}],
    )
    versions: Likeness = Field(
        default_factory=lambda: Likeness(mean=0.0, deviation=0.05),
        description="two texts that different embedding models embedded: hits vanish where this "
        "is far below the threshold, and become random where it is not",
        examples=[{"mean": 0.75, "deviation": 0.05}],
    )
    ttl: Duration | None = Field(
        None, description="how long an answer is good; none: for ever", examples=["1h"]
    )
    evicts: spec.Evicts = Field(
        "lru", description="which answer goes for another when it is full", examples=["lfu"]
    )
    changes_every: Duration | None = Field(
        None,
        description="mean time until what an answer says is no longer so; none: never",
        examples=["6h"],
    )
    service: Durations = Field(
        {"lognormal": {"50%": "4ms", "99%": "9ms"}},
        validate_default=True,
        description="time of one search",
        examples=["4ms"],
    )
    workers: Positive = Field(8, description="searches a replica does at once", examples=[8])
    queue_max: Count = Field(
        1024, description="calls that may wait at a replica; more are refused", examples=[1024]
    )
    cpu: Cpu = Field(
        default_factory=lambda: Cpu(idle=0.05, per_worker=1.0),
        description="cores a replica burns",
        examples=[{"idle": 0.05, "per_worker": 1.0}],
    )

    def own_work(self) -> tuple[spec.Step, ...]:
        return work(self.service)

    def discipline(self) -> spec.Discipline:
        meaning = spec.Meaning(
            self.topics,
            self.similarity_min,
            self.same.likeness(),
            self.others.likeness(),
            self.versions.likeness(),
        )
        return spec.Workers(
            workers=self.workers,
            queue_max=self.queue_max,
            cpu_idle_cores=self.cpu.idle,
            cpu_per_worker_cores=self.cpu.per_worker,
            content=spec.Cache(
                self.keys_max,
                self.ttl or 0,
                evicts=self.evicts,
                changes_every_ns=self.changes_every or 0,
                meaning=meaning,
            ),
        )
