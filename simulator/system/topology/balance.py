"""How a caller spreads calls: `balance: least_request`, or `balance: {policy: ..., ...}`."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from simulator.system.topology._model import Model, Name
from simulator.units import Duration, Share

Policy = Literal[
    "round_robin", "least_request", "least_loaded", "random", "consistent_hash", "prefix_aware"
]
_COMPARING = ("least_request", "least_loaded")
_HASHING = ("consistent_hash", "prefix_aware")
Times = Annotated[float, Field(ge=1.0, le=1000.0)]
"""A multiple of a fair share."""


class Balance(Model):
    """A policy with what it knows and how far it goes."""

    policy: Policy = Field(
        "round_robin",
        description=(
            "least_request compares two drawn at random, least_loaded all; consistent_hash keeps "
            "what asks for the same (prompt, cache key) at the same replica, prefix_aware too, up "
            "to its load_bound, and goes to the least loaded from there"
        ),
        examples=["least_loaded"],
    )
    refresh: Duration | None = Field(
        None,
        description="how old the loads are that it compares, as scraped metrics are; none: exact",
        examples=["5s"],
    )
    load_bound: Times | None = Field(
        None,
        description="hashing goes elsewhere above this multiple of a replica's share of calls",
        examples=[1.25],
    )
    same_zone_until: Times | None = Field(
        None,
        description="stay in the caller's zone up to this multiple of its share; none: any zone",
        examples=[1.5],
    )

    @model_validator(mode="after")
    def _says_nothing_in_vain(self) -> Self:
        if self.refresh is not None and self.policy not in _COMPARING:
            raise ValueError(f"{self.policy} compares no loads; leave refresh out")
        if self.refresh == 0:
            raise ValueError("refresh 0 is no age; leave it out for exact loads")
        if self.load_bound is not None and self.policy not in _HASHING:
            raise ValueError(f"{self.policy} has no load_bound; only {' and '.join(_HASHING)} do")
        if self.same_zone_until is not None and self.policy in _HASHING:
            raise ValueError(f"{self.policy} looks at no zones; leave same_zone_until out")
        if self.policy == "prefix_aware" and self.load_bound is None:
            return self.model_copy(update={"load_bound": PREFIX_BOUND})
        return self


PREFIX_BOUND = 1.25
"""A prefix-aware balancer's bound where none is written."""


def _spelt_out(value: object) -> object:
    return {"policy": value} if isinstance(value, str) else value


BalanceOrPolicy = Annotated[
    Balance, BeforeValidator(_spelt_out, json_schema_input_type=Policy | Balance)
]
"""A balance with options, or its policy's name alone."""


class Split(Model):
    """Sends a share of calls to another component, as a canary gets."""

    to: Name = Field(description="component that takes them", examples=["llm-canary"])
    share: Share = Field(description="share of calls", examples=["5%"])
