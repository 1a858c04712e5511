"""Log lines counted by template: what is new, and what is written far more often than before."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from simulator.instruments.series.logs import LogEntry, Severity

OFTEN, RARELY = 3.0, 5
"""A template is unusual from three times its former rate on, if written at least so often."""

_ID = re.compile(r"\b[0-9a-f]{12,}\b")
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One template in a window; `former_per_s` is its rate before, 0 where it is new."""

    component: str
    severity: Severity
    template: str
    count: int
    per_s: float
    former_per_s: float

    @property
    def is_new(self) -> bool:
        """Whether it was never written before the window."""
        return self.former_per_s == 0.0

    @property
    def is_unusual(self) -> bool:
        """Whether it is new, or written several times as often as before."""
        return self.is_new or (self.count >= RARELY and self.per_s >= OFTEN * self.former_per_s)


def template_of(message: str) -> str:
    """Put placeholders where a message has ids and numbers."""
    return _NUMBER.sub("<n>", _ID.sub("<id>", message))


def patterns(
    entries: Iterable[LogEntry], since_ns: int, until_ns: int, starts_ns: int = 0
) -> list[Pattern]:
    """Count templates in (since, until], and compare with what was written before; most first.

    `starts_ns` is when writing began, for the former rate.
    """
    now: dict[tuple[str, Severity, str], int] = {}
    before: dict[tuple[str, Severity, str], int] = {}
    for entry in entries:
        if entry.t_ns <= until_ns:
            counts = now if entry.t_ns > since_ns else before
            key = (entry.component, entry.severity, template_of(entry.message))
            counts[key] = counts.get(key, 0) + 1
    window_s = max(until_ns - since_ns, 1) / 1e9
    former_s = max(since_ns - starts_ns, 1) / 1e9
    found = [
        Pattern(*key, count, count / window_s, before.get(key, 0) / former_s)
        for key, count in now.items()
    ]
    return sorted(found, key=lambda each: (-each.count, each.component, each.template))
