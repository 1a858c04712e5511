"""A run handed over to real tools: done again from its journal, and written in their formats."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from simulator.drill.drill import Drill
from simulator.instruments.handover import openmetrics, otlp, stack
from simulator.instruments.handover.loglines import change_lines, log_lines
from simulator.instruments.traces.exemplars import exemplars
from simulator.interfaces.booking import Booking
from simulator.interfaces.screen import Screen
from simulator.record.journal import Line


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the forms; a stack needs the metrics, and brings them."""

    openmetrics: bool
    logs: bool
    otlp: bool
    compose: bool


def export(booking: Booking, lines: tuple[Line, ...], folder: Path, wanted: Wanted) -> list[str]:
    """Do a run again and write what its instruments saw; say which files there are now."""
    flight = booking.again(lines, is_practice=False)
    flight.session.idle_to_end()
    flight.drill.run_out()
    return write(flight.drill, folder, wanted)


def write(drill: Drill, folder: Path, wanted: Wanted) -> list[str]:
    """Write what a drill that has run out was seen to do."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []

    def put(name: str, lines: Iterable[str]) -> None:
        _write(folder / name, lines)
        written.append(name)

    if wanted.openmetrics or wanted.compose:
        seen = exemplars(drill.store, drill.traces.search(drill.clock.now))
        shown = [openmetrics.Shown(each, drill.calendar.ms(each.t_ns)) for each in seen]
        put(stack.METRICS, openmetrics.lines(drill.store, shown))
    if wanted.logs:
        put(stack.LOGS, log_lines(drill.logs.entries, drill.calendar.stamp))
        put(stack.CHANGES, change_lines(drill.changes.entries, drill.calendar.stamp))
    if wanted.otlp or wanted.compose:
        kept = drill.traces.search(drill.clock.now)
        spans = (span for trace in kept for span in trace.spans)
        put(stack.TRACES, otlp.span_lines(spans, drill.calendar.epoch_ns))
        put(stack.LOG_RECORDS, otlp.log_record_lines(drill.logs.entries, drill.calendar.epoch_ns))
    if wanted.compose:
        put("collector.yaml", [stack.collector_config()])
        rules = drill.scenario.rules
        for file, text in rules.items():
            put(f"rules/{Path(file).name}", [text.rstrip("\n")])
        put("prometheus.yml", [stack.prometheus_config(["rules/*"] if rules else [])])
        put("compose.yaml", [stack.compose_file()])
        for name, text in stack.grafana_files().items():
            put(name, [text])
    return written


def say_how(folder: Path, written: list[str], screen: Screen) -> None:
    """List what was written, and what to type next."""
    for name in written:
        screen.say(str(folder / name))
    if "compose.yaml" in written:
        screen.aside(
            f"start Prometheus, Jaeger and Grafana on it: cd {folder} && docker compose up"
        )
    elif stack.METRICS in written:
        screen.aside("into a Prometheus: promtool tsdb create-blocks-from openmetrics FILE DATA")


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write by way of a neighbour, so that an interrupted export leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    with partial.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(f"{line}\n")
    partial.rename(path)
