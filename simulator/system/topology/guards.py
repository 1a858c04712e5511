"""What a caller does about a callee that fails: breaker, ejection, hedging, adaptive limit."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.plant import spec_parts
from simulator.system.topology._model import Model, Positive
from simulator.units import Duration, Share


class Breaker(Model):
    """Stops calling when too many of the last calls failed (as resilience4j counts)."""

    failures: Share = Field(
        "50%",
        validate_default=True,
        description="share of failed calls at which it opens",
        examples=["50%"],
    )
    window: Annotated[int, Field(strict=True, ge=1, le=256)] = Field(
        100, description="of how many last calls", examples=[100]
    )
    calls_min: Positive = Field(
        20, description="it does not judge by fewer calls than these", examples=[20]
    )
    open_for: Duration = Field(
        "30s", validate_default=True, description="how long nobody is let through", examples=["30s"]
    )
    probes: Positive = Field(
        10, description="calls let through after that, to judge by", examples=[10]
    )

    @model_validator(mode="after")
    def _can_open(self) -> Self:
        if self.calls_min > self.window:
            raise ValueError(
                f"calls_min is {self.calls_min}, more than the window of {self.window}"
            )
        if self.failures == 0.0:
            raise ValueError("failures: 0% would open it at once; write a share above 0%")
        return self

    def breaker_spec(self) -> spec_parts.Breaker:
        """Say it in the plant's terms."""
        return spec_parts.Breaker(
            self.failures, self.window, self.calls_min, self.open_for, self.probes
        )


class Outliers(Model):
    """Ejects replicas that answer with failures (Envoy's outlier detection, its defaults)."""

    consecutive: Positive = Field(
        5, description="failures in a row that eject a replica", examples=[5]
    )
    interval: Duration = Field(
        "10s", validate_default=True, description="replicas are let back at such sweeps",
        examples=["10s"], gt=0,
    )  # fmt: skip
    ejected_for: Duration = Field(
        "30s",
        validate_default=True,
        description="for how long, times how often it was ejected lately",
        examples=["30s"],
        gt=0,
    )
    ejected_max: Share = Field(
        "10%",
        validate_default=True,
        description="largest share of replicas ejected at once; one always may be",
        examples=["10%"],
    )
    panic_below: Share = Field(
        "50%",
        validate_default=True,
        description="with a smaller share of replicas left, ejections are ignored",
        examples=["50%"],
    )

    def outliers_spec(self) -> spec_parts.Outliers:
        """Say it in the plant's terms."""
        return spec_parts.Outliers(
            self.consecutive,
            self.interval,
            self.ejected_for,
            self.ejected_max,
            self.panic_below,
        )


class Adaptive(Model):
    """Lets so many calls be in flight as do not wait for each other (Envoy's gradient controller).

    Every `update` the limit is multiplied by the latency of a call that is alone over that of now.
    """

    update: Duration = Field(
        "100ms", validate_default=True, description="how often the limit is set anew",
        examples=["100ms"], gt=0,
    )  # fmt: skip
    percentile: Share = Field(
        "50%", validate_default=True, description="of latencies, that is compared", examples=["50%"]
    )
    concurrency_min: Positive = Field(
        3, description="the least limit, and the limit while the least latency is measured",
        examples=[3],
    )  # fmt: skip
    concurrency_max: Positive = Field(1000, description="the greatest limit", examples=[1000])
    buffer: Share = Field(
        "25%",
        validate_default=True,
        description="latency may be so much above the least before the limit falls",
        examples=["25%"],
    )
    measured_every: Duration = Field(
        "60s", validate_default=True, description="how often the least latency is measured",
        examples=["60s"], gt=0,
    )  # fmt: skip
    measured_over: Positive = Field(
        50, description="calls it takes to measure the least latency", examples=[50]
    )
    measured_jitter: Share = Field(
        "15%",
        validate_default=True,
        description="up to so much later, so that not all measure at once",
        examples=["15%"],
    )

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.concurrency_min > self.concurrency_max:
            raise ValueError(
                f"concurrency_min is {self.concurrency_min}, above concurrency_max, "
                f"{self.concurrency_max}"
            )
        return self

    def adaptive_spec(self) -> spec_parts.Adaptive:
        """Say it in the plant's terms."""
        return spec_parts.Adaptive(
            self.update,
            self.percentile,
            self.concurrency_min,
            self.concurrency_max,
            self.buffer,
            self.measured_every,
            self.measured_over,
            self.measured_jitter,
        )


class Hedge(Model):
    """Asks another replica when one has not answered for a while; the first good answer counts."""

    after: Duration = Field(
        description="how long to wait before another attempt", examples=["300ms"], gt=0
    )
    max: Annotated[int, Field(strict=True, ge=1, le=3)] = Field(
        1, description="attempts beside the first", examples=[1]
    )
