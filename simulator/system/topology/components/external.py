"""A provider outside: its latency is drawn, its quotas refuse with a 429."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Model
from simulator.system.topology.components._base import Component
from simulator.system.topology.distribution import Durations
from simulator.units import Rate, Share

_OURS = ("replicas", "requests", "release", "start", "node_pool")


class Quota(Model):
    """What our account may use; a minute's worth may come at once."""

    requests: Rate | None = Field(None, description="requests; none: no limit", examples=["600/m"])
    tokens: Rate | None = Field(
        None, description="prompt and output tokens; none: no limit", examples=["400k/m"]
    )


class Latency(Model):
    """How fast it answers."""

    ttft: Durations = Field(
        description="time to first token", examples=[{"quantiles": {"50%": "400ms", "99%": "2s"}}]
    )
    tokens: Rate = Field(
        "80/s", validate_default=True, description="tokens after the first", examples=["80/s"]
    )


class External(Component):
    """A provider of answers; we have no pods of it and cannot restart it."""

    kind_name: ClassVar[str] = "external"
    is_outside: ClassVar[bool] = True

    kind: Literal["external"]
    quota: Quota = Field(
        default_factory=Quota,
        description="what our account may use",
        examples=[{"requests": "600/m", "tokens": "400k/m"}],
    )
    latency: Latency = Field(
        description="how fast it answers",
        examples=[{"ttft": {"quantiles": {"50%": "400ms", "99%": "2s"}}, "tokens": "80/s"}],
    )
    quality: Share = Field(
        "100%", validate_default=True, description="share of right answers", examples=["95%"]
    )

    @model_validator(mode="after")
    def _runs_elsewhere(self) -> Self:
        if written := [name for name in _OURS if name in self.model_fields_set]:
            raise ValueError(
                f"a provider runs elsewhere: leave out {', '.join(written)}"
                + (" and write quality: 95%" if "release" in written else "")
            )
        return self

    def pool_spec(self, name: str) -> spec.PoolSpec:
        return spec.PoolSpec(
            name=name, discipline=self.discipline(), replicas=1, quality=self.quality
        )

    def discipline(self) -> spec.Discipline:
        return spec.External(
            ttft=self.latency.ttft,
            tokens_per_second=self.latency.tokens,
            requests_per_minute=(self.quota.requests or 0.0) * 60,
            tokens_per_minute=(self.quota.tokens or 0.0) * 60,
            quality=self.quality,
        )
