"""Our own dashboards: one for users, one per kind of component; their queries name real metrics.

`$component` stands for the component's name. The files for Grafana are made from these by
`benchmarks/dashboards.py`.
"""

from collections.abc import Mapping
from dataclasses import replace

from simulator.errors import NotFound
from simulator.instruments.dashboards.making import (
    CLUSTER,
    COMPONENT,
    GPU,
    JOB,
    one,
    quantiles,
)
from simulator.instruments.dashboards.others import MILVUS, SGLANG, TGI, TRITON
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel, Target

_LINES, _STAT, _GAUGE = Drawing.TIMESERIES, Drawing.STAT, Drawing.GAUGE
USERS, OBJECTIVES, BUSINESS = "users", "objectives", "business"


_USERS = (
    Panel(
        "Requests by status", _LINES,
        one("sum by (code) (rate(http_requests_total[1m]))", "{{code}}"), "reqps",
    ),
    Panel(
        "Answered", _STAT,
        one('sum(rate(http_requests_total{code="200"}[1m])) / sum(rate(http_requests_total[1m]))'),
        "percentunit",
    ),
    Panel(
        "Time to first token", _LINES,
        quantiles("gen_ai_server_time_to_first_token_seconds", ""), "s",
    ),
    Panel("Request duration", _LINES, quantiles("http_request_duration_seconds", ""), "s"),
    Panel(
        "Requests in flight", _LINES, one("sum by (route) (http_requests_in_flight)", "{{route}}")
    ),
    Panel(
        "Evaluated answers that are wrong", _STAT,
        one("sum(increase(answers_evaluated_wrong_total[10m])) "
             "/ sum(increase(answers_evaluated_total[10m]))"),
        "percentunit",
    ),
)  # fmt: skip
_BUSINESS = (
    Panel(
        "Answers per minute", _LINES, one("sum by (route) (business_answers_per_minute)",
                                           "{{route}}"),
    ),
    Panel(
        "Requests that end in an answer", _STAT,
        one("min by (route) (business_conversion_ratio)", "{{route}}"), "percentunit",
    ),
    Panel("Cost per hour", _STAT, one("business_cost_per_hour", "{{currency}}")),
    Panel(
        "Support tickets in 10 minutes", _LINES,
        one("sum by (route) (increase(support_tickets_total[10m]))", "{{route}}"),
    ),
)  # fmt: skip
_OBJECTIVES = (
    Panel(
        "Error budget left", _GAUGE,
        one("slo:period_error_budget_remaining:ratio", "{{slo}}"), "percentunit", 0.0, 1.0,
    ),
    Panel("Burn rate", _LINES, one("slo:current_burn_rate:ratio", "{{slo}}")),
    Panel(
        "Error ratio by window", _LINES,
        one('{__name__=~"slo:sli_error:ratio_rate.+"}', "{{slo}} {{window}}"), "percentunit",
    ),
)  # fmt: skip
_CALLERS = (
    Panel(
        "Calls as callers see them", _LINES,
        one("sum by (envoy_response_code_class) "
             f"(rate(envoy_cluster_upstream_rq_xx{{{CLUSTER}}}[1m]))",
             "{{envoy_response_code_class}}xx"),
        "reqps",
    ),
    Panel(
        "Duration as callers see it", _LINES,
        quantiles("envoy_cluster_upstream_rq_time", CLUSTER), "ms",
    ),
    Panel(
        "Retries and timeouts", _LINES,
        (Target(f"sum(rate(envoy_cluster_upstream_rq_retry{{{CLUSTER}}}[1m]))", "retries"),
         Target(f"sum(rate(envoy_cluster_upstream_rq_timeout{{{CLUSTER}}}[1m]))", "timeouts")),
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
        one(f"sum by (pod) (rate(container_cpu_usage_seconds_total{{{JOB}}}[1m]))", "{{pod}}"),
    ),
)  # fmt: skip
_PROCESSORS = (
    *_SERVERS,
    Panel(
        "Periods throttled", _LINES,
        one(f"sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{{{JOB}}}[1m])) / "
             f"sum by (pod) (rate(container_cpu_cfs_periods_total{{{JOB}}}[1m]))", "{{pod}}"),
        "percentunit", 0.0, 1.0,
    ),
)  # fmt: skip
_MODEL = (
    Panel(
        "Running and waiting", _LINES,
        (Target(f"sum(vllm:num_requests_running{{{JOB}}})", "running"),
         Target(f"sum(vllm:num_requests_waiting{{{JOB}}})", "waiting")),
    ),
    Panel(
        "KV cache in use", _GAUGE,
        one(f"max by (pod) (vllm:kv_cache_usage_perc{{{JOB}}})", "{{pod}}"), "percentunit",
        0.0, 1.0,
    ),
    Panel(
        "Time to first token", _LINES,
        quantiles("vllm:time_to_first_token_seconds", JOB), "s",
    ),
    Panel(
        "Time between tokens", _LINES,
        quantiles("vllm:inter_token_latency_seconds", JOB), "s",
    ),
    Panel(
        "Tokens", _LINES,
        (Target(f"sum(rate(vllm:prompt_tokens_total{{{JOB}}}[1m]))", "prompt"),
         Target(f"sum(rate(vllm:generation_tokens_total{{{JOB}}}[1m]))", "generated")),
        "cps",
    ),
    Panel(
        "Preemptions", _LINES,
        one(f"sum by (pod) (rate(vllm:num_preemptions_total{{{JOB}}}[1m]))", "{{pod}}"), "cps",
    ),
    Panel(
        "Prompt length", _LINES, quantiles("vllm:request_prompt_tokens", JOB),
    ),
    GPU,
)  # fmt: skip
_CACHE = (
    Panel(
        "Hit ratio", _LINES,
        one(f"sum(rate(redis_keyspace_hits_total{{{JOB}}}[1m])) / "
             f"(sum(rate(redis_keyspace_hits_total{{{JOB}}}[1m])) "
             f"+ sum(rate(redis_keyspace_misses_total{{{JOB}}}[1m])))", "hits"),
        "percentunit",
    ),
    Panel("Keys", _LINES, one(f"sum by (pod) (redis_db_keys{{{JOB}}})", "{{pod}}")),
    Panel(
        "Evicted and expired", _LINES,
        (Target(f"sum(rate(redis_evicted_keys_total{{{JOB}}}[1m]))", "evicted"),
         Target(f"sum(rate(redis_expired_keys_total{{{JOB}}}[1m]))", "expired")),
        "cps",
    ),
)  # fmt: skip
_BATCHES = (
    Panel("Queue", _LINES, one(f"sum by (pod) (te_queue_size{{{JOB}}})", "{{pod}}")),
    Panel(
        "Requests", _LINES,
        (Target(f"sum(rate(te_request_success{{{JOB}}}[1m]))", "done"),
         Target(f"sum(rate(te_request_failure{{{JOB}}}[1m]))", "failed")),
        "reqps",
    ),
    Panel(
        "Tokens computed", _LINES,
        (Target(f"sum(rate(te_batch_next_tokens_sum{{{JOB}}}[1m]))", "of texts"),
         Target(f"sum(rate(batch_padding_tokens_total{{{JOB}}}[1m]))", "of padding")),
        "cps",
    ),
)  # fmt: skip
_VERDICTS = (
    Panel(
        "Verdicts", _LINES,
        one(f"sum by (verdict) (rate(guardrail_verdicts_total{{{JOB}}}[1m]))", "{{verdict}}"),
        "reqps",
    ),
)  # fmt: skip
_SEARCHES = (
    Panel(
        "Searches by status", _LINES,
        one(f"sum by (status) (rate(rest_responses_total{{{JOB}}}[1m]))", "{{status}}"), "reqps",
    ),
    Panel("Search duration", _LINES, quantiles("rest_responses_duration_seconds", JOB), "s"),
)  # fmt: skip
_ANSWERS = (
    Panel(
        "Hit ratio", _LINES,
        one(f"sum(rate(semantic_cache_hits_total{{{JOB}}}[1m])) / "
             f"(sum(rate(semantic_cache_hits_total{{{JOB}}}[1m])) + "
             f"sum(rate(semantic_cache_misses_total{{{JOB}}}[1m])))", "hits"),
        "percentunit",
    ),
    Panel(
        "Search duration", _LINES,
        quantiles("semantic_cache_search_duration_seconds", JOB), "s",
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
    "sglang": SGLANG,
    "tgi": TGI,
    "triton": TRITON,
    "milvus": MILVUS,
}
"""What a kind, or another exporter, has beside what its callers see of it."""


def general() -> dict[str, Dashboard]:
    """Every dashboard with `$component` still in it, by kind; `workers` serves any other kind."""
    found = {
        USERS: Dashboard("Users", _USERS),
        OBJECTIVES: Dashboard("Objectives", _OBJECTIVES),
        BUSINESS: Dashboard("Business", _BUSINESS),
    }
    for kind in (*_OWN, "workers", "external"):
        own = _OWN.get(kind, _SERVERS if kind == "workers" else ())
        around = _CALLERS if kind == "external" else (*_CALLERS, *_REPLICAS)
        found[kind] = Dashboard(f"Components of kind {kind}", (*own, *around))
    return found


def dashboard(name: str, kinds: Mapping[str, str]) -> Dashboard:
    """Make the dashboard of users, objectives or a component; NotFound names the nearest."""
    whole = general()
    if name in (USERS, OBJECTIVES, BUSINESS):
        return whole[name]
    if name not in kinds:
        raise NotFound("dashboard", name, [USERS, OBJECTIVES, BUSINESS, *kinds])
    form = whole.get(kinds[name], whole["workers"])
    return replace(form, title=name, panels=tuple(_named(panel, name) for panel in form.panels))


def _named(panel: Panel, name: str) -> Panel:
    targets = tuple(replace(t, expr=t.expr.replace(COMPONENT, name)) for t in panel.targets)
    return replace(panel, targets=targets)
