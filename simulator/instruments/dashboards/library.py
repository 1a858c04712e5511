"""Our own dashboards: one for users, one per kind of component; their queries name real metrics.

`$component` stands for the component's name. The files for Grafana are made from these by
`benchmarks/dashboards.py`.
"""

from collections.abc import Mapping
from dataclasses import replace

from simulator.errors import NotFound
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel, Target

_LINES, _STAT, _GAUGE = Drawing.TIMESERIES, Drawing.STAT, Drawing.GAUGE
USERS, OBJECTIVES = "users", "objectives"
COMPONENT = "$component"


def _quantiles(metric: str, matchers: str) -> tuple[Target, ...]:
    """Write the p50 and p99 of a histogram."""
    rates = f"sum by (le) (rate({metric}_bucket{{{matchers}}}[1m]))"
    return tuple(
        Target(f"histogram_quantile({q}, {rates})", name)
        for q, name in (("0.5", "p50"), ("0.99", "p99"))
    )


def _one(expr: str, legend: str = "") -> tuple[Target, ...]:
    return (Target(expr, legend),)


_JOB = f'job="{COMPONENT}"'
_CLUSTER = f'envoy_cluster_name="{COMPONENT}"'
_USERS = (
    Panel(
        "Requests by status", _LINES,
        _one("sum by (code) (rate(http_requests_total[1m]))", "{{code}}"), "reqps",
    ),
    Panel(
        "Answered", _STAT,
        _one('sum(rate(http_requests_total{code="200"}[1m])) / sum(rate(http_requests_total[1m]))'),
        "percentunit",
    ),
    Panel(
        "Time to first token", _LINES,
        _quantiles("gen_ai_server_time_to_first_token_seconds", ""), "s",
    ),
    Panel("Request duration", _LINES, _quantiles("http_request_duration_seconds", ""), "s"),
    Panel(
        "Requests in flight", _LINES, _one("sum by (route) (http_requests_in_flight)", "{{route}}")
    ),
    Panel(
        "Evaluated answers that are wrong", _STAT,
        _one("sum(increase(answers_evaluated_wrong_total[10m])) "
             "/ sum(increase(answers_evaluated_total[10m]))"),
        "percentunit",
    ),
)  # fmt: skip
_OBJECTIVES = (
    Panel(
        "Error budget left", _GAUGE,
        _one("slo:period_error_budget_remaining:ratio", "{{slo}}"), "percentunit", 0.0, 1.0,
    ),
    Panel("Burn rate", _LINES, _one("slo:current_burn_rate:ratio", "{{slo}}")),
    Panel(
        "Error ratio by window", _LINES,
        _one('{__name__=~"slo:sli_error:ratio_rate.+"}', "{{slo}} {{window}}"), "percentunit",
    ),
)  # fmt: skip
_CALLERS = (
    Panel(
        "Calls as callers see them", _LINES,
        _one("sum by (envoy_response_code_class) "
             f"(rate(envoy_cluster_upstream_rq_xx{{{_CLUSTER}}}[1m]))",
             "{{envoy_response_code_class}}xx"),
        "reqps",
    ),
    Panel(
        "Duration as callers see it", _LINES,
        _quantiles("envoy_cluster_upstream_rq_time", _CLUSTER), "ms",
    ),
    Panel(
        "Retries and timeouts", _LINES,
        (Target(f"sum(rate(envoy_cluster_upstream_rq_retry{{{_CLUSTER}}}[1m]))", "retries"),
         Target(f"sum(rate(envoy_cluster_upstream_rq_timeout{{{_CLUSTER}}}[1m]))", "timeouts")),
        "reqps",
    ),
)  # fmt: skip
_REPLICAS = (
    Panel(
        "Replicas", _STAT,
        (Target(f'kube_deployment_status_replicas_ready{{deployment="{COMPONENT}"}}', "ready"),
         Target(f'kube_deployment_spec_replicas{{deployment="{COMPONENT}"}}', "wanted")),
    ),
)  # fmt: skip
_SERVERS = (
    Panel(
        "CPU by pod", _LINES,
        _one(f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{_JOB}}}[1m]))", "{{pod}}"),
    ),
)  # fmt: skip
_PROCESSORS = (
    *_SERVERS,
    Panel(
        "Periods throttled", _LINES,
        _one(f"sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{{{_JOB}}}[1m])) / "
             f"sum by (pod) (rate(container_cpu_cfs_periods_total{{{_JOB}}}[1m]))", "{{pod}}"),
        "percentunit", 0.0, 1.0,
    ),
)  # fmt: skip
_MODEL = (
    Panel(
        "Running and waiting", _LINES,
        (Target(f"sum(vllm:num_requests_running{{{_JOB}}})", "running"),
         Target(f"sum(vllm:num_requests_waiting{{{_JOB}}})", "waiting")),
    ),
    Panel(
        "KV cache in use", _GAUGE,
        _one(f"max by (pod) (vllm:kv_cache_usage_perc{{{_JOB}}})", "{{pod}}"), "percentunit",
        0.0, 1.0,
    ),
    Panel(
        "Time to first token", _LINES,
        _quantiles("vllm:time_to_first_token_seconds", _JOB), "s",
    ),
    Panel(
        "Time between tokens", _LINES,
        _quantiles("vllm:inter_token_latency_seconds", _JOB), "s",
    ),
    Panel(
        "Tokens", _LINES,
        (Target(f"sum(rate(vllm:prompt_tokens_total{{{_JOB}}}[1m]))", "prompt"),
         Target(f"sum(rate(vllm:generation_tokens_total{{{_JOB}}}[1m]))", "generated")),
        "cps",
    ),
    Panel(
        "Preemptions", _LINES,
        _one(f"sum by (pod) (rate(vllm:num_preemptions_total{{{_JOB}}}[1m]))", "{{pod}}"), "cps",
    ),
    Panel(
        "Prompt length", _LINES, _quantiles("vllm:request_prompt_tokens", _JOB),
    ),
    Panel(
        "GPU utilization", _GAUGE,
        _one(f"avg by (pod) (DCGM_FI_DEV_GPU_UTIL{{{_JOB}}})", "{{pod}}"), "percent", 0.0, 100.0,
    ),
)  # fmt: skip
_CACHE = (
    Panel(
        "Hit ratio", _LINES,
        _one(f"sum(rate(redis_keyspace_hits_total{{{_JOB}}}[1m])) / "
             f"(sum(rate(redis_keyspace_hits_total{{{_JOB}}}[1m])) "
             f"+ sum(rate(redis_keyspace_misses_total{{{_JOB}}}[1m])))", "hits"),
        "percentunit",
    ),
    Panel("Keys", _LINES, _one(f"sum by (pod) (redis_db_keys{{{_JOB}}})", "{{pod}}")),
    Panel(
        "Evicted and expired", _LINES,
        (Target(f"sum(rate(redis_evicted_keys_total{{{_JOB}}}[1m]))", "evicted"),
         Target(f"sum(rate(redis_expired_keys_total{{{_JOB}}}[1m]))", "expired")),
        "cps",
    ),
)  # fmt: skip
_BATCHES = (
    Panel("Queue", _LINES, _one(f"sum by (pod) (te_queue_size{{{_JOB}}})", "{{pod}}")),
    Panel(
        "Requests", _LINES,
        (Target(f"sum(rate(te_request_success{{{_JOB}}}[1m]))", "done"),
         Target(f"sum(rate(te_request_failure{{{_JOB}}}[1m]))", "failed")),
        "reqps",
    ),
    Panel(
        "Tokens computed", _LINES,
        (Target(f"sum(rate(te_batch_next_tokens_sum{{{_JOB}}}[1m]))", "of texts"),
         Target(f"sum(rate(batch_padding_tokens_total{{{_JOB}}}[1m]))", "of padding")),
        "cps",
    ),
)  # fmt: skip
_VERDICTS = (
    Panel(
        "Verdicts", _LINES,
        _one(f"sum by (verdict) (rate(guardrail_verdicts_total{{{_JOB}}}[1m]))", "{{verdict}}"),
        "reqps",
    ),
)  # fmt: skip
_SEARCHES = (
    Panel(
        "Searches by status", _LINES,
        _one(f"sum by (status) (rate(rest_responses_total{{{_JOB}}}[1m]))", "{{status}}"), "reqps",
    ),
    Panel("Search duration", _LINES, _quantiles("rest_responses_duration_seconds", _JOB), "s"),
)  # fmt: skip
_ANSWERS = (
    Panel(
        "Hit ratio", _LINES,
        _one(f"sum(rate(semantic_cache_hits_total{{{_JOB}}}[1m])) / "
             f"(sum(rate(semantic_cache_hits_total{{{_JOB}}}[1m])) + "
             f"sum(rate(semantic_cache_misses_total{{{_JOB}}}[1m])))", "hits"),
        "percentunit",
    ),
    Panel(
        "Search duration", _LINES,
        _quantiles("semantic_cache_search_duration_seconds", _JOB), "s",
    ),
)  # fmt: skip
_OWN: Mapping[str, tuple[Panel, ...]] = {
    "cpu": _PROCESSORS,
    "llm": _MODEL,
    "cache": _CACHE,
    "batch": _BATCHES,
    "embedding": _BATCHES,
    "rerank": _BATCHES,
    "guardrail": (*_BATCHES, *_VERDICTS),
    "semantic_cache": _ANSWERS,
    "vector_index": _SEARCHES,
}
"""What a kind has beside what its callers see of it."""


