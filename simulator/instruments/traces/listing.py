"""Traces as a table, a line each, and as JSON lines."""

import json
from collections.abc import Iterable, Iterator, Sequence

from simulator.instruments.traces.model import Span, Trace
from simulator.instruments.traces.store import Policy
from simulator.instruments.traces.waterfall import milliseconds, title

HEAD = ("trace", "route", "lasted", "spans", "", "longest own time", "first failure")


def rows(traces: Iterable[Trace], policy: Policy) -> list[tuple[str, ...]]:
    """Say of each trace how long it took, who took most of it, and who failed first."""
    return [
        (
            trace.trace_id,
            trace.route,
            milliseconds(trace.lasted_ns),
            str(len(trace.spans)),
            _marks(trace, policy),
            _longest(trace.spans),
            _first_failure(trace),
        )
        for trace in traces
    ]


def json_lines(traces: Iterable[Trace], policy: Policy) -> Iterator[str]:
    """Write a line a trace, with the same in numbers."""
    for trace in traces:
        failed = [span for span in trace.spans if span.is_error]
        yield json.dumps(
            {
                "trace_id": trace.trace_id,
                "route": trace.route,
                "start_ns": trace.start_ns,
                "lasted_ns": trace.lasted_ns,
                "spans": len(trace.spans),
                "error": bool(failed),
                "slow": policy.is_slow(trace),
                "services": sorted({span.service for span in trace.spans}),
            }
        )


def own_ns(span: Span, spans: Sequence[Span]) -> int:
    """How much of a span's time none of its children covers."""
    pieces = sorted(
        (max(each.start_ns, span.start_ns), min(each.end_ns, span.end_ns))
        for each in spans
        if each.parent_id == span.span_id
    )
    covered, upto = 0, span.start_ns
    for start, end in pieces:
        covered += max(0, end - max(start, upto))
        upto = max(upto, end)
    return span.lasted_ns - covered


def _marks(trace: Trace, policy: Policy) -> str:
    return " ".join(
        word
        for word, is_so in (("error", trace.has_error), ("slow", policy.is_slow(trace)))
        if is_so
    )


def _longest(spans: Sequence[Span]) -> str:
    best = max(spans, key=lambda span: own_ns(span, spans))
    return f"{title(best)} {milliseconds(own_ns(best, spans))}"


def _first_failure(trace: Trace) -> str:
    failed = [span for span in trace.spans if span.is_error]
    if not failed:
        return ""
    first = min(failed, key=lambda span: (span.end_ns, -span.start_ns))
    return f"{title(first)}: {first.message}" if first.message else title(first)
