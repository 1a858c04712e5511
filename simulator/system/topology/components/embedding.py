"""An embedding server: texts in, vectors out."""

from typing import ClassVar, Literal

from pydantic import Field

from simulator.system.topology._model import Positive
from simulator.system.topology.components._base import Start
from simulator.system.topology.components._batching import Batching, BatchService, encoder


class Embedding(Batching):
    """A text-embeddings-inference server with BGE-base on an A10G, unless it says otherwise.

    110 M parameters and 512 tokens are 113 GFLOP; 250 to 450 texts a second and 5 to 15 ms alone
    are 5.6 us a token beside 4 ms. Batches of 16,384 tokens are that server's default.
    """

    kind_name: ClassVar[str] = "embedding"

    kind: Literal["embedding"]
    batch_max: Positive = Field(32, description="calls in one batch", examples=[32])
    service: BatchService = Field(
        default_factory=lambda: encoder("4ms", "5.6us"),
        description="time of one batch",
        examples=[{"base": "4ms", "per_token": "5.6us"}],
    )
    batch_tokens_max: Positive | None = Field(
        16_384,
        description="tokens computed in one batch, padding included; more wait; none: any",
        examples=[16384],
    )
    item_tokens_max: Positive | None = Field(
        512, description="longer items are cut to this; none: never", examples=[512]
    )
    start: Start = Field(
        default_factory=lambda: Start.model_validate({"weights_load": "5s", "warm_up": "5s"}),
        description="cold start, part by part",
        examples=[{"weights_load": "5s", "warm_up": "5s"}],
    )
