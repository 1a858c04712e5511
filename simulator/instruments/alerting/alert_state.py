"""The state machine of one rule's alerts, after Prometheus 3.5's AlertingRule.Eval. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.instruments.alerting.model import (
    ActiveAlert,
    AlertRule,
    AlertState,
    AlertTransition,
    Change,
)
from simulator.instruments.series.labels import Labels

RESOLVED_FOR_MS = 900_000
"""How long a resolved alert is remembered."""


class Found(NamedTuple):
    """One element of the rule's result, its texts filled in."""

    labels: Labels
    annotations: Labels
    value: float


class AlertStates:
    """Every alert of one rule, by its labels."""

    def __init__(self, rule: AlertRule, group: str = "") -> None:
        self.active: dict[Labels, ActiveAlert] = {}
        self._rule = rule
        self._group = group

    def take(self, rule: AlertRule) -> None:
        """Go on under a changed rule; alerts stay as they are."""
        self._rule = rule

    def step(self, t_ms: int, found: Sequence[Found]) -> list[AlertTransition]:
        """Take one evaluation's result; say what changed, in the order of the alerts' labels."""
        transitions: list[AlertTransition] = []
        present = {each.labels for each in found}
        for each in found:
            self._seen(t_ms, each, transitions)
        for labels in sorted(self.active):
            alert = self.active[labels]
            if labels in present:
                alert.keep_firing_since_ms = None
            elif not self._keeps_firing(t_ms, alert):
                self._gone(t_ms, alert, transitions)
                continue
            due = t_ms - alert.active_at_ms >= self._rule.for_ms
            if alert.state is AlertState.PENDING and due:
                alert.state, alert.fired_at_ms = AlertState.FIRING, t_ms
                transitions.append(self._transition(t_ms, Change.FIRING, alert))
        return transitions

    def current(self) -> list[ActiveAlert]:
        """Pending and firing alerts, in the order of their labels."""
        kept = (self.active[labels] for labels in sorted(self.active))
        return [alert for alert in kept if alert.state is not AlertState.INACTIVE]

    def _seen(self, t_ms: int, found: Found, transitions: list[AlertTransition]) -> None:
        known = self.active.get(found.labels)
        if known is not None and known.state is not AlertState.INACTIVE:
            known.value, known.annotations = found.value, found.annotations
            return
        alert = ActiveAlert(
            found.labels, found.annotations, found.value, AlertState.PENDING, active_at_ms=t_ms
        )
        self.active[found.labels] = alert
        transitions.append(self._transition(t_ms, Change.PENDING, alert))

    def _keeps_firing(self, t_ms: int, alert: ActiveAlert) -> bool:
        if alert.state is not AlertState.FIRING or not self._rule.keep_firing_for_ms:
            return False
        if alert.keep_firing_since_ms is None:
            alert.keep_firing_since_ms = t_ms
        return t_ms - alert.keep_firing_since_ms < self._rule.keep_firing_for_ms

    def _gone(self, t_ms: int, alert: ActiveAlert, transitions: list[AlertTransition]) -> None:
        if alert.state is AlertState.PENDING:
            del self.active[alert.labels]
            transitions.append(self._transition(t_ms, Change.DROPPED, alert))
        elif alert.state is AlertState.FIRING:
            alert.state, alert.resolved_at_ms = AlertState.INACTIVE, t_ms
            transitions.append(self._transition(t_ms, Change.RESOLVED, alert))
        elif t_ms - (alert.resolved_at_ms or 0) > RESOLVED_FOR_MS:
            del self.active[alert.labels]

    def _transition(self, t_ms: int, change: Change, alert: ActiveAlert) -> AlertTransition:
        return AlertTransition(
            t_ms,
            change,
            alert.labels,
            alert.annotations,
            alert.value,
            alert.active_at_ms,
            self._group,
        )
