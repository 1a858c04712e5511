"""Draws a trace as a waterfall: a line a span, under its parent, a bar from start to end."""

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.instruments.traces.model import Span, SpanKind, Trace

WIDTH = 120
_NAME_MOST, _TIME_WIDE, _BAR_LEAST = 48, 8, 16
_QUEUED, _WORKING, _CALLING = "░", "█", "─"
_SHOWN = (
    "http.response.status_code", "response_flags", "http.request.resend_count",
    "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.completion_tokens", "gen_ai.latency.time_in_queue",
    "gen_ai.latency.time_to_first_token", "db.response.returned_rows", "queue_time",
)  # fmt: skip
_SHORT = {
    "http.response.status_code": "", "response_flags": "", "http.request.resend_count": "retry ",
    "gen_ai.usage.input_tokens": "in ", "gen_ai.usage.output_tokens": "out ",
    "gen_ai.usage.prompt_tokens": "in ", "gen_ai.usage.completion_tokens": "out ",
    "gen_ai.latency.time_in_queue": "queued ", "gen_ai.latency.time_to_first_token": "ttft ",
    "db.response.returned_rows": "rows ", "queue_time": "queued ",
}  # fmt: skip
_IN_SECONDS = ("gen_ai.latency.time_in_queue", "gen_ai.latency.time_to_first_token", "queue_time")


def waterfall(trace: Trace, width: int = WIDTH, *, began: str = "") -> list[str]:
    """Draw a trace in lines of at most `width` characters; `began` is written in its head."""
    start, lasted = trace.start_ns, max(trace.lasted_ns, 1)
    ordered = list(_in_order(trace.spans))
    names = [
        f"{'  ' * depth}{'! ' if span.is_error else ''}{title(span)}" for depth, span in ordered
    ]
    wide = min(max(len(name) for name in names), _NAME_MOST)
    room = max((width - wide - 2 * _TIME_WIDE - 2) // 2, _BAR_LEAST)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), expand=False)
    table.add_column("span", width=wide + 1, no_wrap=True, overflow="ellipsis")
    for head in ("after", "lasted"):
        table.add_column(head, width=_TIME_WIDE, justify="right", no_wrap=True)
    table.add_column("", width=room + 1, no_wrap=True)
    table.add_column("", no_wrap=True, overflow="ellipsis")
    for name, (_, span) in zip(names, ordered, strict=True):
        table.add_row(
            Text(name),
            milliseconds(span.start_ns - start),
            milliseconds(span.lasted_ns),
            Text(_bar(span, start, lasted, room)),
            Text(_notes(span)),
        )
    out = StringIO()
    Console(file=out, width=width, color_system=None).print(table)
    head = f"trace {trace.trace_id}  {trace.route}  {milliseconds(trace.lasted_ns)}"
    head += f"  {len(trace.spans)} spans" + (f"  began {began}" if began else "")
    legend = (
        f"{_CALLING} waiting for an answer  {_QUEUED} in a queue  {_WORKING} in service  ! failed"
    )
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return [head, *lines, legend]


def title(span: Span) -> str:
    """Name who wrote a span and what it did."""
    who = span.pod or span.service
    return f"{who}: {span.name}"


def milliseconds(ns: int) -> str:
    """Write a time as traces are read: 3.2 ms, 1.25 s."""
    if ns < 10_000_000:  # noqa: PLR2004  a tenth matters below 10 ms
        return f"{ns / 1e6:.1f} ms"
    return f"{ns / 1e6:.0f} ms" if ns < 1_000_000_000 else f"{ns / 1e9:.2f} s"  # noqa: PLR2004  a second


def _in_order(spans: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """Every span below its parent; those whose parent never came stand as roots."""
    below: dict[str, list[Span]] = {}
    known = {span.span_id for span in spans}
    for span in spans:
        parent = span.parent_id if span.parent_id in known else ""
        below.setdefault(parent, []).append(span)

    def walk(parent: str, depth: int) -> Iterator[tuple[int, Span]]:
        for span in below.get(parent, []):
            yield depth, span
            yield from walk(span.span_id, depth + 1)

    yield from walk("", 0)


def _bar(span: Span, start: int, lasted: int, room: int) -> str:
    first = min((span.start_ns - start) * room // lasted, room - 1)
    cells = max(1, round(span.lasted_ns * room / lasted))
    cells = min(cells, room - first)
    if span.kind is SpanKind.CLIENT or not span.pod:
        return " " * first + _CALLING * cells
    queued = min(round(span.wait_ns * room / lasted), cells)
    return " " * first + _QUEUED * queued + _WORKING * (cells - queued)


def _notes(span: Span) -> str:
    found = []
    for name in _SHOWN:
        value = span.attribute(name)
        if value != "":
            text = milliseconds(round(float(value) * 1e9)) if name in _IN_SECONDS else str(value)
            found.append(f"{_SHORT[name]}{text}")
    return " ".join(found)
