"""SGLang, python/sglang/srt/metrics/collector.py; its token histograms are switched on.

Gaps between tokens are counted by vLLM's bounds, so SGLang's histogram of them is not shown.
"""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

_BLOCK = 16.0
"""Tokens in one of the plant's KV blocks."""

SGLANG = Exporter(
    [
        Metric("sglang:num_running_reqs", R.RUNNING),
        Metric("sglang:num_queue_reqs", R.QUEUED),
        Metric("sglang:num_used_tokens", R.KV_BLOCKS_USED, _BLOCK),
        Metric("sglang:max_total_num_tokens", R.KV_BLOCKS_TOTAL, _BLOCK),
        Metric("sglang:num_retracted_requests_total", R.PREEMPTIONS),
        Metric("sglang:prompt_tokens_total", R.PROMPT_TOKENS),
        Metric("sglang:generation_tokens_total", R.GENERATION_TOKENS),
        Metric("sglang:cached_tokens_total", R.HITS),
        Metric("sglang:num_requests_total", R.FINISHED_STOP),
        Metric("sglang:num_aborted_requests_total", R.FINISHED_ABORT),
    ],
    [
        Histogram("sglang:e2e_request_latency_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS),
        Histogram("sglang:queue_time_seconds", H.QUEUE_TIME, 1.0, R.WAIT_NS),
        Histogram("sglang:time_to_first_token_seconds", H.TTFT, 1.0, R.TTFT_NS),
        Histogram(
            "sglang:prompt_tokens_histogram",
            H.PROMPT_TOKENS,
            1.0,
            R.FINISHED_PROMPT_TOKENS,
            1.0,
        ),
        Histogram(
            "sglang:generation_tokens_histogram",
            H.GENERATION_TOKENS,
            1.0,
            R.FINISHED_GENERATION_TOKENS,
            1.0,
        ),
    ],
)
