"""Answers to looks at what was written down: logs, patterns, traces, changes."""

import re

from simulator.drill.drill import Drill
from simulator.drill.tables import ROWS_MAX, table
from simulator.errors import NotFound
from simulator.instruments.handover.loglines import change_lines, log_lines
from simulator.instruments.series.labels import format_labels
from simulator.instruments.series.log_patterns import patterns
from simulator.instruments.series.logs import LogEntry, Severity
from simulator.instruments.traces import listing
from simulator.instruments.traces.exemplars import exemplars
from simulator.instruments.traces.store import Fate
from simulator.instruments.traces.waterfall import waterfall
from simulator.response.evidence import Changes, Logs, Patterns, Trace, Traces
from simulator.units import format_clock

Evidence = Logs | Patterns | Traces | Trace | Changes
TRACES_MAX = 20
_ID_SHOWN = 12  # hex digits at the end of a trace id: enough to find it by
_LEVELS = {
    "debug": Severity.DEBUG,
    "info": Severity.INFO,
    "warning": Severity.WARN,
    "error": Severity.ERROR,
}


def evidence(drill: Drill, look: Evidence) -> tuple[str, ...]:
    """Answer one such look."""
    match look:
        case Logs():
            return _logs(drill, look)
        case Patterns():
            return _patterns(drill, look)
        case Traces():
            return _traces(drill, look)
        case Trace():
            return _trace(drill, look)
    return _changes(drill, look)


def _clock(drill: Drill, at: int) -> str:
    return format_clock(at - drill.warm_up)


def _is_pod(drill: Drill, name: str) -> bool:
    return any(row.pod == name for row in drill.effects.rows.values())


def _logs(drill: Drill, look: Logs) -> tuple[str, ...]:
    is_pod = _is_pod(drill, look.component)
    found = drill.logs.search(
        since_ns=drill.clock.now - look.since,
        component="" if is_pod else look.component,
        pod=look.component if is_pod else "",
        grep=f"(?i){re.escape(look.grep)}" if look.grep else "",
        level=_LEVELS[look.level],
    )
    if look.json_:
        return tuple(log_lines(found, drill.calendar.stamp))
    lines = [_log_line(drill, entry) for entry in found[-ROWS_MAX:]]
    cut = [f"... {len(found) - ROWS_MAX} earlier lines"] if len(found) > ROWS_MAX else []
    return (*cut, *lines) if lines else ("no lines",)


def _log_line(drill: Drill, entry: LogEntry) -> str:
    trace = f" trace={entry.trace_id[-_ID_SHOWN:]}" if entry.trace_id else ""
    who = entry.pod or entry.component
    when = _clock(drill, entry.t_ns)
    return f"{when} {entry.severity.name:<5} {who}: {entry.line()}{trace}"


def _patterns(drill: Drill, look: Patterns) -> tuple[str, ...]:
    now = drill.clock.now
    found = patterns(
        drill.logs.search(component=look.component or ""), max(now - look.since, 0), now
    )
    rows = [
        (
            str(each.count),
            "NEW" if each.is_new else f"x{each.per_s / each.former_per_s:.1f}",
            "!" if each.is_unusual else "",
            each.severity.name,
            each.component,
            each.template,
        )
        for each in found
        if each.is_new or not look.new
    ]
    head = ("lines", "before", "", "level", "component", "template")
    return table(head, rows[:ROWS_MAX]) if rows else ("no lines",)


def _traces(drill: Drill, look: Traces) -> tuple[str, ...]:
    if look.component and not _is_pod(drill, look.component):
        drill.world.component(look.component)
    found = drill.traces.search(
        drill.clock.now,
        since_ns=drill.clock.now - look.since,
        component=look.component or "",
        slow=look.slow,
        errors=look.errors,
    )
    policy = drill.traces.policy
    if look.json_:
        return tuple(listing.json_lines(found, policy))
    if not found:
        decided, kept = drill.traces.counted(drill.clock.now)
        return (f"no such trace was kept; {kept} of {decided} recorded so far were",)
    shown = found[-TRACES_MAX:]
    whens = [(_clock(drill, trace.start_ns),) for trace in shown]
    rows = [(*when, *row) for when, row in zip(whens, listing.rows(shown, policy), strict=True)]
    earlier = len(found) - len(shown)
    cut = (f"... {earlier} earlier traces",) if earlier else ()
    return (*cut, *table(("began", *listing.HEAD), rows))


def _trace(drill: Drill, look: Trace) -> tuple[str, ...]:
    fate, trace = drill.traces.find(look.id, drill.clock.now)
    if trace is None:
        if fate is Fate.UNKNOWN and not _is_hex(look.id):
            kept = drill.traces.search(drill.clock.now)
            raise NotFound("trace", look.id, [each.trace_id for each in kept[-TRACES_MAX:]])
        return (f"no trace {look.id}: {fate.value}",)
    buckets = dict.fromkeys(format_labels(e.bucket) for e in exemplars(drill.store, [trace]))
    beside = [f"exemplar of {bucket}" for bucket in buckets]
    return (*waterfall(trace, began=_clock(drill, trace.start_ns)), *beside)


def _is_hex(text: str) -> bool:
    return all(c in "0123456789abcdefABCDEF" for c in text)


def _changes(drill: Drill, look: Changes) -> tuple[str, ...]:
    since = drill.clock.now - look.since if look.since else 0
    found = drill.changes.search(since_ns=since, component=look.component or "")
    if look.json_:
        return tuple(change_lines(found, drill.calendar.stamp))
    lines = [
        f"{_clock(drill, change.t_ns)} {change.component}: {change.text} ({change.kind})"
        for change in found
    ]
    return tuple(lines[-ROWS_MAX:]) or ("nothing was changed",)
