"""What happens, written down: signals and transitions become entries, log lines and pages."""

from dataclasses import dataclass, field

from simulator.clock import Clock
from simulator.drill.effects import Effects
from simulator.drill.names import Names
from simulator.instruments.alerting.group import EvaluationFailure
from simulator.instruments.alerting.manager.page import Page
from simulator.instruments.alerting.model import AlertTransition, Change
from simulator.instruments.series.events import EventStore, KubeEvent
from simulator.instruments.series.labels import value_of
from simulator.instruments.series.logs import LogEntry, LogStore, Severity
from simulator.instruments.telemetry.spans import trace_id
from simulator.plant.api import PlantPort, Signal, SignalKind
from simulator.plant.spec import USERS
from simulator.plant.storing import relational_of
from simulator.record.model import EntryKind
from simulator.record.recorder import Recorder
from simulator.system.cluster.cluster import Cluster
from simulator.units import seconds

_ROUTINE = frozenset(
    {
        "Scheduled", "Pulled", "Pulling", "Started", "Killing", "Ready", "ScalingReplicaSet",
        "SuccessfulCreate", "SuccessfulDelete", "RolloutStarted", "RegisteredNode", "NodeReady",
    }
)  # fmt: skip
_CHANGES: dict[Change, EntryKind] = {
    Change.PENDING: "pending",
    Change.FIRING: "fired",
    Change.RESOLVED: "resolved",
}


_WRITTEN_BY_PODS = {
    SignalKind.PREEMPTED,
    SignalKind.REJECTED,
    SignalKind.DIED,
    SignalKind.EXHAUSTED,
    SignalKind.PROMOTED,
}
_DIED_OF = ("OOMKilled", "Error", "Error", "Error")
"""How kubectl shows the end of a process, by what it ran out of (limits_spec.RESOURCES)."""
_SAID_OF = (
    "Memory cgroup out of memory: Killed process",
    "accept4: too many open files",
    "write failed: no space left on device",
    "torch.OutOfMemoryError: CUDA out of memory",
    "connection refused: too many connections",
)
"""What stands in the log of whatever ran out, connections last."""


