"""The trace store behind a collector that samples by the tail: failed and slow traces are kept.

What it is sent was sampled at the head already, by trace id. It waits a while after a request's
root span has ended, then decides on what has come by then, as the OpenTelemetry collector's
`tail_sampling` does with the policies `status_code`, `latency` and `probabilistic`; spans that come
later follow the decision.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from simulator.instruments.traces.model import Span, Trace
from simulator.units import SECOND

_ALL_IDS = float(1 << 56)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the collector keeps: failed traces, slow ones, and a share of the others."""

    ordinary_share: float = 0.2
    slow_ns: int = 10 * SECOND  # a trace that lasts longer is slow
    slow_ns_by_route: Mapping[str, int] = field(default_factory=dict)
    wait_ns: int = 10 * SECOND  # from the end of the root span to the decision

    def limit_ns(self, route: str) -> int:
        """Say from which duration on a trace of a route is slow."""
        return self.slow_ns_by_route.get(route, self.slow_ns)

    def keeps(self, trace: Trace) -> bool:
        """Decide on what is known of a trace."""
        if trace.has_error or self.is_slow(trace):
            return True
        # The lower half of an id has decided at the head already.
        return int(trace.trace_id[2:16], 16) < self.ordinary_share * _ALL_IDS

    def is_slow(self, trace: Trace) -> bool:
        """Say whether a trace lasts longer than its route's limit."""
        return trace.lasted_ns > self.limit_ns(trace.route)


class Fate(Enum):
    """What became of a trace id someone looks for."""

    UNKNOWN = "no span of it was received: its request was not sampled, or is still under way"
    WAITING = "its spans are coming in; the collector has not decided on it yet"
    DROPPED = "the collector did not keep it: it was neither failed, slow nor drawn"
    KEPT = "kept"


class TraceStore:
    """Every span received, and the traces kept of them as of any instant.

    `receive` gives the spans that have come since it was last asked, and up to which instant all
    have; it is asked only when someone looks, and answers the same whenever that is.
    """

    def __init__(self, policy: Policy, receive: Callable[[], tuple[Iterable[Span], int]]) -> None:
        self.policy = policy
        self._receive = receive
        self._spans: dict[str, list[Span]] = {}
        self._roots: list[tuple[int, str]] = []  # first root's end and trace, by the former
        self._decided: dict[str, bool] = {}

    def find(self, trace_id: str, now_ns: int) -> tuple[Fate, Trace | None]:
        """Look a trace up by its id, or any end of it that is long enough to be the only one."""
        now_ns = self._take_in(now_ns)
        wanted = trace_id.lower()
        known = [each for each in self._spans if each.endswith(wanted) or each.startswith(wanted)]
        if len(known) != 1:
            return Fate.UNKNOWN, None
        fate = self._fate(known[0], now_ns)
        return fate, self._trace(known[0], now_ns) if fate is Fate.KEPT else None

    def search(
        self,
        now_ns: int,
        *,
        since_ns: int = 0,
        component: str = "",
        slow: bool = False,
        errors: bool = False,
    ) -> list[Trace]:
        """Traces kept by now whose root ended at or after `since_ns`, by when they began.

        With `slow` and `errors` both, either will do.
        """
        now_ns = self._take_in(now_ns)
        first = bisect_left(self._roots, (since_ns, ""))
        last = bisect_right(self._roots, (now_ns - self.policy.wait_ns, "~"))
        found = [
            self._trace(trace_id, now_ns)
            for _, trace_id in self._roots[first:last]
            if self._fate(trace_id, now_ns) is Fate.KEPT
        ]
        if component:
            found = [t for t in found if any(component in (s.service, s.pod) for s in t.spans)]
        if slow or errors:
            found = [
                trace
                for trace in found
                if (slow and self.policy.is_slow(trace)) or (errors and trace.has_error)
            ]
        return sorted(found, key=lambda trace: (trace.start_ns, trace.trace_id))

    def counted(self, now_ns: int) -> tuple[int, int]:
        """How many traces had been decided on by now, and how many of them were kept."""
        now_ns = self._take_in(now_ns)
        last = bisect_right(self._roots, (now_ns - self.policy.wait_ns, "~"))
        fates = [self._fate(trace_id, now_ns) for _, trace_id in self._roots[:last]]
        return len(fates), fates.count(Fate.KEPT)

    def received(self) -> tuple[Span, ...]:
        """Every span received so far, kept or not."""
        self._take_in(0)
        return tuple(span for spans in self._spans.values() for span in spans)

    def _take_in(self, now_ns: int) -> int:
        """Take in what has come; say up to which instant all is known, now at the latest."""
        rooted = []
        came, until_ns = self._receive()
        for span in came:
            spans = self._spans.setdefault(span.trace_id, [])
            if not span.parent_id and all(each.parent_id for each in spans):
                rooted.append((span.end_ns, span.trace_id))
            spans.append(span)
        if rooted:
            self._roots = sorted([*self._roots, *rooted])
        return min(now_ns, until_ns)

    def _fate(self, trace_id: str, now_ns: int) -> Fate:
        root = next((s for s in self._spans[trace_id] if not s.parent_id), None)
        if root is None or root.end_ns > now_ns:
            return Fate.UNKNOWN
        at = root.end_ns + self.policy.wait_ns
        if now_ns < at:
            return Fate.WAITING
        if trace_id not in self._decided:
            self._decided[trace_id] = self.policy.keeps(self._trace(trace_id, at))
        return Fate.KEPT if self._decided[trace_id] else Fate.DROPPED

    def _trace(self, trace_id: str, by_ns: int) -> Trace:
        ended = [span for span in self._spans[trace_id] if span.end_ns <= by_ns]
        return Trace(trace_id, tuple(sorted(ended, key=lambda s: (s.start_ns, -s.end_ns))))
