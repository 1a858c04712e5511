"""A guardrail: a moderation model that stops requests it takes for unsafe."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from simulator.plant.spec import Verdict
from simulator.system.topology._model import Positive
from simulator.system.topology.components._base import Start
from simulator.system.topology.components._batching import Batching, BatchService, encoder
from simulator.units import Share


class Guardrail(Batching):
    """A moderation model of encoder size; a class's `unsafe` share is what it looks for.

    A request it stops is refused. Verdicts are those of Llama Guard 3's model card: F1 of 0.939 at
    4 % false positives, which is a recall of 92 % where half of the cases are unsafe.
    """

    kind_name: ClassVar[str] = "guardrail"

    kind: Literal["guardrail"]
    detected: Share = Field(
        "92%",
        validate_default=True,
        description="share of unsafe requests it stops",
        examples=["92%"],
    )
    false_alarms: Share = Field(
        "4%", validate_default=True, description="share of safe ones it stops", examples=["4%"]
    )
    batch_max: Positive = Field(32, description="calls in one batch", examples=[32])
    service: BatchService = Field(
        default_factory=lambda: encoder("4ms", "5.6us"),
        description="time of one batch",
        examples=[{"base": "4ms", "per_token": "5.6us"}],
    )
    item_tokens_max: Positive | None = Field(
        512, description="longer items are cut to this; none: never", examples=[512]
    )
    start: Start = Field(
        default_factory=lambda: Start.model_validate({"weights_load": "5s", "warm_up": "5s"}),
        description="cold start, part by part",
        examples=[{"weights_load": "5s", "warm_up": "5s"}],
    )

    def _batch(self) -> dict[str, Any]:
        return {**super()._batch(), "verdict": Verdict(self.detected, self.false_alarms)}
