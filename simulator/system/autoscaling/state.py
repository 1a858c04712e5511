"""What an HPA's controller remembers: recommendations, scale events and conditions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

ConditionType = Literal["AbleToScale", "ScalingActive", "ScalingLimited", "ScaledToZero"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as `kubectl describe hpa` shows it."""

    type: ConditionType
    holds: bool
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.type}={self.holds} {self.reason}: {self.message}"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A raw proposal and when it was made."""

    at: int
    replicas: int


@dataclass(frozen=True, slots=True)
class ScaleEvent:
    """A change that was made: how many pods, when; an outdated one's slot is used again."""

    at: int
    change: int
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class HpaState:
    """The memory of one HPA between two decisions."""

    recommendations: tuple[Recommendation, ...] = ()
    ups: tuple[ScaleEvent, ...] = ()
    downs: tuple[ScaleEvent, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def with_condition(self, condition: Condition) -> "HpaState":
        """Set the condition of that type, in place where it is there already."""
        kept = [condition if c.type == condition.type else c for c in self.conditions]
        if condition not in kept:
            kept.append(condition)
        return replace(self, conditions=tuple(kept))

    def condition(self, kind: ConditionType) -> Condition | None:
        """Return the condition of that type, if it was ever set."""
        return next((c for c in self.conditions if c.type == kind), None)

    def logged(self, at: int, replicas: int, *, old_before: int) -> "HpaState":
        """Log a raw proposal, over the last entry older than `old_before`, else at the end."""
        log = list(self.recommendations)
        old = [index for index, entry in enumerate(log) if entry.at < old_before]
        if old:
            log[old[-1]] = Recommendation(at, replicas)
        else:
            log.append(Recommendation(at, replicas))
        return replace(self, recommendations=tuple(log))


def changed_within(events: Sequence[ScaleEvent], period_ns: int, now: int) -> int:
    """Sum the changes of the last `period_ns`; one exactly that old no longer counts."""
    return sum(event.change for event in events if event.at > now - period_ns)


def with_event(
    events: Sequence[ScaleEvent], change: int, longest_ns: int, now: int
) -> tuple[ScaleEvent, ...]:
    """Store a change, over the last event too old for every policy, else at the end."""
    kept = [
        replace(event, is_outdated=True) if event.at < now - longest_ns else event
        for event in events
    ]
    new = ScaleEvent(now, change)
    outdated = [index for index, event in enumerate(kept) if event.is_outdated]
    if outdated:
        kept[outdated[-1]] = new
    else:
        kept.append(new)
    return tuple(kept)