@dataclass(slots=True)
class Events:
    """Writes everything down, under the name of whoever could know it."""

    clock: Clock
    recorder: Recorder
    logs: LogStore
    names: Names
    effects: Effects
    kube: EventStore = field(default_factory=EventStore)

    def cluster_event(self, at: int, reason: str, subject: str, message: str) -> None:
        """Take an event of the control plane, as `kubectl get events` would list it."""
        if at == 0:
            return  # what was running when the drill began is no news
        kind, _, name = subject.rpartition("/")
        severity = Severity.INFO if reason in _ROUTINE else Severity.WARN
        owner = name.rpartition("-")[0] if kind == "pod" else name if kind != "node" else ""
        shown = subject if kind else f"deployment/{name}"
        is_warning = severity is Severity.WARN
        self.kube.append(KubeEvent(at, at, is_warning, reason, shown, message, owner))
        if kind == "pod":
            component = name.rpartition("-")[0]
            self.recorder.add(at, "pod", name, state=reason, reason=message)
            self._say(at, severity, component, f"{reason}: {message}", pod=name)
        elif kind == "node":
            self.recorder.add(at, "node", name, state=reason, reason=message)
            self._say(at, severity, "cluster", f"node {name} {reason}: {message}")
        else:
            self.recorder.add(at, "scaled", name, reason=reason, text=message)
            self._say(at, severity, name, f"{reason}: {message}")

    def signals(self, plant: PlantPort, cluster: Cluster) -> None:
        """Take what the plant noticed since the last call."""
        signals, lost = plant.drain_signals()
        for signal in signals:
            if signal.kind is SignalKind.DRAINED:
                cluster.drained(signal.replica)
            elif signal.kind is SignalKind.DIED:
                self._log(signal)
                cluster.died(signal.replica, _DIED_OF[signal.value])
            else:
                self._log(signal)
        if lost:
            self.logs.note_lost(lost)
            self._say(self.clock.now, Severity.WARN, "log-collector", f"{lost} lines were lost")

    def alert(self, transition: AlertTransition) -> None:
        """Take an alert's change of state."""
        labels = dict(transition.labels)
        kind = _CHANGES.get(transition.change)
        if kind is not None:
            self.recorder.add(
                self.clock.now,
                kind,
                labels["alertname"],
                labels=dict(labels),
                annotations=dict(transition.annotations),
                value=transition.value,
                severity=labels.get("severity", "none"),
            )

    def failure(self, failure: EvaluationFailure) -> None:
        """Take a rule that could not be evaluated: Prometheus logs it and goes on."""
        self._say(self.clock.now, Severity.WARN, "prometheus", f"{failure.rule}: {failure.message}")

    def page(self, page: Page) -> None:
        """Take a notification that reaches the responder."""
        firing = [value_of(notice.labels, "alertname") for notice in page.firing]
        resolved = [value_of(notice.labels, "alertname") for notice in page.resolved]
        texts = [
            value_of(notice.annotations, "summary") or value_of(notice.labels, "alertname")
            for notice in (*page.firing, *page.resolved)
        ]
        self.recorder.add(
            self.clock.now,
            "paged",
            (firing or resolved or ["-"])[0],
            receiver=page.receiver,
            channel=page.channel.value,
            firing=list(firing),
            resolved=list(resolved),
            severity=page.severity,
            text="; ".join(dict.fromkeys(texts)),
        )

    def _log(self, signal: Signal) -> None:
        component, pod = self._writer(signal)
        if not self.logs.admits(signal.at, component, pod):
            return
        severity, message = self._message(signal)
        row = self.effects.rows.get(signal.replica)
        fields = (("replica", row.pod),) if row is not None else ()
        named = trace_id(signal.key) if signal.key else ""
        self.logs.keep(LogEntry(signal.at, severity, component, pod, message, named, fields))

    def _say(
        self, at: int, severity: Severity, component: str, message: str, pod: str = ""
    ) -> None:
        self.logs.append(LogEntry(at, severity, component, pod, message))

    def _writer(self, signal: Signal) -> tuple[str, str]:
        """Say who writes the line: the pod itself, or the caller whose proxy noticed."""
        row = self.effects.rows.get(signal.replica)
        if signal.kind in _WRITTEN_BY_PODS and row is not None:
            return row.component, row.pod
        if signal.edge >= 0:
            edge = self.names.spec.edges[signal.edge]
            # Users ship no logs: what happens on their way in, the entry's own proxy writes.
            return (edge.callee if edge.caller == USERS else edge.caller), ""
        if signal.request_class >= 0:
            return self.names.spec.classes[signal.request_class].entry, ""
        return self.names.spec.pools[signal.pool].name, ""

    def _rejection(self, signal: Signal, route: str) -> str:
        if signal.pool >= 0 and relational_of(self.names.spec.pools[signal.pool]):
            return "FATAL:  sorry, too many clients already"
        return f"request rejected: {route}"

    def _message(self, signal: Signal) -> tuple[Severity, str]:
        callee = self.names.spec.edges[signal.edge].callee if signal.edge >= 0 else ""
        row = self.effects.rows.get(signal.replica)
        to = f"{callee}/{row.pod}" if row is not None and callee else callee
        route = ""
        if signal.request_class >= 0:
            route = self.names.spec.classes[signal.request_class].name
        took = f"{seconds(max(0, signal.value)):.2f} s"
        lines: dict[SignalKind, tuple[Severity, str]] = {
            SignalKind.NO_REPLICA: (Severity.ERROR, f"no healthy upstream: {callee}"),
            SignalKind.RATE_LIMITED: (Severity.WARN, f"upstream {callee} answered 429"),
            SignalKind.REJECTED: (Severity.WARN, self._rejection(signal, route)),
            SignalKind.TIMED_OUT: (Severity.ERROR, f"upstream {to} timed out after {took}"),
            SignalKind.CONNECT_FAILED: (Severity.ERROR, f"connect to {to} failed"),
            SignalKind.ABANDONED: (
                Severity.INFO,
                f"client closed the connection: {route}, after {took}",
            ),
            SignalKind.FAILED: (Severity.ERROR, f"{route or to} failed"),
            SignalKind.PREEMPTED: (
                Severity.WARN,
                "sequence group preempted by recompute: not enough KV cache space",
            ),
            SignalKind.SLOW: (Severity.WARN, f"slow request: {route} took {took}"),
            SignalKind.DIED: (Severity.ERROR, _SAID_OF[min(signal.value, 4)]),
            SignalKind.EXHAUSTED: (Severity.ERROR, _SAID_OF[min(signal.value, 4)]),
            SignalKind.RESET: (Severity.ERROR, f"upstream {to}: connection reset"),
            SignalKind.PROMOTED: (Severity.WARN, "promoted self to leader"),
        }
        return lines[signal.kind]
