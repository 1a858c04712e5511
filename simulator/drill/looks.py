"""Answers to looks: what the instruments show, as lines of text."""

import math
import re
from collections.abc import Iterable, Sequence

from simulator.drill.drill import Drill
from simulator.drill.status import StatusBoard, StatusLine
from simulator.errors import QueryError
from simulator.instruments.dashboards.library import dashboard
from simulator.instruments.dashboards.terminal import drawn
from simulator.instruments.handover.loglines import log_lines
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.values import Matrix, Scalar, String
from simulator.instruments.series.labels import Labels, format_labels, go_float, value_of
from simulator.instruments.series.log_patterns import patterns
from simulator.instruments.series.logs import Severity
from simulator.instruments.slo.panel import budget_panel
from simulator.response.looks import Dashboard, Logs, Look, Metrics, Patterns, Pods, Query
from simulator.taxonomy import MECHANISMS, TRIGGERS
from simulator.units import MS, format_clock, format_duration

ROWS_MAX = 40
DASHBOARD_WIDTH = 96
THREE_DIGITS = 1000
_LEVELS = {
    "debug": Severity.DEBUG,
    "info": Severity.INFO,
    "warning": Severity.WARN,
    "error": Severity.ERROR,
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Lay rows out in columns two spaces apart."""
    cells = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return tuple(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def number(value: float, unit: str = "") -> str:
    """Write a figure with three digits, or `-` for none."""
    if math.isnan(value):
        return "-"
    return f"{value:.3g}{unit}" if abs(value) < THREE_DIGITS else f"{value:,.0f}{unit}"


class Looker:
    """One drill's instruments, read at the drill's present instant."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._board = StatusBoard(drill.kinds, drill.entries)
        self._plain = {
            "status": self._status,
            "alerts": self._alerts,
            "silences": self._silences,
            "budget": lambda: budget_panel(self._drill.store, self._drill.now_ms),
            "changes": self._changes,
            "topology": lambda: drill.topology_lines,
            "nodes": self._nodes,
            "mechanisms": self._mechanisms,
            "brief": self.brief,
        }

    def look(self, look: Look) -> tuple[str, ...]:
        """Answer one look."""
        match look:
            case Query():
                return self._query(look.expr)
            case Logs():
                return self._logs(look)
            case Patterns():
                return self._patterns(look)
            case Pods():
                return self._pods(look.component)
            case Metrics():
                return self._metrics(look.component)
            case Dashboard():
                return self._dashboard(look)
        return self._plain[look.kind_name]()

    def brief(self) -> tuple[str, ...]:
        """What the responder was told, and how the system is built."""
        return (*self._drill.brief, "", *self._drill.topology_lines)

    def hint(self, used: int) -> str:
        """One of the scenario's hints, from the vaguest to the plainest."""
        hints = self._drill.hints
        return hints[min(used, len(hints) - 1)] if hints else "this drill has no hints"

    def _status(self) -> tuple[str, ...]:
        drill = self._drill
        lines = self._board.lines(
            drill.store, drill.now_ms, drill.world.component, self._last_change
        )
        return table(
            ("component", "ready", "busy", "p99", "errors", "queue", "changed"),
            (
                (
                    line.component,
                    _ready(line),
                    _busy(line.busy, line.kind),
                    number(line.p99_s, " s"),
                    "-" if math.isnan(line.error_share) else f"{max(0.0, line.error_share):.1%}",
                    number(line.queued),
                    line.changed,
                )
                for line in lines
            ),
        )

    def _last_change(self, component: str) -> str:
        found = self._drill.changes.search(component=component)
        return f"{found[-1].text[:40]} at {self._clock(found[-1].t_ns)}" if found else ""

    def _alerts(self) -> tuple[str, ...]:
        active = self._drill.active_alerts()
        if not active:
            return ("no alert is pending or firing",)
        alertmanager = self._drill.world.alertmanager
        return table(
            ("state", "severity", "alert", "since", "goes to", "what it says"),
            (
                (
                    alert.state.value,
                    value_of(alert.labels, "severity") or "none",
                    value_of(alert.labels, "alertname"),
                    self._clock(self._drill.calendar.ns(alert.active_at_ms)),
                    alertmanager.told(alert.labels),
                    value_of(alert.annotations, "summary"),
                )
                for alert in active
            ),
        )

    def _silences(self) -> tuple[str, ...]:
        rows = self._drill.world.alertmanager.rows()
        head = ("silence", "matchers", "left", "comment")
        return table(head, rows) if rows else ("no silence is in force",)

    def _dashboard(self, look: Dashboard) -> tuple[str, ...]:
        drill = self._drill
        shown = dashboard(look.name, drill.kinds)
        start_ms = max(drill.now_ms - look.since // MS, drill.calendar.ms(0))
        return tuple(drawn(shown, drill.store, start_ms, drill.now_ms, DASHBOARD_WIDTH))

    def _clock(self, at: int) -> str:
        return format_clock(at - self._drill.warm_up)

    def _query(self, text: str) -> tuple[str, ...]:
        try:
            found = compile_query(text).instant(self._drill.store, self._drill.now_ms)
        except QueryError as error:
            return (f"error: {error}",)
        if isinstance(found, Scalar):
            return (go_float(found.value),)
        if isinstance(found, String):
            return (found.value,)
        if isinstance(found, Matrix):
            rows = [(s.labels, " ".join(go_float(v) for v in s.values[-8:])) for s in found]
        else:
            rows = [(s.labels, number(s.value)) for s in found.samples()]
        if not rows:
            return ("empty result",)
        lines = [f"{_short(labels)}  {value}" for labels, value in rows[:ROWS_MAX]]
        return (*lines, *_more(len(rows)))

    def _logs(self, look: Logs) -> tuple[str, ...]:
        drill = self._drill
        is_pod = any(row.pod == look.component for row in drill.effects.rows.values())
        found = drill.logs.search(
            since_ns=drill.clock.now - look.since,
            component="" if is_pod else look.component,
            pod=look.component if is_pod else "",
            grep=re.escape(look.grep) if look.grep else "",
            level=_LEVELS[look.level],
        )
        if look.json_:
            return tuple(log_lines(found, drill.calendar.stamp))
        lines = [
            f"{self._clock(entry.t_ns)} {entry.severity.name:<5} "
            f"{entry.pod or entry.component}: {entry.line()}"
            for entry in found[-ROWS_MAX:]
        ]
        cut = [f"... {len(found) - ROWS_MAX} earlier lines"] if len(found) > ROWS_MAX else []
        return (*cut, *lines) if lines else ("no lines",)

    def _patterns(self, look: Patterns) -> tuple[str, ...]:
        drill = self._drill
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
            for each in found[:ROWS_MAX]
        ]
        head = ("lines", "before", "", "level", "component", "template")
        return table(head, rows) if rows else ("no lines",)

    def _changes(self) -> tuple[str, ...]:
        lines = [
            f"{self._clock(change.t_ns)} {change.component}: {change.text} ({change.kind})"
            for change in self._drill.changes.entries
        ]
        return tuple(lines[-ROWS_MAX:]) or ("nothing was changed",)

    def _pods(self, component: str | None) -> tuple[str, ...]:
        now = self._drill.clock.now
        return table(
            ("pod", "ready", "phase", "restarts", "age", "node", "revision", "why"),
            (
                (
                    pod.name,
                    "yes" if pod.is_ready else "no",
                    pod.phase.value,
                    str(pod.restarts),
                    _age(now - pod.created_at),
                    pod.node or "-",
                    pod.revision,
                    pod.reason,
                )
                for pod in self._drill.world.pods(component)
            ),
        )

    def _nodes(self) -> tuple[str, ...]:
        return table(
            ("node", "ready", "schedulable", "gpus", "pods"),
            (
                (
                    node.name,
                    "yes" if node.is_ready else "no",
                    "cordoned" if node.is_cordoned else "yes",
                    str(node.gpus),
                    ", ".join(node.pods) or "-",
                )
                for node in self._drill.world.nodes()
            ),
        )

    def _metrics(self, component: str) -> tuple[str, ...]:
        self._drill.world.component(component)
        plain = '__name__!~".*_bucket"'
        own, called = f'job="{component}"', f'envoy_cluster_name="{component}"'
        text = f"{{{own},{plain}}} or {{{called},{plain}}}"
        found = compile_query(text).vector(self._drill.store, self._drill.now_ms).samples()
        rows = sorted((_short(s.labels), number(s.value)) for s in found)
        return tuple(f"{name}  {value}" for name, value in rows) or ("nothing was scraped",)

    def _mechanisms(self) -> tuple[str, ...]:
        rows = sorted((family.value, name) for name, family in MECHANISMS.items())
        return (
            *table(("family", "mechanism"), rows),
            "",
            f"triggers: {', '.join(TRIGGERS)}",
        )


def _ready(line: StatusLine) -> str:
    return "-" if line.kind == "external" else f"{line.replicas_ready}/{line.replicas_desired}"


def _busy(value: float, kind: str) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.0%} GPU" if kind == "llm" else f"{value:.2f} cores"


def _short(labels: Labels) -> str:
    """Leave out labels that only repeat where a series came from."""
    noise = {"instance", "namespace"} if value_of(labels, "pod") else {"namespace"}
    kept = tuple((n, v) for n, v in labels if n not in noise)
    return format_labels(kept) if kept else "{}"


def _age(ns: int) -> str:
    return format_duration(ns // (1000 * MS) * (1000 * MS)) if ns >= 1000 * MS else "0s"


def _more(rows: int) -> list[str]:
    return [f"... and {rows - ROWS_MAX} more"] if rows > ROWS_MAX else []
