"""Turns alerts into notifications: grouped, delayed, muted, repeated. Pure.

Alerts come in as transitions; notifications come out when a group is due. Times are whole epoch
milliseconds. After Alertmanager's dispatch.go, notify.go and dedup_stage.go (0.28 to 0.34).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulator.instruments.alerting.manager.config import Config, default_config
from simulator.instruments.alerting.manager.page import Notice, Page
from simulator.instruments.alerting.manager.receivers import Integration
from simulator.instruments.alerting.manager.route import Route
from simulator.instruments.alerting.manager.silences import Silences
from simulator.instruments.alerting.manager.times import is_inside
from simulator.instruments.alerting.model import AlertTransition, Change
from simulator.instruments.series.labels import Labels, value_of

_GroupKey = tuple[str, Labels]
"""A route's path and the labels its group shares."""


@dataclass(slots=True)
class _Group:
    route: Route
    due_ms: int
    alerts: dict[Labels, Notice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was last notified about a group over one integration."""

    t_ms: int
    firing: frozenset[Labels]
    resolved: frozenset[Labels]


class Dispatcher:
    """One Alertmanager: groups by route, mutes, remembers what it sent."""

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or default_config()
        self.silences = Silences()
        self._groups: dict[_GroupKey, _Group] = {}
        self._firing: dict[Labels, None] = {}
        self._sent: dict[tuple[_GroupKey, int], _Sent] = {}

    def offer(self, transitions: Iterable[AlertTransition], t_ms: int) -> None:
        """Take what rules found; a new group first waits for more to come."""
        for transition in transitions:
            if transition.change is Change.FIRING:
                self._firing[transition.labels] = None
                for route in self.config.route.matching(transition.labels):
                    self._fired(route, transition, t_ms)
            elif transition.change is Change.RESOLVED:
                self._firing.pop(transition.labels, None)
                for route in self.config.route.matching(transition.labels):
                    self._resolved(route, transition)

    def next_due(self) -> int | None:
        """When the next group is due, if there is any."""
        return min((group.due_ms for group in self._groups.values()), default=None)

    def flush(self, t_ms: int) -> list[Page]:
        """Handle every group that is due; say what is sent, in order of due time, then key."""
        pages: list[Page] = []
        while (due := self.next_due()) is not None and due <= t_ms:
            ready = sorted(key for key, group in self._groups.items() if group.due_ms == due)
            for key in ready:
                pages += self._handled(key, due)
        return pages

    def is_muted(self, labels: Labels, t_ms: int) -> bool:
        """Say whether a silence or another alert keeps an alert from being told."""
        inhibited = any(rule.mutes(labels, self._firing) for rule in self.config.inhibit_rules)
        return inhibited or self.silences.hides(labels, t_ms)

    def _fired(self, route: Route, transition: AlertTransition, t_ms: int) -> None:
        key = (route.path, route.group_labels(transition.labels))
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(route, t_ms + route.group_wait_ms)
        group.alerts[transition.labels] = Notice(
            transition.labels, transition.annotations, transition.value, transition.t_ms
        )

    def _resolved(self, route: Route, transition: AlertTransition) -> None:
        group = self._groups.get((route.path, route.group_labels(transition.labels)))
        known = group.alerts.get(transition.labels) if group else None
        if group is not None and known is not None:
            group.alerts[transition.labels] = Notice(
                known.labels,
                transition.annotations,
                transition.value,
                known.since_ms,
                transition.t_ms,
            )

    def _handled(self, key: _GroupKey, t_ms: int) -> list[Page]:
        group = self._groups[key]
        group.due_ms = t_ms + group.route.group_interval_ms
        shown = [group.alerts[labels] for labels in sorted(group.alerts)]
        heard = [] if self._is_off(group.route, t_ms) else shown
        heard = [notice for notice in heard if not self.is_muted(notice.labels, t_ms)]
        receiver = self.config.receivers[group.route.receiver]
        pages: list[Page] = []
        if heard:
            for number, each in enumerate(receiver.integrations):
                pages += self._notified(key, number, each, t_ms, heard)
        group.alerts = {notice.labels: notice for notice in shown if notice.ended_ms is None}
        if not group.alerts:
            del self._groups[key]
        return pages

    def _is_off(self, route: Route, t_ms: int) -> bool:
        """Say whether the route's own times keep it quiet."""
        times = self.config.times
        muted = any(is_inside(times[name], t_ms) for name in route.mute_times)
        active = any(is_inside(times[name], t_ms) for name in route.active_times)
        return muted or (bool(route.active_times) and not active)

    def _notified(
        self, key: _GroupKey, number: int, over: Integration, t_ms: int, heard: Sequence[Notice]
    ) -> list[Page]:
        firing = tuple(notice for notice in heard if notice.ended_ms is None)
        resolved = tuple(notice for notice in heard if notice.ended_ms is not None)
        now = _Sent(
            t_ms, frozenset(n.labels for n in firing), frozenset(n.labels for n in resolved)
        )
        before = self._sent.get((key, number))
        route = self._groups[key].route
        if not _is_needed(before, now, over, route.repeat_interval_ms):
            return []
        self._sent[key, number] = now
        if not firing and not over.sends_resolved:
            return []
        page = Page(
            t_ms,
            route.receiver,
            over.channel,
            value_of((firing or resolved)[0].labels, "severity"),
            key[1],
            firing,
            resolved if over.sends_resolved else (),
            is_first=before is None or not before.firing,
        )
        return [page]


def _is_needed(before: _Sent | None, now: _Sent, over: Integration, repeat_ms: int) -> bool:
    """Alertmanager's needsUpdate: news, or long enough ago."""
    if before is None:
        return bool(now.firing)
    if not now.firing <= before.firing:
        return True
    if not now.firing:
        return bool(before.firing)
    if over.sends_resolved and not now.resolved <= before.resolved:
        return True
    return before.t_ms < now.t_ms - repeat_ms
