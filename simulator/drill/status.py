"""What `status` shows: one line per component, from the API server and from scraped metrics."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.instruments.promql.plan import Plan, compile_query
from simulator.instruments.series.store import SeriesStore
from simulator.world import ComponentView

_P99 = (
    "histogram_quantile(0.99, sum by (le) (rate(envoy_cluster_upstream_rq_time_bucket"
    "{{envoy_cluster_name='{0}'}}[2m]))) / 1000"
)
_ENTRY_P99 = (
    "histogram_quantile(0.99, sum by (le) "
    "(rate(http_request_duration_seconds_bucket{{job='{0}'}}[2m])))"
)
_ERRORS = (
    "1 - sum(rate(envoy_cluster_upstream_rq_xx{{envoy_cluster_name='{0}',"
    "envoy_response_code_class='2'}}[2m])) / "
    "sum(rate(envoy_cluster_upstream_rq_total{{envoy_cluster_name='{0}'}}[2m]))"
)
_ENTRY_ERRORS = (
    "1 - sum(rate(http_requests_total{{job='{0}',code='200'}}[2m])) / "
    "sum(rate(http_requests_total{{job='{0}'}}[2m]))"
)
_QUEUES = {
    "llm": "sum(vllm:num_requests_waiting{{job='{0}'}})",
    **dict.fromkeys(
        ("batch", "embedding", "rerank", "guardrail"), "sum(te_queue_size{{job='{0}'}})"
    ),
    "sglang": "sum(sglang:num_queue_reqs{{job='{0}'}})",
    "tgi": "sum(tgi_queue_size{{job='{0}'}})",
    "triton": "sum(nv_inference_pending_request_count{{job='{0}'}})",
    "cache": "sum(redis_blocked_clients{{job='{0}'}})",
    "semantic_cache": "sum(semantic_cache_queued_searches{{job='{0}'}})",
    "queue": "sum(rabbitmq_queue_messages_ready{{job='{0}'}})",
    "workers": "sum(http_server_queued_requests{{job='{0}'}})",
    "cpu": "sum(http_server_queued_requests{{job='{0}'}})",
}
_BUSY = {"llm": "avg(DCGM_FI_DEV_GPU_UTIL{{container='{0}'}}) / 100"}
_CPU = "avg(rate(container_cpu_usage_seconds_total{{job='{0}'}}[2m]))"


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One component; numbers are NaN where nothing was scraped."""

    component: str
    kind: str
    replicas_ready: int
    replicas_desired: int
    busy: float  # GPU utilization as a share for model servers, else cores of one pod
    p99_s: float
    error_share: float
    queued: float
    changed: str


class StatusBoard:
    """Queries behind the status table, planned once."""

    def __init__(
        self, kinds: Mapping[str, str], shown_as: Mapping[str, str], entries: frozenset[str]
    ) -> None:
        self._plans = {
            name: [
                compile_query(text)
                for text in _texts(name, kind, shown_as[name], is_entry=name in entries)
            ]
            for name, kind in kinds.items()
        }
        self._kinds = kinds

    def lines(
        self,
        store: SeriesStore,
        now_ms: int,
        view: Callable[[str], ComponentView],
        last_change: Callable[[str], str],
    ) -> list[StatusLine]:
        """Evaluate everything now."""
        return [
            self._line(name, [_number(plan, store, now_ms) for plan in plans], view, last_change)
            for name, plans in self._plans.items()
        ]

    def _line(
        self,
        name: str,
        numbers: list[float],
        view: Callable[[str], ComponentView],
        last_change: Callable[[str], str],
    ) -> StatusLine:
        seen = view(name)
        busy, p99, errors, queued = numbers
        return StatusLine(
            name,
            self._kinds[name],
            seen.replicas_ready,
            seen.replicas_desired,
            busy,
            p99,
            errors,
            queued,
            last_change(name),
        )


def _texts(name: str, kind: str, shown_as: str, *, is_entry: bool) -> list[str]:
    forms = [
        _BUSY.get(kind, _CPU),
        _ENTRY_P99 if is_entry else _P99,
        _ENTRY_ERRORS if is_entry else _ERRORS,
        _QUEUES.get(shown_as, "sum(envoy_cluster_upstream_rq_active{{envoy_cluster_name='{0}'}})"),
    ]
    return [form.format(name) for form in forms]


def _number(plan: Plan, store: SeriesStore, now_ms: int) -> float:
    samples = plan.vector(store, now_ms).samples()
    return samples[0].value if samples else math.nan
