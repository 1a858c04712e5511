"""What every server that gathers calls has: batches, their time, the items and tokens in them."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from simulator.plant import spec
from simulator.system.topology._model import Count, Model, Positive
from simulator.system.topology.components._base import Component, Cores
from simulator.system.topology.distribution import Counts
from simulator.system.topology.exporters import ExporterBounds, geometric
from simulator.units import Duration


class BatchService(Model):
    """Time of one batch."""

    base: Duration = Field(description="whatever its size", examples=["6ms"])
    per_item: Duration = Field(
        "0", validate_default=True, description="more for each item in it", examples=["0.4ms"]
    )
    per_token: Duration = Field(
        "0",
        validate_default=True,
        description="more for each token it computes, padding included",
        examples=["5.6us"],
    )


class BatchCpu(Model):
    """Cores a replica burns."""

    idle: Cores = Field(0.05, description="cores when nothing runs", examples=[0.05])
    busy: Cores = Field(1.0, description="cores more while a batch runs", examples=[1.0])


class Batching(Component):
    """Serves up to `batch_max` calls together, after waiting at most `window` for them."""

    batch_max: Positive = Field(description="calls in one batch", examples=[32])
    window: Duration = Field(
        "5ms",
        validate_default=True,
        description="longest wait of the first call for company",
        examples=["5ms"],
    )
    service: BatchService = Field(
        description="time of one batch", examples=[{"base": "6ms", "per_item": "0.4ms"}]
    )
    padding: bool = Field(
        default=False,
        description="true: shorter items are computed as long as the longest in the batch",
        examples=[True],
    )
    batch_tokens_max: Positive | None = Field(
        None,
        description="tokens computed in one batch, padding included; more wait; none: any",
        examples=[16384],
    )
    items: Positive = Field(1, description="items a call brings, such as documents", examples=[50])
    item_tokens: Counts | None = Field(
        None,
        description="tokens of an item; none: the request's prompt_tokens",
        examples=[{"uniform": [96, 256]}],
    )
    item_tokens_max: Positive | None = Field(
        None, description="longer items are cut to this; none: never", examples=[512]
    )
    device: Literal["gpu", "cpu"] = Field(
        "gpu",
        description="cpu: everything takes cpu_slowdown times as long, as when no GPU was found",
        examples=["cpu"],
    )
    cpu_slowdown: Annotated[float, Field(ge=1.0, le=1000.0)] = Field(
        30.0, description="times longer on processors", examples=[30.0]
    )
    queue_max: Count = Field(
        4096, description="calls that may wait at a replica; more are refused", examples=[4096]
    )
    exporter: Literal["te", "triton"] = Field(
        "te",
        description="whose metrics it shows: text-embeddings-inference's or Triton's",
        examples=["triton"],
    )
    cpu: BatchCpu = Field(
        default_factory=BatchCpu,
        description="cores a replica burns",
        examples=[{"idle": 0.05, "busy": 1.0}],
    )

    @model_validator(mode="after")
    def _fits_an_item(self) -> Self:
        most, longest = self.batch_tokens_max, self.item_tokens_max
        if most is not None and longest is not None and longest > most:
            raise ValueError(
                f"an item of {longest} tokens fits into no batch of {most}; "
                f"write batch_tokens_max: {longest} or more"
            )
        return self

    @property
    def shown_as(self) -> str:
        return self.kind if self.exporter == "te" else self.exporter

    def bounds(self) -> ExporterBounds:
        return ExporterBounds(geometric(1e-5))

    def discipline(self) -> spec.Discipline:
        return spec.Batch(**self._batch())

    def _batch(self) -> dict[str, Any]:
        """Say the fields of the plant's batch server; those that answer for more add theirs."""
        slower = self.cpu_slowdown if self.device == "cpu" else 1.0
        return {
            "batch_max": self.batch_max,
            "window_ns": self.window,
            "base_ns": round(self.service.base * slower),
            "per_item_ns": round(self.service.per_item * slower),
            "per_token_ns": self.service.per_token * slower,
            "queue_max": self.queue_max,
            "cpu_idle_cores": self.cpu.idle,
            "cpu_busy_cores": self.cpu.busy,
            "pads": self.padding,
            "tokens_max": self.batch_tokens_max or 0,
            "items": self.items,
            "item_tokens": self.item_tokens,
            "item_tokens_max": self.item_tokens_max or 0,
        }


def encoder(base: str, per_token: str) -> BatchService:
    """Say the time of an encoder's batch: its tokens, whatever they are of."""
    return BatchService.model_validate({"base": base, "per_token": per_token})
