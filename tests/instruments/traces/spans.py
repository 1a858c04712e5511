"""Spans made by hand."""

from simulator.instruments.traces.model import Span, SpanKind, Status

MS = 1_000_000
SECOND = 1000 * MS


def span(
    trace: int,
    name: str,
    start_ms: int,
    end_ms: int,
    *,
    parent: str = "",
    service: str = "gateway",
    pod: str = "",
    error: str = "",
    wait_ms: int = 0,
    kind: SpanKind = SpanKind.SERVER,
) -> Span:
    """A span whose id is its name; a root asks for /chat."""
    resource = (("service.name", service), *((("k8s.pod.name", pod),) if pod else ()))
    return Span(
        f"{trace:032x}",
        name,
        parent,
        name,
        kind,
        start_ms * MS,
        end_ms * MS,
        Status.ERROR if error else Status.UNSET,
        resource,
        () if parent else (("http.route", "/chat"),),
        error,
        wait_ms * MS,
    )
