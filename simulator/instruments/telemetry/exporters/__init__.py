"""Under which metric names each kind of component shows its probes: one file per real exporter.

The names are those of the real exporters (the sources stand in each file); a probe that no real
exporter has is not shown. Histogram sums are shown where the plant keeps them.
"""

from collections.abc import Mapping, Sequence

from simulator.instruments.telemetry.exporters import vllm
from simulator.instruments.telemetry.exporters.cadvisor import CFS
from simulator.instruments.telemetry.exporters.milvus import MILVUS
from simulator.instruments.telemetry.exporters.minio import MINIO
from simulator.instruments.telemetry.exporters.model import Exporter, Metric
from simulator.instruments.telemetry.exporters.postgres import POSTGRES
from simulator.instruments.telemetry.exporters.qdrant import QDRANT
from simulator.instruments.telemetry.exporters.rabbitmq import RABBITMQ
from simulator.instruments.telemetry.exporters.redis import REDIS
from simulator.instruments.telemetry.exporters.semantic_cache import SEMANTIC_CACHE
from simulator.instruments.telemetry.exporters.service import SERVICE
from simulator.instruments.telemetry.exporters.sglang import SGLANG
from simulator.instruments.telemetry.exporters.text_embeddings import GUARDRAIL, TEXT_EMBEDDINGS
from simulator.instruments.telemetry.exporters.tgi import TGI
from simulator.instruments.telemetry.exporters.triton import TRITON
from simulator.instruments.telemetry.exporters.vllm import VLLM

PODS: dict[str, Exporter] = {
    "workers": SERVICE,
    "cpu": SERVICE,
    "cache": REDIS,
    "semantic_cache": SEMANTIC_CACHE,
    "vector_index": QDRANT,
    "batch": TEXT_EMBEDDINGS,
    "embedding": TEXT_EMBEDDINGS,
    "rerank": TEXT_EMBEDDINGS,
    "guardrail": GUARDRAIL,
    "relational": POSTGRES,
    "queue": RABBITMQ,
    "object_store": MINIO,
    "llm": VLLM,
    "sglang": SGLANG,
    "tgi": TGI,
    "triton": TRITON,
    "milvus": MILVUS,
}
"""Exporters by component kind, or by name where a component says whose metrics it shows.

A provider outside (`external`) shows us none.
"""

FEATURES: Mapping[str, Sequence[Metric]] = {**vllm.FEATURES, "cpu_limit": CFS}
"""What a pod shows besides, by what its component says it has."""
