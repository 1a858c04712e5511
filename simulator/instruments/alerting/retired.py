"""A rule that is no longer in its file: its series end, and nobody says that its alerts do.

Prometheus sends nothing for such an alert; Alertmanager takes it for resolved when the end that the
last notice named has passed (rules/manager.go: four times the interval or the resend delay).
"""

from collections.abc import Sequence

from simulator.instruments.alerting.model import (
    ActiveAlert,
    AlertState,
    AlertTransition,
    Change,
    RuleGroup,
)
from simulator.instruments.alerting.output import RuleOutput

RESEND_DELAY_MS = 60_000
_TIMES = 4


class RetiredRule:
    """What is left to do for a rule that is gone."""

    def __init__(
        self, outputs: Sequence[RuleOutput], alerts: Sequence[ActiveAlert], group: RuleGroup
    ) -> None:
        self.is_done = False
        self._outputs, self._group = outputs, group
        self._firing = [each for each in alerts if each.state is AlertState.FIRING]
        self._ends_ms: int | None = None

    def evaluate(self, t_ms: int) -> list[AlertTransition]:
        """End the series at the first call; say that alerts are over when Alertmanager would."""
        if self._ends_ms is None:
            for output in self._outputs:
                output.write_samples(t_ms, ())
            interval_ms = self._group.interval_ms
            # The last notice went out one evaluation ago.
            self._ends_ms = t_ms - interval_ms + _TIMES * max(interval_ms, RESEND_DELAY_MS)
        if self._firing and t_ms < self._ends_ms:
            return []
        self.is_done = True
        return [
            AlertTransition(
                t_ms, Change.RESOLVED, a.labels, a.annotations, a.value, a.active_at_ms,
                self._group.name,
            )
            for a in self._firing
        ]  # fmt: skip
