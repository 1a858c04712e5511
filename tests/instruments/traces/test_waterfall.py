"""A trace is drawn a span a line, below its parent, with bars where its time went."""

from simulator.instruments.traces.listing import own_ns, rows
from simulator.instruments.traces.model import SpanKind, Trace
from simulator.instruments.traces.store import Policy
from simulator.instruments.traces.waterfall import waterfall
from tests.instruments.traces.spans import MS, span

_TRACE = Trace(
    f"{7:032x}",
    (
        span(7, "POST /chat", 0, 1000),
        span(7, "egress", 0, 1000, parent="POST /chat", kind=SpanKind.CLIENT, error="too late"),
        span(7, "serve", 500, 1000, parent="egress", service="llm", pod="llm-0", wait_ms=250),
        span(7, "lost", 900, 950, parent="nobody"),
    ),
)


def test_spans_stand_below_their_parents_and_bars_where_their_time_is() -> None:
    head, _, *lines, legend = waterfall(_TRACE, 100, began="00:01:00")

    assert head == f"trace {7:032x}  chat  1.00 s  4 spans  began 00:01:00"
    assert [line.split("  ")[0].strip() for line in lines[:1]] == ["gateway: POST /chat"]
    assert lines[1].startswith("  ! gateway: egress")
    assert lines[2].startswith("    llm-0: serve")
    assert lines[3].startswith("gateway: lost")
    assert lines[2].count("░") == lines[2].count("█") > 0
    assert abs(lines[1].count("─") - 4 * lines[2].count("█")) <= 1
    assert "in a queue" in legend
    assert all(len(line) <= 100 for line in lines)


def test_own_time_is_what_no_child_covers() -> None:
    spans = (
        span(1, "root", 0, 100),
        span(1, "a", 10, 40, parent="root"),
        span(1, "b", 30, 60, parent="root"),
        span(1, "c", 90, 300, parent="root"),
    )

    assert [own_ns(each, spans) // MS for each in spans] == [40, 30, 30, 210]


def test_a_trace_s_line_names_who_took_longest_and_who_failed_first() -> None:
    (row,) = rows([_TRACE], Policy(slow_ns=500 * MS))

    assert row[1:] == (
        "chat",
        "1.00 s",
        "4",
        "error slow",
        "gateway: egress 500 ms",
        "gateway: egress: too late",
    )
