"""What a provider outside allows, charges and is short of, as a scenario says it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.system.topology._model import Model, Positive
from simulator.system.topology.by_hour import ByHour
from simulator.system.topology.distribution import Durations
from simulator.units import Duration, Rate, Share

Factor = Annotated[float, Field(ge=1.0, le=100.0)]
"""How many times longer."""
Money = Annotated[float, Field(ge=0.0)]
"""An amount of money."""


class Quota(Model):
    """What our account may use."""

    requests: Rate | None = Field(None, description="requests; none: no limit", examples=["600/m"])
    tokens: Rate | None = Field(
        None, description="prompt and output tokens; none: no limit", examples=["400k/m"]
    )
    input_tokens: Rate | None = Field(
        None, description="prompt tokens by themselves; none: no limit", examples=["300k/m"]
    )
    output_tokens: Rate | None = Field(
        None, description="output tokens by themselves; none: no limit", examples=["80k/m"]
    )
    burst: Duration = Field(
        "1m",
        validate_default=True,
        description="how much of each may come at once, as time: a minute's worth",
        examples=["1m"],
        gt=0,
    )
    counts: Literal["up_front", "at_end"] = Field(
        "up_front",
        description="up_front: output as asked for (max_tokens), as OpenAI does; at_end: as "
        "written, when it is written, as Anthropic does",
        examples=["at_end"],
    )
    refused_too: bool = Field(
        default=False,
        description="true: a refused request takes one of the requests as well, as OpenAI warns: "
        "who keeps knocking is not let in",
        examples=[True],
    )


class Latency(Model):
    """How fast it answers."""

    ttft: Durations = Field(
        description="time to first token", examples=[{"quantiles": {"50%": "400ms", "99%": "2s"}}]
    )
    tokens: Rate = Field(
        "80/s", validate_default=True, description="tokens after the first", examples=["80/s"]
    )
    by_hour: ByHour | None = Field(
        None,
        description="factors of all times by hour of the day (UTC), straight lines between",
        examples=[{3: 0.8, 15: 1.6}],
    )


class Capacity(Model):
    """What it can do for all its customers together; beyond that it answers 529."""

    streams: Positive = Field(description="answers it writes at once", examples=[2000])
    others: Annotated[float, Field(ge=0.0, le=100.0)] = Field(
        description="what other customers want of them, on average; 1 is all", examples=[0.7]
    )
    by_hour: ByHour | None = Field(
        None,
        description="factors of what others want by hour of the day (UTC)",
        examples=[{3: 0.6, 15: 1.2}],
    )
    swing: Share = Field(
        "5%",
        validate_default=True,
        description="how much that swings: standard deviation over mean",
        examples=["5%"],
    )
    swings_in: Duration = Field(
        "30s",
        validate_default=True,
        description="how soon it is another",
        examples=["30s"],
        gt=0,
    )
    slower_when_full: Factor = Field(
        1.0, description="how many times slower it is when every stream is taken", examples=[1.5]
    )


class Price(Model):
    """What tokens cost, in money per million."""

    input: Money = Field(description="prompt tokens", examples=[2.5])
    output: Money = Field(description="output tokens", examples=[10.0])


class Bill(Model):
    """What we pay, and until when."""

    price: Price = Field(
        description="of a million tokens", examples=[{"input": 2.5, "output": 10.0}]
    )
    budget: Annotated[float, Field(gt=0.0)] | None = Field(
        None,
        description="money left; once spent, every call is refused (insufficient_quota) for good; "
        "none: no end",
        examples=[500.0],
    )

    @model_validator(mode="after")
    def _can_be_spent(self) -> Self:
        if self.budget is not None and not (self.price.input or self.price.output):
            raise ValueError("nothing is charged, so no budget is ever spent; write a price")
        return self
