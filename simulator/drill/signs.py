"""Answers to looks at events, tickets, lines that moved and exemplars."""

from collections.abc import Iterator

from simulator.drill.charts import STEP_NS, queries
from simulator.drill.drill import Drill
from simulator.drill.tables import ROWS_MAX, more, number, table
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series.anomalies import Drift, drift
from simulator.instruments.series.exemplars import Exemplar
from simulator.instruments.series.labels import value_of
from simulator.instruments.traces.exemplars import exemplars
from simulator.response.signals import Anomalies, Events, Exemplars, Tickets
from simulator.units import MS, format_clock

Sign = Events | Tickets | Anomalies | Exemplars


def signs(drill: Drill, look: Sign) -> tuple[str, ...]:
    """Answer one such look."""
    match look:
        case Events():
            return _events(drill, look)
        case Tickets():
            return _tickets(drill, look)
        case Anomalies():
            return _anomalies(drill, look)
    return _exemplars(drill, look)


def _clock(drill: Drill, at: int) -> str:
    return format_clock(at - drill.warm_up)


def _events(drill: Drill, look: Events) -> tuple[str, ...]:
    now = drill.clock.now
    found = drill.events.search(
        now, since_ns=now - look.since, component=look.component or "", warnings=look.warnings
    )
    rows = [
        (
            _clock(drill, each.last_ns),
            "Warning" if each.is_warning else "Normal",
            each.reason,
            each.subject,
            f"x{each.count}" if each.count > 1 else "",
            each.message,
        )
        for each in found[-ROWS_MAX:]
    ]
    head = ("last seen", "type", "reason", "object", "", "message")
    return table(head, rows) if rows else ("no events",)


def _tickets(drill: Drill, look: Tickets) -> tuple[str, ...]:
    if look.route:
        drill.names.request_class(look.route)
    now = drill.clock.now
    found = drill.tickets.search(now, since_ns=now - look.since, route=look.route or "")
    rows = [(_clock(drill, each.t_ns), each.route, each.text) for each in found[-ROWS_MAX:]]
    return table(("written", "about", "words"), rows) if rows else ("no tickets",)


def _anomalies(drill: Drill, look: Anomalies) -> tuple[str, ...]:
    drill.scraper.collect()
    compared = list(_drifts(drill, look))
    rows = [
        (
            "!" if each.is_unusual else "",
            owner,
            name,
            number(each.before, f" {unit}"),
            number(each.now, f" {unit}"),
            f"{each.score:+.1f}",
        )
        for owner, name, unit, each in compared
        if each.is_unusual or look.all_
    ]
    head = ("", "whose", "line", "before", "now", "deviations")
    if not rows:
        return (f"none of {len(compared)} lines has left its usual range",)
    return (*table(head, rows[:ROWS_MAX]), *more(len(rows)))


def _drifts(drill: Drill, look: Anomalies) -> Iterator[tuple[str, str, str, Drift]]:
    """Compare every charted line, the farthest first within an owner."""
    start, end = drill.calendar.ms(0), drill.now_ms
    edge = end - look.since // MS
    for name, unit, owner, text in queries(drill.shown_as, tuple(drill.scenario.classes)):
        if look.component not in (None, owner):
            continue
        found = compile_query(text).range(drill.store, start, end, STEP_NS // MS)
        for line in found.series[:1]:
            pairs = list(zip(line.times_ms, line.values, strict=True))
            each = drift([v for t, v in pairs if t <= edge], [v for t, v in pairs if t > edge])
            if each is not None:
                yield owner, name, unit, each


def _exemplars(drill: Drill, look: Exemplars) -> tuple[str, ...]:
    if look.route:
        drill.names.request_class(look.route)
    now = drill.clock.now
    traces = drill.traces.search(now, since_ns=now - look.since)
    newest: dict[tuple[str, float], Exemplar] = {}
    for each in exemplars(drill.store, traces):
        route, bound = value_of(each.bucket, "route"), value_of(each.bucket, "le")
        if look.route in (None, route):
            newest[route, float(bound.replace("+Inf", "inf"))] = each
    rows = [
        (route, value_of(each.bucket, "le"), number(each.value, " s"), _clock(drill, each.t_ns),
         each.trace_id)
        for (route, _), each in sorted(newest.items())
    ]  # fmt: skip
    return table(("route", "le", "took", "ended", "trace"), rows) if rows else ("no exemplars",)
