"""Structured log entries, kept in order of time, with a limit on how fast a stream may write."""

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from simulator.errors import QueryError
from simulator.units import SECOND


class Severity(IntEnum):
    """How bad an entry says things are; higher is worse."""

    DEBUG = 10
    INFO = 20
    WARN = 30
    ERROR = 40
    FATAL = 50


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of a log; `fields` are sorted pairs."""

    t_ns: int
    severity: Severity
    component: str
    pod: str
    message: str
    trace_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def stream(self) -> tuple[str, str]:
        """What is limited together: one pod of one component."""
        return (self.component, self.pod)

    def line(self) -> str:
        """The entry as searched: message and fields."""
        return " ".join((self.message, *(f"{name}={value}" for name, value in self.fields)))


@dataclass(slots=True)
class _Budget:
    second: int = -1
    written: int = 0
    dropped: int = 0


@dataclass(slots=True)
class LogStore:
    """Log entries of every stream.

    A stream writes at most `lines_per_second`; what is above is dropped and counted, and the next
    entry of the stream is preceded by one that says how many are missing.
    """

    lines_per_second: int = 20
    entries: list[LogEntry] = field(default_factory=list)
    dropped: int = 0
    shipped: int = 0
    lost: int = 0  # on their way here, without a word
    loses: Callable[[LogEntry], bool] | None = None
    _budgets: dict[tuple[str, str], _Budget] = field(default_factory=dict)

    def append(self, entry: LogEntry) -> bool:
        """Keep an entry, or drop it when its stream has used up this second; say which."""
        if not self.admits(entry.t_ns, entry.component, entry.pod):
            return False
        self._keep(entry)
        return True

    def admits(self, t_ns: int, component: str, pod: str) -> bool:
        """Spend one line of a stream's second, or count it as dropped.

        A writer with many lines asks first and words only what will be kept, with `keep`.
        """
        budget = self._budgets.setdefault((component, pod), _Budget())
        second = t_ns // SECOND
        if second > budget.second:
            self._admit_missing(t_ns, component, pod, budget)
            budget.second, budget.written, budget.dropped = second, 0, 0
        if budget.written >= self.lines_per_second:
            budget.dropped += 1
            self.dropped += 1
            return False
        budget.written += 1
        return True

    def keep(self, entry: LogEntry) -> None:
        """Keep an entry that was admitted."""
        self._keep(entry)

    def note_lost(self, count: int) -> None:
        """Count entries that were lost before they got here."""
        self.dropped += count

    def search(
        self,
        *,
        since_ns: int = 0,
        until_ns: int | None = None,
        grep: str = "",
        level: Severity = Severity.DEBUG,
        component: str = "",
        pod: str = "",
        limit: int | None = None,
    ) -> Sequence[LogEntry]:
        """Entries with since <= t <= until that match, oldest first; the newest when limited.

        `grep` is a regular expression looked for in message and fields; QueryError when it is none.
        """
        found = [
            entry
            for entry in self._between(since_ns, until_ns)
            if entry.severity >= level
            and component in ("", entry.component)
            and pod in ("", entry.pod)
        ]
        if grep:
            wanted = _compiled(grep)
            found = [entry for entry in found if wanted.search(entry.line())]
        return found if limit is None else found[max(len(found) - limit, 0) :]

    def _between(self, since_ns: int, until_ns: int | None) -> list[LogEntry]:
        start = bisect_left(self.entries, since_ns, key=lambda entry: entry.t_ns)
        if until_ns is None:
            return self.entries[start:]
        return self.entries[start : bisect_left(self.entries, until_ns + 1, key=lambda e: e.t_ns)]

    def _admit_missing(self, t_ns: int, component: str, pod: str, budget: _Budget) -> None:
        if budget.dropped:
            text = f"{budget.dropped} messages were dropped by the rate limit"
            self._keep(LogEntry(t_ns, Severity.WARN, component, pod, text))

    def _keep(self, entry: LogEntry) -> None:
        if self.loses is not None and self.loses(entry):
            self.lost += 1
            return
        self.shipped += 1
        if not self.entries or self.entries[-1].t_ns <= entry.t_ns:
            self.entries.append(entry)
        else:
            insort(self.entries, entry, key=lambda each: each.t_ns)


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise QueryError(f"{text!r} is not a regular expression: {error}") from error
