"""Arrivals as a scenario writes them: `workload: [{class: chat, poisson: 40/s}]`.

Each entry names a class and one generator; several entries of one class add up.
"""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from simulator.system.workload.shape import Model, Shape
from simulator.units import Duration, Rate

GENERATORS = (
    "poisson", "bursty", "azure_conversation", "azure_code", "rate_series", "trace", "users",
)  # fmt: skip


class Bursty(Model):
    """Renewal arrivals whose gaps are a mixture of two exponentials with balanced means."""

    rate: Rate = Field(description="mean rate", examples=["40/s"])
    cv: Annotated[float, Field(ge=1.0, le=30.0)] = Field(
        description="standard deviation of the gaps over their mean; 1 is Poisson", examples=[3]
    )


class AzureConversation(Model):
    """Arrivals like those of a conversation service: Poisson whose rate drifts.

    The rate holds a level for five minutes, drawn from those measured (see `azure`).
    """

    rate: Rate = Field(
        "5.53/s", validate_default=True, description="mean rate; the trace's own is 5.53/s",
        examples=["40/s"],
    )  # fmt: skip


class AzureCode(Model):
    """Arrivals like those of a code assistant: bursts of about 60 requests between idle times.

    Gaps keep their measured law (coefficient of variation 13) in units of the mean gap.
    """

    rate: Rate = Field(
        "2.57/s", validate_default=True, description="mean rate; the trace's own is 2.57/s",
        examples=["10/s"],
    )  # fmt: skip


class Trace(Model):
    """Real requests from a file, with their token counts.

    The file is one of Azure's (CSV with TIMESTAMP,ContextTokens,GeneratedTokens), of BurstGPT's,
    of Mooncake's (JSON lines), or plain CSV with time,class and, where known,
    input_tokens,output_tokens; of a plain one an entry takes the rows of its class.
    """

    file: Annotated[str, Field(min_length=1)] = Field(
        description="path, from the scenario's folder", examples=["azure_llm_2023_conv.csv"]
    )
    speed: Annotated[float, Field(gt=0.0, le=1000.0)] = Field(
        1.0, description="how many times faster time passes in the trace", examples=[2]
    )
    scale: Annotated[float, Field(gt=0.0, le=1000.0)] | None = Field(
        None,
        description="mean copies of each request, drawn from a Poisson law and moved by up to "
        "30 s either way; none: each once, at its time",
        examples=[3],
    )
    slice: tuple[Duration, Duration] | None = Field(
        None, description="only from here to there of the trace's own time", examples=[["0", "20m"]]
    )
    loops: bool = Field(
        default=True,
        description="true: start where the seed says and go round; false: play once from its start",
        examples=[False],
    )

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_a_slice(self) -> Self:
        if self.slice is not None and self.slice[1] <= self.slice[0]:
            raise ValueError("slice must end later than it starts, such as [0, 20m]")
        return self


class RateSeries(Model):
    """Poisson arrivals at a rate read from a file: CSV with the columns time,rate.

    Times are seconds, rates requests per second, each held until the next row. The file goes round
    after its last row, which is held as long as the one before it.
    """

    file: Annotated[str, Field(min_length=1)] = Field(
        description="path, from the scenario's folder", examples=["monday.csv"]
    )
    speed: Annotated[float, Field(gt=0.0, le=1000.0)] = Field(
        1.0, description="how many times faster time passes in the file", examples=[2]
    )
    scale: Annotated[float, Field(gt=0.0, le=1000.0)] = Field(
        1.0, description="times the rates of the file", examples=[3]
    )

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str) else value


class Users(Model):
    """So many people, who arrive once and stay: their class has sessions and says if they return.

    With sessions that always return, the number of people is constant: a closed loop.
    """

    count: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = Field(
        description="how many people", examples=[50]
    )
    over: Duration = Field(
        "60s",
        validate_default=True,
        description="they arrive one after another within this, from the warm-up's start on",
        examples=["60s"],
    )


class Entry(Model):
    """Arrivals of one class."""

    request_class: str = Field(alias="class", description="whose arrivals", examples=["chat"])
    poisson: Rate | None = Field(
        None, description="independent arrivals at this mean rate", examples=["40/s"]
    )
    bursty: Bursty | None = Field(
        None, description="arrivals in bursts", examples=[{"rate": "40/s", "cv": 3}]
    )
    azure_conversation: AzureConversation | None = Field(
        None, description="arrivals like a conversation service's", examples=[{"rate": "40/s"}]
    )
    azure_code: AzureCode | None = Field(
        None, description="arrivals like a code assistant's", examples=[{"rate": "10/s"}]
    )
    rate_series: RateSeries | None = Field(
        None, description="Poisson arrivals at a rate from a file", examples=["monday.csv"]
    )
    trace: Trace | None = Field(
        None, description="real requests from a file", examples=["azure_llm_2023_conv.csv"]
    )
    users: Users | None = Field(
        None,
        description="a number of people who stay, instead of a rate; for classes with sessions",
        examples=[{"count": 50, "over": "60s"}],
    )
    shape: Shape = Field(
        default_factory=Shape,
        description="how the rate changes over the drill",
        examples=[{"diurnal": {"peak": 1.4}}],
    )

    @model_validator(mode="after")
    def _has_one_generator(self) -> Self:
        written = [name for name in GENERATORS if getattr(self, name) is not None]
        if len(written) != 1:
            found = " and ".join(written) or "none"
            raise ValueError(
                f"write one of {', '.join(GENERATORS)}, such as poisson: 40/s; found {found}"
            )
        if self.trace is not None and "shape" in self.model_fields_set:
            raise ValueError("a trace has a shape of its own; leave out shape, or write a rate")
        if self.users is not None and "shape" in self.model_fields_set:
            raise ValueError("users ask as fast as they are answered; leave out shape")
        return self

    @property
    def rate(self) -> float | None:
        """Mean requests per second before any shape; None where a file says it."""
        if self.poisson is not None:
            return self.poisson
        for written in (self.bursty, self.azure_conversation, self.azure_code):
            if written is not None:
                return written.rate
        return None
