"""A provider outside: its latency is drawn, its quotas refuse with a 429, its room with a 529."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.plant.provider_spec import Terms
from simulator.system.topology._model import Positive
from simulator.system.topology.components._base import Component
from simulator.system.topology.provider_terms import Bill, Capacity, Latency, Quota
from simulator.units import SECOND, Share

_OURS = ("replicas", "requests", "release", "start", "node_pool", "limits")


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
    max_tokens: Positive | None = Field(
        None, description="asked for by every call: longer answers end there", examples=[1024]
    )
    capacity: Capacity | None = Field(
        None,
        description="what it can do for all its customers; none: no bound",
        examples=[{"streams": 2000, "others": 0.7}],
    )
    bill: Bill | None = Field(
        None,
        description="what it costs; none: nobody counts",
        examples=[{"price": {"input": 2.5, "output": 10.0}, "budget": 500.0}],
    )
    cut_share: Share = Field(
        "0%",
        validate_default=True,
        description="share of answers that end midway: counted as answered, no use to anyone",
        examples=["0.2%"],
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
        return spec.PoolSpec(name=name, discipline=self.discipline(), replicas=1)

    def discipline(self) -> spec.Discipline:
        return spec.External(
            ttft=self.latency.ttft,
            tokens_per_second=self.latency.tokens,
            requests_per_minute=(self.quota.requests or 0.0) * 60,
            tokens_per_minute=(self.quota.tokens or 0.0) * 60,
            quality=self.quality,
            terms=self._terms(),
        )

    def _terms(self) -> Terms:
        quota, latency, capacity, bill = self.quota, self.latency, self.capacity, self.bill
        return Terms(
            input_tokens_per_minute=(quota.input_tokens or 0.0) * 60,
            output_tokens_per_minute=(quota.output_tokens or 0.0) * 60,
            counts_at_end=quota.counts == "at_end",
            max_tokens=self.max_tokens or 0,
            burst_s=quota.burst / SECOND,
            counts_refused=quota.refused_too,
            price_input=bill.price.input if bill else 0.0,
            price_output=bill.price.output if bill else 0.0,
            budget=(bill.budget or 0.0) if bill else 0.0,
            slower_at=latency.by_hour or (),
            streams_max=capacity.streams if capacity else 0,
            others=capacity.others if capacity else 0.0,
            others_at=(capacity.by_hour or ()) if capacity else (),
            swing=capacity.swing if capacity else 0.0,
            swing_ns=capacity.swings_in if capacity else 30 * SECOND,
            slower_when_full=capacity.slower_when_full if capacity else 1.0,
            cut_share=self.cut_share,
        )
