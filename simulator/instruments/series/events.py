"""Kubernetes events: what controllers said of objects, repeats counted as the API server does."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from simulator.units import HOUR

KEPT_NS = HOUR
"""How long the API server keeps an event after it was last seen (`--event-ttl`)."""


@dataclass(frozen=True, slots=True)
class KubeEvent:
    """One event; `is_warning` is its type, `subject` its object such as `pod/llm-2`."""

    first_ns: int
    last_ns: int
    is_warning: bool
    reason: str
    subject: str
    message: str
    component: str = ""
    count: int = 1


@dataclass(slots=True)
class EventStore:
    """Every event, in the order in which it was last seen."""

    _by_what: dict[tuple[str, str, str], KubeEvent] = field(default_factory=dict)

    def append(self, event: KubeEvent) -> None:
        """Take an event; one that says the same of the same object is counted up instead."""
        key = (event.subject, event.reason, event.message)
        known = self._by_what.pop(key, None)
        if known is not None and event.last_ns - known.last_ns <= KEPT_NS:
            event = replace(event, first_ns=known.first_ns, count=known.count + 1)
        self._by_what[key] = event

    def search(
        self, now_ns: int, *, since_ns: int = 0, component: str = "", warnings: bool = False
    ) -> Sequence[KubeEvent]:
        """Events still kept that were seen at or after `since_ns`, the newest last."""
        oldest = max(since_ns, now_ns - KEPT_NS)
        found = [
            event
            for event in self._by_what.values()
            if event.last_ns >= oldest
            and (event.is_warning or not warnings)
            and component in ("", event.component, event.subject.partition("/")[2])
        ]
        return sorted(found, key=lambda event: event.last_ns)
