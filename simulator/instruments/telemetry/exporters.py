"""Under which metric names each kind of component shows its probes.

The names are those of the real exporters (see the sources at each table); a probe that no real
exporter has is not shown. Histogram sums are shown where the plant keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.plant.probes import ClassProbe as C
from simulator.plant.probes import EdgeProbe as E
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

NANO = 1e-9
MILLI = 1e3
"""Envoy's histograms count milliseconds; the plant's bounds are seconds."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One series: a probe's column times a scale, under a name and extra labels."""

    name: str
    column: int
    scale: float = 1.0
    labels: tuple[tuple[str, str], ...] = ()
    and_columns: tuple[int, ...] = ()  # added to the first


@dataclass(frozen=True, slots=True)
class Histogram:
    """One histogram: its place in the scrape, its bounds' scale and the column of its sum."""

    name: str
    place: int
    bounds_scale: float = 1.0
    sum_column: int | None = None
    sum_scale: float = NANO


@dataclass(frozen=True, slots=True)
class Exporter:
    """Everything one target shows."""

    metrics: Sequence[Metric]
    histograms: Sequence[Histogram] = ()
    constants: Sequence[tuple[str, float]] = ()


def _code(code: str) -> tuple[tuple[str, str], ...]:
    return (("code", code),)


def _reason(reason: str) -> tuple[tuple[str, str], ...]:
    return (("finished_reason", reason),)


_SEARCH = (("endpoint", "/collections/{name}/points/search"), ("method", "POST"))

