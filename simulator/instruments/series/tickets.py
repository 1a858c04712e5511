"""Support tickets: what users write, minutes after it went wrong, in words that may mislead."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket, at the time it was written."""

    t_ns: int
    route: str
    text: str


@dataclass(slots=True)
class TicketStore:
    """Tickets in order of time; some of the future are known already and not shown."""

    _tickets: list[Ticket] = field(default_factory=list)

    def append(self, ticket: Ticket) -> None:
        """Take a ticket."""
        insort(self._tickets, ticket, key=lambda each: each.t_ns)

    def search(self, now_ns: int, *, since_ns: int = 0, route: str = "") -> Sequence[Ticket]:
        """Tickets written from `since_ns` up to now, oldest first."""
        low = bisect_left(self._tickets, since_ns, key=lambda each: each.t_ns)
        high = bisect_right(self._tickets, now_ns, key=lambda each: each.t_ns)
        return [each for each in self._tickets[low:high] if route in ("", each.route)]

    def counted(self, now_ns: int, route: str) -> int:
        """How many tickets a route has had by now."""
        return len(self.search(now_ns, route=route))
