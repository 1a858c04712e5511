"""Writes spans and log entries as OTLP/JSON lines, as the OpenTelemetry file exporter does.

A line is one export request: `resourceSpans` or `resourceLogs`. Ids are hexadecimal and times are
decimal strings of epoch nanoseconds, as the protocol's JSON mapping says (OTLP specification 1.7,
"JSON Protobuf Encoding").
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from simulator.instruments.series.logs import LogEntry, Severity
from simulator.instruments.traces.model import Attributes, Span, Value

SCOPE = "brownout"
BATCH = 512
"""Spans or log entries to a line: the batch processor's `max_export_batch_size`."""

Epoch = Callable[[int], int]
"""Epoch nanoseconds of a drill instant."""
Json = dict[str, object]
_Item = TypeVar("_Item")
_SEVERITIES = {
    Severity.DEBUG: 5, Severity.INFO: 9, Severity.WARN: 13, Severity.ERROR: 17, Severity.FATAL: 21,
}  # fmt: skip
"""OpenTelemetry's severity numbers: the lowest of each range."""


def span_lines(spans: Iterable[Span], epoch_ns: Epoch) -> Iterator[str]:
    """Write spans, those of one process together within a line."""
    for batch in _batches(spans):
        groups = _grouped(batch, lambda span: span.resource)
        resources = [
            {
                "resource": {"attributes": attributes(resource)},
                "scopeSpans": [
                    {"scope": {"name": SCOPE}, "spans": [_span(s, epoch_ns) for s in group]}
                ],
            }
            for resource, group in groups
        ]
        yield json.dumps({"resourceSpans": resources}, ensure_ascii=False)


def log_record_lines(entries: Iterable[LogEntry], epoch_ns: Epoch) -> Iterator[str]:
    """Write log entries, those of one pod together within a line."""
    for batch in _batches(entries):
        groups = _grouped(batch, _process)
        resources = [
            {
                "resource": {"attributes": attributes(resource)},
                "scopeLogs": [
                    {"scope": {"name": SCOPE}, "logRecords": [_record(e, epoch_ns) for e in group]}
                ],
            }
            for resource, group in groups
        ]
        yield json.dumps({"resourceLogs": resources}, ensure_ascii=False)


def attributes(pairs: Attributes) -> list[Json]:
    """Write attributes with their types; whole numbers are strings in this encoding."""
    return [{"key": key, "value": _value(value)} for key, value in pairs]


def _value(value: Value) -> Json:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}


def _span(span: Span, epoch_ns: Epoch) -> Json:
    status: Json = {"code": int(span.status)} if span.status else {}
    if span.message:
        status["message"] = span.message
    written: Json = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id,
        "name": span.name,
        "kind": int(span.kind),
        "startTimeUnixNano": str(epoch_ns(span.start_ns)),
        "endTimeUnixNano": str(epoch_ns(span.end_ns)),
        "attributes": attributes(span.attributes),
        "status": status,
    }
    if not span.parent_id:
        del written["parentSpanId"]
    return written


def _record(entry: LogEntry, epoch_ns: Epoch) -> Json:
    written: Json = {
        "timeUnixNano": str(epoch_ns(entry.t_ns)),
        "observedTimeUnixNano": str(epoch_ns(entry.t_ns)),
        "severityNumber": _SEVERITIES[entry.severity],
        "severityText": entry.severity.name,
        "body": {"stringValue": entry.message},
        "attributes": attributes(entry.fields),
    }
    if entry.trace_id:
        written["traceId"] = entry.trace_id
    return written


def _process(entry: LogEntry) -> Attributes:
    named = (("service.name", entry.component), ("k8s.pod.name", entry.pod))
    return tuple((name, value) for name, value in named if value)


def _batches(items: Iterable[_Item]) -> Iterator[tuple[_Item, ...]]:
    left = iter(items)
    while batch := tuple(islice(left, BATCH)):
        yield batch


def _grouped(
    items: Sequence[_Item], key: Callable[[_Item], Attributes]
) -> list[tuple[Attributes, list[_Item]]]:
    groups: dict[Attributes, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())