PODS: dict[str, Exporter] = {
    # A service's own middleware, in the OpenMetrics habit.
    "workers": Exporter(
        [
            Metric("http_server_requests_total", R.COMPLETED, 1.0, _code("200")),
            Metric("http_server_requests_total", R.FAILED, 1.0, _code("500")),
            Metric("http_server_requests_total", R.REJECTED, 1.0, _code("503")),
            Metric("http_server_active_requests", R.RUNNING),
            Metric("http_server_queued_requests", R.QUEUED),
        ],
        [Histogram("http_server_request_duration_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS)],
    ),
    # redis_exporter, exporter/exporter.go
    "cache": Exporter(
        [
            Metric("redis_keyspace_hits_total", R.HITS),
            Metric("redis_keyspace_misses_total", R.MISSES),
            Metric("redis_evicted_keys_total", R.EVICTED),
            Metric("redis_expired_keys_total", R.EXPIRED),
            Metric("redis_db_keys", R.KEYS, 1.0, (("db", "db0"),)),
            Metric("redis_commands_processed_total", R.COMPLETED),
            Metric("redis_blocked_clients", R.QUEUED),
        ],
        constants=[("redis_up", 1.0)],
    ),
    # Qdrant, src/common/metrics.rs
    "vector_index": Exporter(
        [
            Metric("rest_responses_total", R.COMPLETED, 1.0, (*_SEARCH, ("status", "200"))),
            Metric("rest_responses_total", R.FAILED, 1.0, (*_SEARCH, ("status", "500"))),
            Metric("rest_responses_total", R.REJECTED, 1.0, (*_SEARCH, ("status", "429"))),
        ],
        [Histogram("rest_responses_duration_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS)],
    ),
    # text-embeddings-inference, docs/source/en/metrics
    "batch": Exporter(
        [
            Metric("te_request_count", R.ARRIVED),
            Metric("te_request_success", R.COMPLETED),
            Metric("te_request_failure", R.FAILED),
            Metric("te_queue_size", R.QUEUED),
        ],
        [Histogram("te_request_duration", H.RESPONSE, 1.0, R.RESPONSE_NS)],
    ),
    # vLLM, vllm/v1/metrics/loggers.py
    "llm": Exporter(
        [
            Metric("vllm:num_requests_running", R.RUNNING),
            Metric("vllm:num_requests_waiting", R.QUEUED),
            Metric("vllm:num_preemptions_total", R.PREEMPTIONS),
            Metric("vllm:prefix_cache_queries_total", R.HITS, and_columns=(R.MISSES,)),
            Metric("vllm:prefix_cache_hits_total", R.HITS),
            Metric("vllm:prompt_tokens_total", R.PROMPT_TOKENS),
            Metric("vllm:generation_tokens_total", R.GENERATION_TOKENS),
            Metric("vllm:request_success_total", R.FINISHED_STOP, 1.0, _reason("stop")),
            Metric("vllm:request_success_total", R.FINISHED_ABORT, 1.0, _reason("abort")),
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
    ),
}
"""Exporters by component kind; a provider outside (`external`) shows us none."""


def _class_of(code: str) -> tuple[tuple[str, str], ...]:
    return (("envoy_response_code_class", code),)


_OWN_5XX = (E.TIMED_OUT, E.CONNECT_FAILED, E.NO_REPLICA, E.OVERFLOWED)

EDGE = Exporter(
    # Envoy, cluster_stats.rst of its configuration reference
    [
        Metric("envoy_cluster_upstream_rq_total", E.CALLS),
        Metric("envoy_cluster_upstream_rq_xx", E.OK, 1.0, _class_of("2")),
        Metric("envoy_cluster_upstream_rq_xx", E.RATE_LIMITED, 1.0, _class_of("4")),
        # Envoy charges its own 504s and 503s here too.
        Metric("envoy_cluster_upstream_rq_xx", E.FAILED, 1.0, _class_of("5"), _OWN_5XX),
        Metric("envoy_cluster_upstream_rq", E.RATE_LIMITED, 1.0, (("envoy_response_code", "429"),)),
        Metric("envoy_cluster_upstream_rq_timeout", E.TIMED_OUT),
        Metric("envoy_cluster_upstream_cx_connect_fail", E.CONNECT_FAILED),
        Metric("envoy_cluster_upstream_cx_none_healthy", E.NO_REPLICA),
        Metric("envoy_cluster_upstream_rq_pending_overflow", E.OVERFLOWED),
        Metric("envoy_cluster_upstream_rq_retry", E.RETRIES),
        Metric("envoy_cluster_upstream_rq_retry_overflow", E.RETRIES_REFUSED),
        Metric("envoy_cluster_upstream_rq_cancelled", E.CANCELLED),
        Metric("envoy_cluster_upstream_rq_active", E.ACTIVE),
    ],
    [Histogram("envoy_cluster_upstream_rq_time", 0, MILLI, E.LATENCY_NS, 1e-6)],
)

BREAKER_STATE = "resilience4j_circuitbreaker_state"
BREAKER_STATES = ("closed", "open", "half_open")
"""In the order the plant numbers them."""
GUARDS: dict[str, Sequence[Metric]] = {
    # resilience4j, micrometer's tagged metrics; its state gauge is worked out by the scraper.
    "breaker": [Metric("resilience4j_circuitbreaker_not_permitted_calls_total", E.NOT_PERMITTED)],
    # Envoy, outlier detection statistics
    "outliers": [
        Metric("envoy_cluster_outlier_detection_ejections_enforced_total", E.EJECTIONS),
        Metric("envoy_cluster_outlier_detection_ejections_active", E.EJECTED),
        Metric("envoy_cluster_lb_healthy_panic", E.PANICS),
    ],
    # Our own name: no proxy counts hedges by themselves.
    "hedge": [Metric("hedged_requests_total", E.HEDGED)],
}
"""What an edge shows besides, by what guards it."""

ROUTE = Exporter(
    # The gateway's own view of each route; TTFT as Envoy AI Gateway names it (OTel GenAI).
    [
        Metric("http_requests_total", C.ANSWERED_2XX, 1.0, _code("200")),
        Metric("http_requests_total", C.REFUSED_429, 1.0, _code("429")),
        Metric("http_requests_total", C.REFUSED_413, 1.0, _code("413")),
        Metric("http_requests_total", C.FAILED_5XX, 1.0, _code("500")),
        Metric("http_requests_total", C.FAILED_504, 1.0, _code("504")),
        Metric("http_requests_total", C.ABANDONED, 1.0, _code("499")),
        Metric("http_requests_in_flight", C.IN_FLIGHT),
        Metric("gen_ai_client_token_usage_sum", C.PROMPT_TOKENS, 1.0, (("token_type", "input"),)),
        Metric("gen_ai_client_token_usage_sum", C.OUTPUT_TOKENS, 1.0, (("token_type", "output"),)),
        Metric("answers_evaluated_total", C.EVALUATED),
        Metric("answers_evaluated_wrong_total", C.EVALUATED_WRONG),
        Metric("feedback_thumbs_down_total", C.THUMBS_DOWN),
    ],
    [
        Histogram("gen_ai_server_time_to_first_token_seconds", 0, 1.0, C.TTFT_NS),
        Histogram("http_request_duration_seconds", 1, 1.0, C.E2E_NS),
    ],
)
