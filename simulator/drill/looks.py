"""Answers to looks: what the instruments show, as lines of text."""

import math

from simulator.drill.drill import Drill
from simulator.drill.evidence import evidence
from simulator.drill.signs import signs
from simulator.drill.status import StatusBoard, StatusLine
from simulator.drill.tables import ROWS_MAX, more, number, table
from simulator.errors import QueryError
from simulator.instruments.dashboards.library import dashboard
from simulator.instruments.dashboards.terminal import drawn
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.values import Matrix, Scalar, String
from simulator.instruments.series.labels import Labels, format_labels, go_float, value_of
from simulator.instruments.slo.panel import budget_panel
from simulator.response.evidence import Changes, Logs, Patterns, Trace, Traces
from simulator.response.look import Look
from simulator.response.looks import Dashboard, Metrics, Pods, Query
from simulator.response.signals import Anomalies, Events, Exemplars, Tickets
from simulator.taxonomy import MECHANISMS, TRIGGERS
from simulator.units import MS, format_clock, format_duration

DASHBOARD_WIDTH = 96


class Looker:
    """One drill's instruments, read at the drill's present instant."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._board = StatusBoard(drill.kinds, drill.shown_as, drill.entries)
        self._plain = {
            "status": self._status,
            "alerts": self._alerts,
            "silences": self._silences,
            "budget": lambda: budget_panel(self._drill.store, self._drill.now_ms),
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
            case Logs() | Patterns() | Traces() | Trace() | Changes():
                return evidence(self._drill, look)
            case Events() | Tickets() | Anomalies() | Exemplars():
                return signs(self._drill, look)
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
        shown = drill.world.monitoring.shown(look.name, dashboard(look.name, drill.shown_as))
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
        return (*lines, *more(len(rows)))

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
