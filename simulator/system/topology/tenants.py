"""Whose requests a class's are: `tenants: {count: 200, zipf: 1.1, quota: {requests: 60/m}}`."""

from typing import Annotated

from pydantic import Field

from simulator.plant import client_spec as spec
from simulator.system.topology._model import Model, Positive
from simulator.units import Rate

_MINUTE_S = 60.0


class TenantQuota(Model):
    """What each tenant may ask for at the door; beyond it there are 429s."""

    requests: Rate | None = Field(
        None, description="requests; a minute's worth may come at once; none: no limit",
        examples=["60/m"],
    )  # fmt: skip
    tokens: Rate | None = Field(
        None,
        description="tokens of prompts and answers, taken up front; a minute's worth may come at "
        "once; none: no limit",
        examples=["40k/m"],
    )
    concurrency: Positive | None = Field(
        None, description="requests in flight; none: no limit", examples=[8]
    )


class Tenants(Model):
    """Customers of very different size who share one system."""

    count: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(
        description="how many there are", examples=[200]
    )
    zipf: Annotated[float, Field(ge=0.0, le=5.0)] = Field(
        0.0,
        description="how unequal they are: the k-th largest weighs k to the power of minus this",
        examples=[1.1],
    )
    quota: TenantQuota = Field(
        default_factory=TenantQuota,
        description="what each of them may ask for",
        examples=[{"requests": "60/m", "tokens": "40k/m", "concurrency": 8}],
    )
    shown: Annotated[int, Field(strict=True, ge=0, le=50)] = Field(
        5, description="how many of the largest have series of their own", examples=[10]
    )

    def plant_tenants(self) -> spec.Tenants:
        """Say this in the plant's terms."""
        return spec.Tenants(
            count=self.count,
            zipf=self.zipf,
            requests_per_minute=(self.quota.requests or 0.0) * _MINUTE_S,
            tokens_per_minute=(self.quota.tokens or 0.0) * _MINUTE_S,
            concurrency_max=self.quota.concurrency or 0,
            shown=min(self.shown, self.count),
        )
