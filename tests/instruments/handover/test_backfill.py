"""An exported run, backfilled into a real Prometheus, answers as ours does."""

import math
from pathlib import Path

import pytest

from simulator.instruments.handover.openmetrics import lines
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.values import Matrix, Scalar, Vector
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.store import SeriesStore
from simulator.units import duration
from tests.drill.small import seated
from tests.instruments.handover.real_prometheus import asked, backfilled, missing, serving

QUERIES = [
    "up",
    "sum(up)",
    "count by (job) (up)",
    "http_requests_total",
    'http_requests_total{code="200"}',
    'http_requests_total{code!~"2.."}',
    "rate(http_requests_total[1m])",
    "rate(http_requests_total[2m])",
    "increase(http_requests_total[5m])",
    "irate(http_requests_total[1m])",
    "sum by (code) (rate(http_requests_total[1m]))",
    "sum without (instance) (rate(http_requests_total[1m]))",
    'sum(rate(http_requests_total{code=~"5.."}[2m])) / sum(rate(http_requests_total[2m]))',
    "topk(2, rate(http_requests_total[1m]))",
    "count_values('v', up)",
    "quantile(0.9, rate(http_requests_total[1m]))",
    "stddev by (job) (rate(http_requests_total[1m]))",
    "max by (pod) (vllm:num_requests_running)",
    "avg_over_time(vllm:num_requests_running[2m])",
    "max_over_time(vllm:num_requests_running[2m])",
    "min_over_time(vllm:num_requests_running[2m])",
    "sum_over_time(vllm:num_requests_running[2m])",
    "count_over_time(vllm:num_requests_running[2m])",
    "stddev_over_time(vllm:num_requests_running[2m])",
    "quantile_over_time(0.5, vllm:num_requests_running[2m])",
    "last_over_time(vllm:num_requests_running[2m])",
    "changes(vllm:num_requests_running[5m])",
    "resets(vllm:generation_tokens_total[5m])",
    "deriv(vllm:generation_tokens_total[5m])",
    "delta(vllm:num_requests_running[5m])",
    "idelta(vllm:num_requests_running[1m])",
    "predict_linear(vllm:generation_tokens_total[5m], 600)",
    "histogram_quantile(0.99, rate(vllm:time_to_first_token_seconds_bucket[2m]))",
    "histogram_quantile(0.5, sum by (le) (rate(vllm:e2e_request_latency_seconds_bucket[5m])))",
    ("histogram_quantile(0.9, sum by (le, envoy_cluster_name) "
    "(rate(envoy_cluster_upstream_rq_time_bucket[5m])))"),
    ("rate(vllm:e2e_request_latency_seconds_sum[5m]) "
    "/ rate(vllm:e2e_request_latency_seconds_count[5m])"),
    "envoy_cluster_upstream_rq_total offset 1m",
    "rate(envoy_cluster_upstream_rq_total[1m] offset 30s)",
    "rate(http_requests_total[1m]) > 1",
    "rate(http_requests_total[1m]) > bool 1",
    'up{job="llm"} and on (pod) vllm:num_requests_running',
    "vllm:num_requests_running unless on (pod) vllm:num_requests_waiting > 0",
    "up or vector(1)",
    "vllm:num_requests_running / on (pod) group_left sum by (pod) (up)",
    "absent(nothing_here)",
    "absent_over_time(nothing_here[5m])",
    "label_replace(up, 'to', '$1', 'pod', '(.*)-.*')",
    "max_over_time(rate(http_requests_total[1m])[5m:30s])",
    "clamp_max(vllm:num_requests_running, 2)",
    "sort_desc(rate(http_requests_total[1m]))",
    "scalar(sum(up)) + 1",
    "kube_deployment_status_replicas_available == kube_deployment_spec_replicas",
    "timestamp(up)",
    "time() - timestamp(up)",
]  # fmt: skip
WHY_NOT = missing()


def test_a_gauge_that_is_named_as_a_counter_is_written_as_a_gauge() -> None:
    store = SeriesStore()
    store.append((("__name__", "envoy_cluster_membership_total"),), 1500, 3.0)

    written = list(lines(store))

    total = "envoy_cluster_membership_total"
    assert written == [f"# TYPE {total} gauge", f"{total} 3 1.500", "# EOF"]


def test_openmetrics_text_is_ordered_and_whole() -> None:
    store = SeriesStore()
    store.append((("__name__", "b_total"), ("path", 'a"\\\n')), 1500, 2.5)
    store.append((("__name__", "a_bucket"), ("le", "1")), 1000, 1.0)
    store.append((("__name__", "a_count"),), 1000, 1.0)
    store.append((("__name__", "b_total"), ("path", 'a"\\\n')), 2500, float("inf"))

    assert list(lines(store)) == [
        "# TYPE a histogram",
        'a_bucket{le="1"} 1 1.000',
        "a_count 1 1.000",
        "# TYPE b counter",
        'b_total{path="a\\"\\\\\\n"} 2.5 1.500',
        'b_total{path="a\\"\\\\\\n"} +Inf 2.500',
        "# EOF",
    ]


@pytest.mark.skipif(bool(WHY_NOT), reason=f"{len(QUERIES)} queries not compared: {WHY_NOT}")
@pytest.mark.xdist_group("small")
def test_a_backfilled_run_answers_as_ours(tmp_path: Path) -> None:
    flight = seated()
    flight.session.idle_to_end()
    drill = flight.drill
    metrics = tmp_path / "metrics.om"
    metrics.write_text("\n".join(lines(drill.store)) + "\n")
    backfilled(metrics, tmp_path / "data")
    instants = [drill.calendar.ms(drill.warm_up + duration(text)) for text in ("1m", "3m37s")]

    differing: list[str] = []
    answered = 0
    with serving(tmp_path / "data") as address:
        for t_ms in instants:
            for query in QUERIES:
                theirs = _theirs(asked(address, "query", query=query, time=f"{t_ms / 1000:.3f}"))
                ours = _ours(drill.store, query, t_ms)
                answered += bool(ours)
                if not _alike(ours, theirs):
                    differing.append(f"{query} at {t_ms}: ours {ours}, theirs {theirs}")

    assert differing == []
    assert answered > len(QUERIES)  # of twice as many: most queries find something


def _ours(store: SeriesStore, query: str, t_ms: int) -> dict[Labels, float]:
    found = compile_query(query).instant(store, t_ms)
    if isinstance(found, Scalar):
        return {(): found.value}
    assert isinstance(found, Vector)
    assert not isinstance(found, Matrix)
    return dict(found.samples())


def _theirs(result: list[object]) -> dict[Labels, float]:
    if len(result) == 2 and not isinstance(result[0], dict):  # a scalar: time and value
        return {(): float(str(result[1]))}
    found = {}
    for each in result:
        assert isinstance(each, dict)
        found[tuple(sorted(each["metric"].items()))] = float(each["value"][1])
    return found


def _alike(ours: dict[Labels, float], theirs: dict[Labels, float]) -> bool:
    return ours.keys() == theirs.keys() and all(
        math.isclose(value, theirs[labels], rel_tol=1e-9)
        or (math.isnan(value) and math.isnan(theirs[labels]))
        for labels, value in ours.items()
    )
