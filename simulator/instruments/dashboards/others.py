"""Panels of components that show another exporter's metrics than their kind's usual one."""

from simulator.instruments.dashboards.making import GPU, JOB, one, quantiles
from simulator.instruments.dashboards.panels import Drawing, Panel, Target

_LINES, _GAUGE = Drawing.TIMESERIES, Drawing.GAUGE

SGLANG = (
    Panel(
        "Running and waiting", _LINES,
        (Target(f"sum(sglang:num_running_reqs{{{JOB}}})", "running"),
         Target(f"sum(sglang:num_queue_reqs{{{JOB}}})", "waiting")),
    ),
    Panel(
        "KV cache in use", _GAUGE,
        one(f"max by (pod) (sglang:token_usage{{{JOB}}})", "{{pod}}"), "percentunit", 0.0, 1.0,
    ),
    Panel(
        "Time to first token", _LINES,
        quantiles("sglang:time_to_first_token_seconds", JOB), "s",
    ),
    Panel(
        "Tokens", _LINES,
        (Target(f"sum(rate(sglang:prompt_tokens_total{{{JOB}}}[1m]))", "prompt"),
         Target(f"sum(rate(sglang:generation_tokens_total{{{JOB}}}[1m]))", "generated")),
        "cps",
    ),
    Panel(
        "Retractions", _LINES,
        one(f"sum by (pod) (rate(sglang:num_retracted_requests_total{{{JOB}}}[1m]))", "{{pod}}"),
        "cps",
    ),
    GPU,
)  # fmt: skip
TGI = (
    Panel(
        "Running and waiting", _LINES,
        (Target(f"sum(tgi_batch_current_size{{{JOB}}})", "running"),
         Target(f"sum(tgi_queue_size{{{JOB}}})", "waiting")),
    ),
    Panel("Request duration", _LINES, quantiles("tgi_request_duration", JOB), "s"),
    Panel("Time in the queue", _LINES, quantiles("tgi_request_queue_duration", JOB), "s"),
    Panel(
        "Tokens", _LINES,
        (Target(f"sum(rate(tgi_request_input_length_sum{{{JOB}}}[1m]))", "prompt"),
         Target(f"sum(rate(tgi_request_generated_tokens_sum{{{JOB}}}[1m]))", "generated")),
        "cps",
    ),
    GPU,
)  # fmt: skip
TRITON = (
    Panel(
        "Queue", _LINES,
        one(f"sum by (pod) (nv_inference_pending_request_count{{{JOB}}})", "{{pod}}"),
    ),
    Panel(
        "Requests", _LINES,
        (Target(f"sum(rate(nv_inference_request_success{{{JOB}}}[1m]))", "done"),
         Target(f"sum(rate(nv_inference_request_failure{{{JOB}}}[1m]))", "failed")),
        "reqps",
    ),
    Panel(
        "Mean time of a request, in the queue and in all", _LINES,
        tuple(
            Target(
                f"sum(rate(nv_inference_{part}_duration_us{{{JOB}}}[1m])) / "
                f"sum(rate(nv_inference_request_success{{{JOB}}}[1m])) / 1e6",
                part,
            )
            for part in ("queue", "request")
        ),
        "s",
    ),
)  # fmt: skip
MILVUS = (
    Panel(
        "Searches by status", _LINES,
        one(f"sum by (status) (rate(milvus_proxy_dql_req_count{{{JOB}}}[1m]))", "{{status}}"),
        "reqps",
    ),
    Panel("Search duration", _LINES, quantiles("milvus_proxy_sq_latency", JOB), "ms"),
)  # fmt: skip
