"""The change log: deploys, configuration, flags, scaling, nodes; innocent ones among them."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One change someone or something made."""

    t_ns: int
    component: str
    kind: str
    text: str


@dataclass(slots=True)
class ChangeStore:
    """Every change, in order of time."""

    entries: list[ChangeEntry] = field(default_factory=list)

    def append(self, entry: ChangeEntry) -> None:
        """Keep a change."""
        insort(self.entries, entry, key=lambda each: each.t_ns)

    def search(
        self,
        *,
        since_ns: int = 0,
        until_ns: int | None = None,
        component: str = "",
        kind: str = "",
    ) -> Sequence[ChangeEntry]:
        """Changes with since <= t <= until that match, oldest first."""
        return [
            entry
            for entry in self.entries
            if since_ns <= entry.t_ns
            and (until_ns is None or entry.t_ns <= until_ns)
            and component in ("", entry.component)
            and kind in ("", entry.kind)
        ]
