"""LiteLLM, litellm/integrations/prometheus.py: a provider as its caller's client library counts it.

An edge to a provider is one deployment: its callee is both model and provider; `api_provider` is on
everything, as since LiteLLM 1.98. Money is in the unit of the scenario's prices.
"""

from collections.abc import Sequence

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric, label
from simulator.plant.probes import ProviderProbe as P
from simulator.plant.probes import TenantProbe as T

NANO = 1e-9
CALLEE = "__callee"
"""The meta label that names the provider."""
_TOTAL = "litellm_deployment_total_requests_total"
_FAILURES = "litellm_deployment_failure_responses_total"
_MODEL, _DEPLOYED = label("model", CALLEE), label("litellm_model_name", CALLEE)


def _error(status: str, kind: str) -> tuple[tuple[str, str], ...]:
    return (*_DEPLOYED, ("exception_class", kind), ("exception_status", status))


LITELLM = Exporter(
    [
        Metric(
            _TOTAL,
            P.OK,
            1.0,
            _DEPLOYED,
            (P.RATE_LIMITED, P.OVERLOADED, P.FAILED, P.TIMED_OUT, P.CONNECT_FAILED),
        ),
        Metric("litellm_deployment_success_responses_total", P.OK, 1.0, _DEPLOYED),
        Metric(_FAILURES, P.RATE_LIMITED, 1.0, _error("429", "RateLimitError")),
        Metric(_FAILURES, P.OVERLOADED, 1.0, _error("529", "InternalServerError")),
        Metric(_FAILURES, P.FAILED, 1.0, _error("500", "InternalServerError")),
        Metric(_FAILURES, P.TIMED_OUT, 1.0, _error("408", "Timeout")),
        Metric(_FAILURES, P.CONNECT_FAILED, 1.0, _error("500", "APIConnectionError")),
        Metric("litellm_input_tokens_metric_total", P.INPUT_TOKENS, 1.0, _MODEL),
        Metric("litellm_output_tokens_metric_total", P.OUTPUT_TOKENS, 1.0, _MODEL),
    ],
    [
        Histogram("litellm_llm_api_latency_metric", 0, 1.0, P.LATENCY_NS, labels=_MODEL),
        Histogram("litellm_llm_api_time_to_first_token_metric", 1, 1.0, P.TTFT_NS, labels=_MODEL),
    ],
)

TERMS: dict[str, Sequence[Metric]] = {
    "requests": [Metric("litellm_remaining_requests_metric", P.REQUESTS_LEFT, 1.0, _DEPLOYED)],
    "tokens": [Metric("litellm_remaining_tokens_metric", P.TOKENS_LEFT, 1.0, _DEPLOYED)],
    "price": [Metric("litellm_spend_metric_total", P.SPENT_NANO, NANO, _MODEL)],
    "budget": [Metric("litellm_provider_remaining_budget_metric", P.BUDGET_LEFT_NANO, NANO)],
}
"""What it shows besides, where there is a quota of requests or tokens, a price or a budget."""

_PROXY = "litellm_proxy_total_requests_metric_total"
_PROXY_FAILED = "litellm_proxy_failed_requests_metric_total"

TENANT = Exporter(
    [
        Metric(_PROXY, T.ANSWERED_2XX, 1.0, label("status_code", "200")),
        Metric(_PROXY, T.REFUSED_429, 1.0, label("status_code", "429")),
        Metric(_PROXY, T.FAILED, 1.0, label("status_code", "500")),
        Metric(_PROXY, T.ABANDONED, 1.0, label("status_code", "499")),
        Metric(_PROXY_FAILED, T.REFUSED_429, 1.0, label("exception_status", "429")),
        Metric(_PROXY_FAILED, T.FAILED, 1.0, label("exception_status", "500")),
        Metric("litellm_input_tokens_metric_total", T.PROMPT_TOKENS),
        Metric("litellm_output_tokens_metric_total", T.OUTPUT_TOKENS),
        # LiteLLM has no such gauge per team; named as our own gateway's is per route.
        Metric("http_requests_in_flight", T.IN_FLIGHT),
    ]
)
"""What the proxy counts of each team: for us, of a tenant at a class's door."""
