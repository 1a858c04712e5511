"""Silences: matching alerts are hidden from notifications for a while, not from `ALERTS`."""

from dataclasses import dataclass, replace

from simulator.instruments.series.labels import Labels
from simulator.instruments.series.matchers import Matcher, match_all


@dataclass(frozen=True, slots=True)
class Silence:
    """Hides alerts that meet every matcher in [starts, ends)."""

    number: int
    matchers: tuple[Matcher, ...]
    starts_ms: int
    ends_ms: int
    comment: str = ""

    def is_active(self, t_ms: int) -> bool:
        """Say whether it hides anything at an instant."""
        return self.starts_ms <= t_ms < self.ends_ms

    def hides(self, labels: Labels, t_ms: int) -> bool:
        """Say whether an alert is hidden at an instant."""
        return self.is_active(t_ms) and match_all(self.matchers, labels)


class Silences:
    """Every silence there was, numbered from 1 as they were made."""

    def __init__(self) -> None:
        self._all: list[Silence] = []

    def add(
        self, matchers: tuple[Matcher, ...], starts_ms: int, ends_ms: int, comment: str = ""
    ) -> Silence:
        """Make a silence; ValueError without a matcher, or when it would end before it starts."""
        if not matchers:
            raise ValueError("a silence needs at least one matcher")
        if ends_ms <= starts_ms:
            raise ValueError("a silence must end after it starts")
        made = Silence(len(self._all) + 1, matchers, starts_ms, ends_ms, comment)
        self._all.append(made)
        return made

    def expire(self, number: int, t_ms: int) -> Silence:
        """End a silence now; ValueError when there is none of that number in force."""
        if not 1 <= number <= len(self._all) or not self._all[number - 1].is_active(t_ms):
            raise ValueError(f"no silence {number} is active")
        ended = replace(self._all[number - 1], ends_ms=t_ms)
        self._all[number - 1] = ended
        return ended

    def active(self, t_ms: int) -> tuple[Silence, ...]:
        """List what is in force at an instant."""
        return tuple(silence for silence in self._all if silence.is_active(t_ms))

    def hides(self, labels: Labels, t_ms: int) -> bool:
        """Say whether any silence hides an alert at an instant."""
        return any(silence.hides(labels, t_ms) for silence in self._all)
