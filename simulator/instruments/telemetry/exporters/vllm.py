"""vLLM, vllm/v1/metrics/loggers.py."""

from collections.abc import Mapping

from simulator.instruments.telemetry.exporters.model import (
    Constant,
    Exporter,
    Histogram,
    Metric,
    label,
)
from simulator.plant.llm_tables import BLOCK
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R
from simulator.plant.spec import Llm

_BLOCKS, _CACHES = "__num_gpu_blocks", "__enable_prefix_caching"
_CACHE_CONFIG = (
    *label("block_size", str(BLOCK)),
    *label("num_gpu_blocks", _BLOCKS),
    *label("enable_prefix_caching", _CACHES),
    *label("model_name", ""),  # the one series of vLLM's that has none
)

FEATURES: dict[str, list[Metric]] = {
    # vllm/v1/spec_decode/metrics.py
    "speculation": [
        Metric("vllm:spec_decode_num_drafts_total", R.DRAFTS),
        Metric("vllm:spec_decode_num_draft_tokens_total", R.DRAFT_TOKENS),
        Metric("vllm:spec_decode_num_accepted_tokens_total", R.ACCEPTED_TOKENS),
    ],
}
"""What a server shows besides, by what it does."""

VLLM = Exporter(
    [
        Metric("vllm:num_requests_running", R.RUNNING),
        Metric("vllm:num_requests_waiting", R.QUEUED),
        Metric("vllm:num_preemptions_total", R.PREEMPTIONS),
        Metric("vllm:prefix_cache_queries_total", R.HITS, and_columns=(R.MISSES,)),
        Metric("vllm:prefix_cache_hits_total", R.HITS),
        Metric("vllm:prompt_tokens_total", R.PROMPT_TOKENS),
        Metric("vllm:generation_tokens_total", R.GENERATION_TOKENS),
        Metric(
            "vllm:request_success_total", R.FINISHED_STOP, 1.0, label("finished_reason", "stop")
        ),
        Metric(
            "vllm:request_success_total", R.FINISHED_ABORT, 1.0, label("finished_reason", "abort")
        ),
    ],
    [
        Histogram("vllm:e2e_request_latency_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS),
        Histogram("vllm:request_queue_time_seconds", H.QUEUE_TIME, 1.0, R.WAIT_NS),
        Histogram("vllm:time_to_first_token_seconds", H.TTFT, 1.0, R.TTFT_NS),
        Histogram("vllm:inter_token_latency_seconds", H.INTER_TOKEN, 1.0, R.INTER_TOKEN_NS),
        Histogram(
            "vllm:request_prompt_tokens", H.PROMPT_TOKENS, 1.0, R.FINISHED_PROMPT_TOKENS, 1.0
        ),
        Histogram(
            "vllm:request_generation_tokens",
            H.GENERATION_TOKENS,
            1.0,
            R.FINISHED_GENERATION_TOKENS,
            1.0,
        ),
    ],
    [Constant("vllm:cache_config_info", 1.0, _CACHE_CONFIG)],
)


def meta_labels(served: Llm) -> Mapping[str, str]:
    """What a server's cache is, for its series to name."""
    return {_BLOCKS: str(served.kv_tokens // BLOCK), _CACHES: str(served.prefix_caching)}
