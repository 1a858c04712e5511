"""What spans say in words: status codes, Envoy's response flags, and each server's attributes.

Names follow OpenTelemetry's semantic conventions for HTTP, databases and generative AI; a model
server's latencies are called as vLLM calls them (vllm/tracing.py), an embedding server's as
text-embeddings-inference does.
"""

from simulator.instruments.traces.model import Attributes, Value
from simulator.plant import layout as at
from simulator.plant.api import Traced

CODES: dict[int, int] = {
    at.OK: 200, at.MISSED: 200, at.FAILED: 500, at.REJECTED: 503, at.LIMITED: 429,
    at.REFUSED: 429, at.TIMED_OUT: 504, at.RESET: 503, at.NOT_CONNECTED: 503, at.NOBODY: 503,
    at.OVERFLOWED: 503, at.TOO_LONG: 413, at.LEFT: 499, at.RENEW: 200, at.NEGATIVE: 200,
}  # fmt: skip
"""The HTTP status each result is answered with."""

FLAGS: dict[int, str] = {
    at.TIMED_OUT: "UT", at.RESET: "UC", at.NOT_CONNECTED: "UF", at.NOBODY: "UH",
    at.OVERFLOWED: "UO", at.LEFT: "DC",
}  # fmt: skip
"""Envoy's flags for what its proxies decide themselves (access log reference, RESPONSE_FLAGS)."""

MESSAGES: dict[int, str] = {
    at.FAILED: "internal server error",
    at.REJECTED: "queue is full",
    at.LIMITED: "too many requests",
    at.REFUSED: "too many requests",
    at.TIMED_OUT: "upstream request timeout",
    at.RESET: "upstream connect error or disconnect/reset before headers",
    at.NOT_CONNECTED: "upstream connection failure",
    at.NOBODY: "no healthy upstream",
    at.OVERFLOWED: "upstream circuit breaker overflow",
    at.TOO_LONG: "prompt is too long",
    at.LEFT: "client disconnected",
}
"""What a failed span says of it."""

_SECOND = 1e9
_BATCHING = {"batch": "embed", "embedding": "embed", "rerank": "rerank", "guardrail": "predict"}
"""The spans of text-embeddings-inference, by kind of batch server."""
_EMBEDDING = ("batch", "embedding")


def served_attributes(
    row: list[int], route: str, kind: str, revision: str
) -> tuple[str, Attributes]:
    """Name a server's span and say what it writes into it."""
    result = row[Traced.RESULT]
    if kind == "llm":
        return "llm_request", _model(row, revision)
    waited = row[Traced.WAIT_NS] / _SECOND
    if kind in _BATCHING:
        lasted = (row[Traced.ENDED_AT] - row[Traced.ARRIVED_AT]) / _SECOND
        found: list[tuple[str, Value]] = [
            *([("gen_ai.operation.name", "embeddings")] if kind in _EMBEDDING else []),
            ("total_time", lasted),
            ("queue_time", waited),
            ("inference_time", lasted - waited),
        ]
        return _BATCHING[kind], tuple(found)
    return f"POST /{route}", (
        ("http.request.method", "POST"),
        ("http.response.status_code", CODES[result]),
        ("queue_time", waited),
    )


def _model(row: list[int], revision: str) -> Attributes:
    """A model server's span: tokens and latencies in seconds; none that it did not get to."""
    found: list[tuple[str, Value]] = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.response.model", revision),
        ("gen_ai.usage.prompt_tokens", row[Traced.PROMPT]),
    ]
    if row[Traced.RESULT] != at.OK:
        return tuple(found)
    arrived, first, ended = (
        row[Traced.ARRIVED_AT],
        row[Traced.FIRST_AT],
        row[Traced.ENDED_AT],
    )
    scheduled = arrived + row[Traced.WAIT_NS]
    found += [
        ("gen_ai.usage.completion_tokens", row[Traced.OUTPUT]),
        ("gen_ai.latency.time_in_queue", row[Traced.WAIT_NS] / _SECOND),
        ("gen_ai.latency.time_to_first_token", (first - arrived) / _SECOND),
        ("gen_ai.latency.time_in_model_prefill", (first - scheduled) / _SECOND),
        ("gen_ai.latency.time_in_model_decode", (ended - first) / _SECOND),
        ("gen_ai.latency.time_in_model_inference", (ended - scheduled) / _SECOND),
        ("gen_ai.latency.e2e", (ended - arrived) / _SECOND),
    ]
    return tuple(found)
