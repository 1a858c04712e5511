"""The lines a post-mortem draws: queries over what was scraped, so that no chart knows more."""

from collections.abc import Iterator, Mapping

import numpy as np

from simulator.calendar import Calendar
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series.store import SeriesStore
from simulator.record.model import Series
from simulator.units import MS, SECOND

STEP_NS = 15 * SECOND

Query = tuple[str, str, str, str]
"""Name, unit, component (or class route), PromQL."""

_LLM = [
    ("waiting", "requests", "sum(vllm:num_requests_waiting{{job='{0}'}})"),
    ("running", "requests", "sum(vllm:num_requests_running{{job='{0}'}})"),
    ("KV cache in use, fullest pod", "share", "max(vllm:kv_cache_usage_perc{{job='{0}'}})"),
    ("preemptions", "1/s", "sum(rate(vllm:num_preemptions_total{{job='{0}'}}[1m]))"),
    ("GPU utilization, mean", "share", "avg(DCGM_FI_DEV_GPU_UTIL{{container='{0}'}}) / 100"),
]
_SGLANG = [
    ("waiting", "requests", "sum(sglang:num_queue_reqs{{job='{0}'}})"),
    ("running", "requests", "sum(sglang:num_running_reqs{{job='{0}'}})"),
    ("KV cache in use, fullest pod", "share", "max(sglang:token_usage{{job='{0}'}})"),
    _LLM[-1],
]
_TGI = [
    ("waiting", "requests", "sum(tgi_queue_size{{job='{0}'}})"),
    ("running", "requests", "sum(tgi_batch_current_size{{job='{0}'}})"),
    _LLM[-1],
]
_CACHE = [
    (
        "hit ratio",
        "share",
        (
            "sum(rate(redis_keyspace_hits_total{{job='{0}'}}[1m])) / (sum(rate("
            "redis_keyspace_hits_total{{job='{0}'}}[1m])) + sum(rate("
            "redis_keyspace_misses_total{{job='{0}'}}[1m])))"
        ),
    ),
]
_SEMANTIC = [
    (
        "hit ratio",
        "share",
        (
            "sum(rate(semantic_cache_hits_total{{job='{0}'}}[1m])) / (sum(rate("
            "semantic_cache_hits_total{{job='{0}'}}[1m])) + sum(rate("
            "semantic_cache_misses_total{{job='{0}'}}[1m])))"
        ),
    ),
]
_CALLED = [
    (
        "p99 as callers see it",
        "s",
        (
            "histogram_quantile(0.99, sum by (le) (rate(envoy_cluster_upstream_rq_time_bucket"
            "{{envoy_cluster_name='{0}'}}[1m]))) / 1000"
        ),
    ),
    (
        "failed calls",
        "1/s",
        (
            "sum(rate(envoy_cluster_upstream_rq_xx{{envoy_cluster_name='{0}',"
            "envoy_response_code_class!='2'}}[1m]))"
        ),
    ),
    (
        "retries",
        "1/s",
        "sum(rate(envoy_cluster_upstream_rq_retry{{envoy_cluster_name='{0}'}}[1m]))",
    ),
]
_PODS = [
    ("replicas ready", "replicas", "kube_deployment_status_replicas_ready{{deployment='{0}'}}")
]
_ROUTE = [
    (
        "first token p99",
        "s",
        (
            "histogram_quantile(0.99, sum by (le) (rate("
            "gen_ai_server_time_to_first_token_seconds_bucket{{route='{0}'}}[1m])))"
        ),
    ),
    (
        "not answered",
        "share",
        (
            "sum(rate(http_requests_total{{route='{0}',code!='200'}}[1m]))"
            " / sum(rate(http_requests_total{{route='{0}'}}[1m]))"
        ),
    ),
]


_OWN = {
    "llm": _LLM,
    "sglang": _SGLANG,
    "tgi": _TGI,
    "cache": _CACHE,
    "semantic_cache": _SEMANTIC,
}


def queries(kinds: Mapping[str, str], classes: tuple[str, ...]) -> Iterator[Query]:
    """Every line worth drawing for these components (by whose metrics they show) and classes."""
    for name in classes:
        yield from ((text, unit, name, form.format(name)) for text, unit, form in _ROUTE)
    for name, kind in kinds.items():
        forms = [*_OWN.get(kind, []), *_CALLED]
        forms += [] if kind == "external" else _PODS
        yield from ((text, unit, name, form.format(name)) for text, unit, form in forms)


def drawn(
    store: SeriesStore,
    calendar: Calendar,
    kinds: Mapping[str, str],
    classes: tuple[str, ...],
    start: int,
    end: int,
) -> tuple[Series, ...]:
    """Evaluate every line from `start` to `end` (drill ns) in steps of 15 s; gaps are NaN."""
    start_ms, step_ms = calendar.ms(start), STEP_NS // MS
    times = np.arange(start, end + 1, STEP_NS, dtype=np.int64)
    found = []
    for name, unit, owner, text in queries(kinds, classes):
        lines = compile_query(text).range(store, start_ms, calendar.ms(end), step_ms)
        for line in lines.series[:1]:
            values = np.full(len(times), np.nan)
            for t_ms, value in zip(line.times_ms, line.values, strict=True):
                values[(t_ms - start_ms) // step_ms] = value
            if not np.isnan(values).all():
                found.append(Series(name, unit, owner, times - start, values))
    return tuple(found)
