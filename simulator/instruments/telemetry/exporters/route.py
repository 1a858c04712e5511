"""The gateway's own view of each route; TTFT as Envoy AI Gateway names it (OTel GenAI)."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric, label
from simulator.plant.probes import ClassProbe as C

_TOKENS = "gen_ai_client_token_usage_sum"

ROUTE = Exporter(
    [
        Metric("http_requests_total", C.ANSWERED_2XX, 1.0, label("code", "200")),
        Metric("http_requests_total", C.REFUSED_429, 1.0, label("code", "429")),
        Metric("http_requests_total", C.REFUSED_413, 1.0, label("code", "413")),
        Metric("http_requests_total", C.FAILED_5XX, 1.0, label("code", "500")),
        Metric("http_requests_total", C.FAILED_504, 1.0, label("code", "504")),
        Metric("http_requests_total", C.ABANDONED, 1.0, label("code", "499")),
        Metric("http_requests_in_flight", C.IN_FLIGHT),
        Metric(_TOKENS, C.PROMPT_TOKENS, 1.0, label("gen_ai_token_type", "input")),
        Metric(_TOKENS, C.OUTPUT_TOKENS, 1.0, label("gen_ai_token_type", "output")),
        Metric("answers_evaluated_total", C.EVALUATED),
        Metric("answers_evaluated_wrong_total", C.EVALUATED_WRONG),
        Metric("feedback_thumbs_down_total", C.THUMBS_DOWN),
    ],
    [
        Histogram("gen_ai_server_time_to_first_token_seconds", 0, 1.0, C.TTFT_NS),
        Histogram("http_request_duration_seconds", 1, 1.0, C.E2E_NS),
    ],
)
