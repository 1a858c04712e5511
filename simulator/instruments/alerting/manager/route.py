"""The routing tree: which receivers hear of an alert, in what groups, how soon and how often."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.instruments.series.labels import NAME, Labels
from simulator.instruments.series.matchers import Matcher, match_all

ALL_LABELS = "..."
GROUP_WAIT_MS, GROUP_INTERVAL_MS, REPEAT_INTERVAL_MS = 30_000, 300_000, 14_400_000
"""Alertmanager's defaults: 30 s, 5 min, 4 h."""


@dataclass(frozen=True, slots=True)
class Route:
    """A node of the tree, with what it inherits already filled in.

    `path` says where it stands, such as `0.2`: the third child of the first child of the root.
    """

    receiver: str
    path: str = ""
    matchers: tuple[Matcher, ...] = ()
    goes_on: bool = False
    group_by: tuple[str, ...] = ()
    group_wait_ms: int = GROUP_WAIT_MS
    group_interval_ms: int = GROUP_INTERVAL_MS
    repeat_interval_ms: int = REPEAT_INTERVAL_MS
    mute_times: tuple[str, ...] = ()
    active_times: tuple[str, ...] = ()
    routes: tuple["Route", ...] = ()

    def matching(self, labels: Labels) -> tuple["Route", ...]:
        """Find the routes that take an alert: children before their parent, first match first."""
        if not match_all(self.matchers, labels):
            return ()
        found: list[Route] = []
        for child in self.routes:
            taken = child.matching(labels)
            found += taken
            if taken and not child.goes_on:
                break
        return tuple(found) or (self,)

    def group_labels(self, labels: Labels) -> Labels:
        """Pick the labels that say which of the route's groups an alert belongs to."""
        if ALL_LABELS in self.group_by:
            return labels
        return tuple(pair for pair in labels if pair[0] in self.group_by and pair[0] != NAME)

    def nodes(self) -> Iterator["Route"]:
        """Walk the tree, parents first."""
        yield self
        for child in self.routes:
            yield from child.nodes()
