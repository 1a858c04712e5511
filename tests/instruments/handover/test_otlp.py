"""OTLP/JSON as the protocol's JSON mapping has it: exact names, hexadecimal ids, decimal times."""

import json

from simulator.instruments.handover.otlp import BATCH, attributes, log_record_lines, span_lines
from simulator.instruments.series.logs import LogEntry, Severity
from simulator.instruments.traces.model import SpanKind
from tests.instruments.traces.spans import MS, SECOND, span

_EPOCH = 1_700_000_000 * SECOND


def _epoch_ns(at: int) -> int:
    return _EPOCH + at


def test_a_span_is_written_with_the_protocol_s_own_field_names() -> None:
    call = span(5, "00000000000000aa", 1, 3, parent="00000000000000bb", kind=SpanKind.CLIENT)
    failed = span(5, "00000000000000bb", 0, 4, error="upstream request timeout")

    (line,) = span_lines([call, failed], _epoch_ns)

    assert json.loads(line) == {
        "resourceSpans": [
            {
                "resource": {
                    "attributes": [{"key": "service.name", "value": {"stringValue": "gateway"}}]
                },
                "scopeSpans": [
                    {
                        "scope": {"name": "brownout"},
                        "spans": [
                            {
                                "traceId": f"{5:032x}",
                                "spanId": "00000000000000aa",
                                "parentSpanId": "00000000000000bb",
                                "name": "00000000000000aa",
                                "kind": 3,
                                "startTimeUnixNano": str(_EPOCH + MS),
                                "endTimeUnixNano": str(_EPOCH + 3 * MS),
                                "attributes": [],
                                "status": {},
                            },
                            {
                                "traceId": f"{5:032x}",
                                "spanId": "00000000000000bb",
                                "name": "00000000000000bb",
                                "kind": 2,
                                "startTimeUnixNano": str(_EPOCH),
                                "endTimeUnixNano": str(_EPOCH + 4 * MS),
                                "attributes": [
                                    {"key": "http.route", "value": {"stringValue": "/chat"}}
                                ],
                                "status": {"code": 2, "message": "upstream request timeout"},
                            },
                        ],
                    }
                ],
            }
        ]
    }


def test_attributes_keep_their_types_and_whole_numbers_are_strings() -> None:
    written = attributes((("a", "x"), ("b", 3), ("c", 0.5), ("d", True)))

    assert [each["value"] for each in written] == [
        {"stringValue": "x"},
        {"intValue": "3"},
        {"doubleValue": 0.5},
        {"boolValue": True},
    ]


def test_spans_of_one_process_stand_together_and_no_line_is_too_long() -> None:
    many = [span(n, "s", n, n + 1, service=f"s{n % 2}") for n in range(1, BATCH + 3)]

    first, second = (json.loads(line)["resourceSpans"] for line in span_lines(many, _epoch_ns))

    assert [len(each["scopeSpans"][0]["spans"]) for each in first] == [BATCH // 2, BATCH // 2]
    assert len(second) == 2


def test_a_log_entry_is_a_record_that_names_its_trace() -> None:
    entry = LogEntry(
        SECOND, Severity.WARN, "gateway", "gateway-0", "slow", f"{5:032x}", (("replica", "llm-0"),)
    )

    (line,) = log_record_lines([entry], _epoch_ns)

    (resource,) = json.loads(line)["resourceLogs"]
    (record,) = resource["scopeLogs"][0]["logRecords"]
    assert record == {
        "timeUnixNano": str(_EPOCH + SECOND),
        "observedTimeUnixNano": str(_EPOCH + SECOND),
        "severityNumber": 13,
        "severityText": "WARN",
        "body": {"stringValue": "slow"},
        "attributes": [{"key": "replica", "value": {"stringValue": "llm-0"}}],
        "traceId": f"{5:032x}",
    }
