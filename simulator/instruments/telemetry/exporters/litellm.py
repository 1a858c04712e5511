"""LiteLLM, litellm/integrations/prometheus.py: a provider as its caller's client library counts it.

An edge to a provider is one deployment. Money is in the unit of the scenario's prices.
"""

from collections.abc import Sequence

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric
from simulator.plant.probes import ProviderProbe as P

NANO = 1e-9
_TOTAL = "litellm_deployment_total_requests_total"
_FAILURES = "litellm_deployment_failure_responses_total"


def _error(status: str, kind: str) -> tuple[tuple[str, str], ...]:
    return (("exception_class", kind), ("exception_status", status))


LITELLM = Exporter(
    [
        Metric(
            _TOTAL,
            P.OK,
            and_columns=(
                P.RATE_LIMITED, P.OVERLOADED, P.FAILED, P.TIMED_OUT, P.CONNECT_FAILED,
            ),
        ),
        Metric("litellm_deployment_success_responses_total", P.OK),
        Metric(_FAILURES, P.RATE_LIMITED, 1.0, _error("429", "RateLimitError")),
        Metric(_FAILURES, P.OVERLOADED, 1.0, _error("529", "InternalServerError")),
        Metric(_FAILURES, P.FAILED, 1.0, _error("500", "InternalServerError")),
        Metric(_FAILURES, P.TIMED_OUT, 1.0, _error("408", "Timeout")),
        Metric(_FAILURES, P.CONNECT_FAILED, 1.0, _error("500", "APIConnectionError")),
        Metric("litellm_input_tokens_metric_total", P.INPUT_TOKENS),
        Metric("litellm_output_tokens_metric_total", P.OUTPUT_TOKENS),
    ],
    [
        Histogram("litellm_llm_api_latency_metric", 0, 1.0, P.LATENCY_NS),
        Histogram("litellm_llm_api_time_to_first_token_metric", 1, 1.0, P.TTFT_NS),
    ],
)  # fmt: skip

TERMS: dict[str, Sequence[Metric]] = {
    "requests": [Metric("litellm_remaining_requests_metric", P.REQUESTS_LEFT)],
    "tokens": [Metric("litellm_remaining_tokens_metric", P.TOKENS_LEFT)],
    "price": [Metric("litellm_spend_metric_total", P.SPENT_NANO, NANO)],
    "budget": [Metric("litellm_provider_remaining_budget_metric", P.BUDGET_LEFT_NANO, NANO)],
}
"""What it shows besides, where there is a quota of requests or tokens, a price or a budget."""
