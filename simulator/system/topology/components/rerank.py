"""A reranker: reads each retrieved document with the question, and puts the best first."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from simulator.system.topology._model import Positive
from simulator.system.topology.components._base import Start
from simulator.system.topology.components._batching import Batching, BatchService, encoder
from simulator.system.topology.distribution import Counts
from simulator.units import Share


class Rerank(Batching):
    """A cross-encoder on a GPU, unless it says otherwise: 50 documents take 30 to 80 ms.

    What retrieval missed among the first few is, for a share of requests, among the documents read
    here: `lift` of the lost quality comes back. A request that goes on without it has none.
    """

    kind_name: ClassVar[str] = "rerank"

    kind: Literal["rerank"]
    batch_max: Positive = Field(1, description="calls in one batch", examples=[4])
    items: Positive = Field(50, description="documents a call brings", examples=[50])
    item_tokens: Counts | None = Field(
        {"uniform": [96, 256]},
        validate_default=True,
        description="tokens of a document with the question; none: the request's prompt_tokens",
        examples=[{"uniform": [96, 256]}],
    )
    item_tokens_max: Positive | None = Field(
        512, description="longer items are cut to this; none: never", examples=[512]
    )
    service: BatchService = Field(
        default_factory=lambda: encoder("6ms", "4us"),
        description="time of one batch",
        examples=[{"base": "6ms", "per_token": "4us"}],
    )
    padding: bool = Field(
        default=True,
        description="true: shorter items are computed as long as the longest in the batch",
        examples=[False],
    )
    lift: Share = Field(
        "30%",
        validate_default=True,
        description="share of what retrieval missed that reranking puts right",
        examples=["30%"],
    )
    start: Start = Field(
        default_factory=lambda: Start.model_validate({"weights_load": "5s", "warm_up": "5s"}),
        description="cold start, part by part",
        examples=[{"weights_load": "5s", "warm_up": "5s"}],
    )

    def _batch(self) -> dict[str, Any]:
        return {**super()._batch(), "lift": self.lift}