def general() -> dict[str, Dashboard]:
    """Every dashboard with `$component` still in it, by kind; `workers` serves any other kind."""
    found = {
        USERS: Dashboard("Users", _USERS),
        OBJECTIVES: Dashboard("Objectives", _OBJECTIVES),
    }
    for kind in (*_OWN, "workers", "external"):
        own = _OWN.get(kind, _SERVERS if kind == "workers" else ())
        around = _CALLERS if kind == "external" else (*_CALLERS, *_REPLICAS)
        found[kind] = Dashboard(f"Components of kind {kind}", (*own, *around))
    return found


def dashboard(name: str, kinds: Mapping[str, str]) -> Dashboard:
    """Make the dashboard of users, objectives or a component; NotFound names the nearest."""
    whole = general()
    if name in (USERS, OBJECTIVES):
        return whole[name]
    if name not in kinds:
        raise NotFound("dashboard", name, [USERS, OBJECTIVES, *kinds])
    form = whole.get(kinds[name], whole["workers"])
    return replace(form, title=name, panels=tuple(_named(panel, name) for panel in form.panels))


def _named(panel: Panel, name: str) -> Panel:
    targets = tuple(replace(t, expr=t.expr.replace(COMPONENT, name)) for t in panel.targets)
    return replace(panel, targets=targets)
