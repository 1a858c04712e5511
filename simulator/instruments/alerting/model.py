"""Rules as written, alerts as they stand, and how they change. Times are whole milliseconds."""

from dataclasses import dataclass, field
from enum import StrEnum

from simulator.instruments.series.labels import Labels, value_of

DEFAULT_INTERVAL_MS = 30_000
_SECOND_MS = 1000
_FNV_START, _FNV_PRIME, _WORD = 0xCBF29CE484222325, 0x100000001B3, 2**64


class AlertState(StrEnum):
    """Prometheus's states of an alert."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


class Change(StrEnum):
    """What happened to an alert at one evaluation.

    `dropped` is a pending alert whose condition went away before it fired.
    """

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """Writes an expression's result as new series."""

    record: str
    expr: str
    labels: Labels = ()

    @property
    def name(self) -> str:
        """The metric it writes."""
        return self.record


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Watches an expression: every element of its result is an alert."""

    alert: str
    expr: str
    labels: Labels = ()
    annotations: Labels = ()
    for_ms: int = 0
    keep_firing_for_ms: int = 0

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.alert


Rule = RecordingRule | AlertRule


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules evaluated in order at the same instants."""

    name: str
    rules: tuple[Rule, ...]
    interval_ms: int = DEFAULT_INTERVAL_MS
    file: str = ""
    limit: int = 0
    query_offset_ms: int = 0

    @property
    def offset_ms(self) -> int:
        """Where in its interval the group is evaluated: spread by name, on whole seconds."""
        grain = _SECOND_MS if self.interval_ms % _SECOND_MS == 0 else 1
        return _hash(self.name) % (self.interval_ms // grain) * grain

    def next_ms(self, after_ms: int) -> int:
        """The first evaluation later than an instant."""
        slots = (after_ms - self.offset_ms) // self.interval_ms + 1
        return slots * self.interval_ms + self.offset_ms


@dataclass(slots=True)
class ActiveAlert:
    """One alert a rule remembers: pending, firing, or lately resolved."""

    labels: Labels
    annotations: Labels
    value: float
    state: AlertState
    active_at_ms: int
    fired_at_ms: int | None = None
    resolved_at_ms: int | None = None
    keep_firing_since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AlertTransition:
    """An alert changed at one evaluation."""

    t_ms: int
    change: Change
    labels: Labels
    annotations: Labels
    value: float
    active_at_ms: int
    group: str = field(default="", compare=False)

    @property
    def alertname(self) -> str:
        """The rule's name."""
        return value_of(self.labels, "alertname")

    @property
    def severity(self) -> str:
        """The `severity` label, or nothing."""
        return value_of(self.labels, "severity")


def _hash(text: str) -> int:
    """FNV-1a: the same on every machine and in every run."""
    value = _FNV_START
    for byte in text.encode():
        value = (value ^ byte) * _FNV_PRIME % _WORD
    return value
