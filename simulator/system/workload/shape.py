"""How a rate changes over a drill: day and night, steps, ramps and crowds.

Every shape multiplies the rate; several shapes multiply each other. Times are drill times; a shape
is held for each whole second at its value in the second's middle.
"""

import itertools
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Duration

Factor = Annotated[float, Field(ge=0.0, le=1000.0)]
"""Times the rate."""


class Model(BaseModel):
    """Refuses unknown fields and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Diurnal(Model):
    """A cosine around the mean rate."""

    peak: Annotated[float, Field(ge=1.0, le=2.0)] = Field(
        description="rate at the peak over the mean rate, 1 to 2; the lowest is as far below",
        examples=[1.4],
    )
    period: Duration = Field(
        "24h", validate_default=True, description="from peak to peak", examples=["24h"]
    )
    phase: Duration | None = Field(
        None,
        description="when the first peak comes; none: a quarter period in, so it starts rising "
        "at the mean",
        examples=["2h"],
    )

    @property
    def peak_at(self) -> int:
        """When the first peak comes, in ns of drill time."""
        return self.period // 4 if self.phase is None else self.phase

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.period == 0:
            raise ValueError("period must be longer than 0; write 24h")
        return self


class Step(Model):
    """A level from one instant on."""

    at: Duration = Field(description="when", examples=["20m"])
    factor: Factor = Field(description="times the rate, until the next step", examples=[1.8])


class Ramp(Model):
    """A straight line from the rate to a multiple of it."""

    at: Duration = Field("0", validate_default=True, description="when it starts", examples=["5m"])
    lasts: Duration = Field(description="how long it takes", examples=["30m"])
    to: Factor = Field(description="times the rate at its end, and from then on", examples=[3])


class FlashCrowd(Model):
    """A crowd that comes at once and loses interest slowly."""

    at: Duration = Field(description="when the first come", examples=["20m"])
    peak: Annotated[float, Field(ge=1.0, le=1000.0)] = Field(
        description="times the rate at the height", examples=[8]
    )
    rise: Duration = Field(
        "30s", validate_default=True, description="from first to most", examples=["30s"]
    )
    decay: Duration = Field(
        "5m", validate_default=True, description="until half of them have gone", examples=["5m"]
    )

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.decay == 0:
            raise ValueError("decay must be longer than 0; write 5m")
        return self


class Shape(Model):
    """How a rate changes; what is written multiplies."""

    diurnal: Diurnal | None = Field(
        None, description="day and night", examples=[{"peak": 1.4, "period": "24h"}]
    )
    steps: list[Step] = Field(
        default_factory=list,
        description="levels, each until the next",
        examples=[[{"at": "20m", "factor": 1.8}, {"at": "30m", "factor": 1}]],
    )
    ramp: Ramp | None = Field(
        None, description="a straight rise or fall", examples=[{"lasts": "30m", "to": 3}]
    )
    flash_crowd: FlashCrowd | None = Field(
        None, description="a crowd that comes at once", examples=[{"at": "20m", "peak": 8}]
    )

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        times = [step.at for step in self.steps]
        if any(later <= earlier for earlier, later in itertools.pairwise(times)):
            raise ValueError("steps must be in order of time, each later than the one before")
        return self
