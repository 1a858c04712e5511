"""Turns alerts into notifications as Alertmanager does: grouped, delayed, repeated. Pure.

Alerts come in as transitions; pages and tickets come out when a group is due. Times are whole
milliseconds. After Alertmanager's dispatch.go and dedup_stage.go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulator.instruments.alerting.model import AlertTransition, Change
from simulator.instruments.series.labels import Labels, value_of
from simulator.instruments.series.matchers import Matcher, match_all

PAGER, TICKET = "pager", "ticket"
PAGING = ("critical", "page")
"""Values of the label `severity` that wake someone."""


@dataclass(frozen=True, slots=True)
class Routing:
    """How notifications are grouped and timed; Alertmanager's defaults but for `group_by`."""

    group_by: tuple[str, ...] = ("alertname",)
    group_wait_ms: int = 30_000
    group_interval_ms: int = 300_000
    repeat_interval_ms: int = 14_400_000
    paging: tuple[str, ...] = PAGING
    sends_resolved: bool = True

    def receiver(self, labels: Labels) -> str:
        """Who is told about an alert."""
        return PAGER if value_of(labels, "severity") in self.paging else TICKET

    def key(self, labels: Labels) -> "GroupKey":
        """The group an alert belongs to."""
        kept = tuple(pair for pair in labels if pair[0] in self.group_by)
        return GroupKey(self.receiver(labels), kept)


@dataclass(frozen=True, slots=True, order=True)
class GroupKey:
    """A receiver and the labels its group shares."""

    receiver: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Silence:
    """Hides matching alerts from notifications in [starts, ends); `ALERTS` still shows them."""

    matchers: tuple[Matcher, ...]
    starts_ms: int
    ends_ms: int

    def hides(self, labels: Labels, t_ms: int) -> bool:
        """Say whether an alert is hidden at an instant."""
        return self.starts_ms <= t_ms < self.ends_ms and match_all(self.matchers, labels)


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert in a notification; `since_ms` is when it fired, `ended_ms` when it resolved."""

    labels: Labels
    annotations: Labels
    value: float
    since_ms: int
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One notification: a page when the receiver is the pager, a ticket otherwise.

    `is_first` marks the first notification of a group since it last went quiet.
    """

    t_ms: int
    receiver: str
    severity: str
    group_labels: Labels
    firing: tuple[Notice, ...]
    resolved: tuple[Notice, ...]
    is_first: bool

    @property
    def is_resolution(self) -> bool:
        """Whether everything in the group is over."""
        return not self.firing


@dataclass(slots=True)
class _Group:
    due_ms: int
    alerts: dict[Labels, Notice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was last notified about a group."""

    t_ms: int
    firing: frozenset[Labels]
    resolved: frozenset[Labels]


class Dispatcher:
    """Alertmanager's dispatcher with one route per receiver."""

    def __init__(self, routing: Routing | None = None) -> None:
        self.routing = routing or Routing()
        self.silences: list[Silence] = []
        self._groups: dict[GroupKey, _Group] = {}
        self._sent: dict[GroupKey, _Sent] = {}

    def silence(self, silence: Silence) -> None:
        """Hide alerts for a while."""
        self.silences.append(silence)

    def offer(self, transitions: Iterable[AlertTransition], t_ms: int) -> None:
        """Take what rules found; a new group first waits for more to come."""
        for transition in transitions:
            if transition.change is Change.FIRING:
                self._fired(transition, t_ms)
            elif transition.change is Change.RESOLVED:
                self._resolved(transition)

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

    def _fired(self, transition: AlertTransition, t_ms: int) -> None:
        key = self.routing.key(transition.labels)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(t_ms + self.routing.group_wait_ms)
        group.alerts[transition.labels] = Notice(
            transition.labels, transition.annotations, transition.value, transition.t_ms
        )

    def _resolved(self, transition: AlertTransition) -> None:
        group = self._groups.get(self.routing.key(transition.labels))
        known = group.alerts.get(transition.labels) if group else None
        if group is not None and known is not None:
            group.alerts[transition.labels] = Notice(
                known.labels,
                transition.annotations,
                transition.value,
                known.since_ms,
                transition.t_ms,
            )

    def _handled(self, key: GroupKey, t_ms: int) -> list[Page]:
        group = self._groups[key]
        group.due_ms = t_ms + self.routing.group_interval_ms
        shown = [group.alerts[labels] for labels in sorted(group.alerts)]
        heard = [n for n in shown if not any(s.hides(n.labels, t_ms) for s in self.silences)]
        pages = self._notified(key, t_ms, heard) if heard else []
        group.alerts = {n.labels: n for n in shown if n.ended_ms is None}
        if not group.alerts:
            del self._groups[key]
        return pages

    def _notified(self, key: GroupKey, t_ms: int, heard: Sequence[Notice]) -> list[Page]:
        firing = tuple(n for n in heard if n.ended_ms is None)
        resolved = tuple(n for n in heard if n.ended_ms is not None)
        now = _Sent(
            t_ms, frozenset(n.labels for n in firing), frozenset(n.labels for n in resolved)
        )
        before = self._sent.get(key)
        if not self._is_needed(before, now):
            return []
        self._sent[key] = now
        if not firing and not self.routing.sends_resolved:
            return []
        page = Page(
            t_ms,
            key.receiver,
            value_of((firing or resolved)[0].labels, "severity"),
            key.labels,
            firing,
            resolved if self.routing.sends_resolved else (),
            is_first=before is None or not before.firing,
        )
        return [page]

    def _is_needed(self, before: _Sent | None, now: _Sent) -> bool:
        """Alertmanager's needsUpdate: news, or long enough ago."""
        if before is None:
            return bool(now.firing)
        if not now.firing <= before.firing:
            return True
        if not now.firing:
            return bool(before.firing)
        if self.routing.sends_resolved and not now.resolved <= before.resolved:
            return True
        return before.t_ms < now.t_ms - self.routing.repeat_interval_ms
