"""A server that gathers calls and serves them together, with every figure written out."""

from typing import ClassVar, Literal

from simulator.system.topology.components._batching import Batching


class Batch(Batching):
    """A batch server of any kind; `embedding`, `rerank` and `guardrail` come with figures."""

    kind_name: ClassVar[str] = "batch"

    kind: Literal["batch"]
