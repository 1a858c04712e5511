"""Spans of a drill: of real requests, complete, the same every time, and silent about causes."""

from functools import cache

import pytest

from simulator.drill.run import Flight
from simulator.instruments.traces.model import Span, SpanKind, Trace
from simulator.units import MINUTE, SECOND
from tests.drill.small import seated


@cache
def _flown(*set_: str) -> Flight:
    flight = seated("tracing.share=25%", "tracing.ordinary=100%", *set_)
    flight.session.advance(2 * MINUTE)
    return flight


def _traces(flight: Flight) -> list[Trace]:
    return flight.drill.traces.search(flight.drill.clock.now)


def _spans(flight: Flight) -> list[Span]:
    return [span for trace in _traces(flight) for span in trace.spans]


def test_every_parent_is_there_and_spans_lie_within_the_call_that_made_them() -> None:
    for trace in _traces(_flown()):
        by_id = {span.span_id: span for span in trace.spans}
        assert len(by_id) == len(trace.spans)
        for span in trace.spans:
            parent = by_id[span.parent_id] if span.parent_id else span
            assert parent.start_ns <= span.start_ns <= span.end_ns
            if parent.kind is SpanKind.CLIENT and not parent.is_error:
                assert span.end_ns <= parent.end_ns


def test_a_trace_reaches_every_service_its_request_did() -> None:
    deep = max(_traces(_flown()), key=lambda trace: len(trace.spans))

    names = {(span.service, span.name) for span in deep.spans}

    assert names == {
        ("gateway", "POST /chat"),
        ("gateway", "router gateway egress"),
        ("gateway", "GET pages"),
        ("gateway", "router catalogue egress"),
        ("catalogue", "POST /chat"),
        ("gateway", "router llm egress"),
        ("llm", "llm_request"),
    }


def test_about_the_shares_that_were_asked_for_are_recorded_and_kept() -> None:
    flight = seated("tracing.share=50%", "tracing.by_class.facts=0%", "tracing.ordinary=50%")
    flight.session.advance(4 * MINUTE)

    decided, kept = flight.drill.traces.counted(flight.drill.clock.now)
    routes = {trace.route for trace in _traces(flight)}

    assert decided == pytest.approx(0.5 * 20 * 300, rel=0.1)
    assert kept == pytest.approx(0.5 * decided, rel=0.1)
    assert routes == {"chat"}


def test_a_model_server_s_span_adds_up_as_vllm_s_does() -> None:
    served = [
        s for s in _spans(_flown()) if s.name == "llm_request" and s.attribute("gen_ai.latency.e2e")
    ]

    for span in served:
        queued, prefill, decode, whole = (
            float(span.attribute(f"gen_ai.latency.{name}"))
            for name in ("time_in_queue", "time_in_model_prefill", "time_in_model_decode", "e2e")
        )
        assert min(queued, prefill, decode) >= 0.0
        # Before its queue stands the server's own overhead, which vLLM does not name.
        assert queued + prefill + decode == pytest.approx(whole)
        assert whole == pytest.approx(span.lasted_ns / 1e9)
    assert served


def test_the_same_drill_leaves_the_same_traces_whoever_looks() -> None:
    looked = seated("tracing.share=100%")
    for _ in range(4):
        looked.session.do("traces --since 1m")
        looked.session.advance(looked.session.now + 20 * SECOND)
    unlooked = seated("tracing.share=100%")
    unlooked.session.advance(looked.session.now)

    assert _traces(looked) == _traces(unlooked)


def test_tracing_changes_nothing_that_is_measured() -> None:
    def drill(share: str) -> list[int]:
        flight = seated(f"tracing.share={share}")
        flight.session.advance(2 * MINUTE)
        return [int(n) for n in flight.drill.plant.outcomes().sum(axis=(0, 1))]

    assert drill("0%") == drill("100%")


def test_logs_and_traces_name_a_request_alike() -> None:
    flight = _flown("edges.gateway -> llm.timeout=700ms")
    named = {e.trace_id for e in flight.drill.logs.entries if "timed out" in e.message}

    found = {trace.trace_id for trace in _traces(flight) if trace.has_error}

    assert named & found
    assert all(len(trace_id) == 32 for trace_id in named)


def test_an_attempt_that_timed_out_says_so_as_envoy_does() -> None:
    flight = _flown("edges.gateway -> llm.timeout=700ms")

    failed = [s for s in _spans(flight) if s.attribute("response_flags") == "UT"]

    assert failed
    assert {s.name for s in failed} <= {
        "router llm egress",
        "router catalogue egress",
        "POST /chat",
    }
    assert {(s.attribute("http.response.status_code"), s.message) for s in failed} == {
        (504, "upstream request timeout")
    }


def test_no_span_tells_what_only_the_simulation_knows() -> None:
    faulty = "faults=[{kind: slow_gpu, at: 0s, target: node/gpu-0, slowdown: 4}]"
    words = " ".join(
        f"{span.name} {span.message} {span.resource} {span.attributes}"
        for span in _spans(_flown(faulty))
    )

    assert not [w for w in ("slow_gpu", "fault", "quality", "wrong", "slowdown") if w in words]


def test_looks_list_and_draw_traces() -> None:
    session = _flown().session

    listed = session.do("traces llm --since 10m").lines
    trace_id = listed[-1].split()[1]
    drawn = session.do(f"trace {trace_id[-12:]}").lines

    assert listed[-20].split()[2] == "chat"
    assert drawn[0].startswith(f"trace {trace_id}  chat")
    assert session.do("trace 00000000").lines[0].startswith("no trace 00000000: no span")
