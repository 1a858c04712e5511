"""Processor sharing and CFS throttling, slowly and exactly: fractions, and every job walked.

Times are whole nanoseconds: a thing is done at the first of them at which no more than TINY of it
is left. At one instant time passes first, then the period is renewed, knobs are turned, jobs end
and the quota is looked at; then come arrivals, each followed by the last two again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from simulator.plant.cpu import TINY

NEVER = 1 << 62
_TINY = Fraction(TINY)


@dataclass(frozen=True)
class Turn:
    """At an instant something of the processors becomes another value."""

    at: int
    what: str  # cores, limit or slowdown
    value: Fraction


@dataclass
class PlainProcessors:
    """One replica."""

    cores: Fraction
    limit: Fraction = Fraction(0)
    slowdown: Fraction = Fraction(1)
    contention: Fraction = Fraction(0)
    coherency: Fraction = Fraction(0)
    period: int = 100_000_000
    phase: int = 0
    now: int = 0
    left: dict[int, Fraction] = field(default_factory=dict)
    quota_left: Fraction = Fraction(0)
    is_throttled: bool = False
    active_in: int = -10
    ended: dict[int, int] = field(default_factory=dict)
    used: Fraction = Fraction(0)
    periods: int = 0
    throttled_periods: int = 0
    throttled_ns: int = 0

    def run(self, arrivals: Sequence[tuple[int, int]], turns: Sequence[Turn], until: int) -> None:
        """Serve arrivals of (time, work), numbered by place, until an instant."""
        self.quota_left = self._quota()
        waiting, ahead = list(enumerate(arrivals)), list(turns)
        while self.now < until:
            times = [self._due(), until, *(turn.at for turn in ahead[:1])]
            self._pass(min(*times, *(arrival[0] for _, arrival in waiting[:1])))
            while ahead and ahead[0].at == self.now:
                self._turn(ahead.pop(0))
            self._look()
            while waiting and waiting[0][1][0] == self.now:
                number, (_, work) = waiting.pop(0)
                if not self.left:
                    self.active_in = self._period()
                self.left[number] = Fraction(work)
                self._look()

    def _quota(self) -> Fraction:
        return self.limit * self.period

    def _period(self) -> int:
        return (self.now - self.phase) // self.period

    def _period_ends(self) -> int:
        return self.phase + (self._period() + 1) * self.period

    def _burn(self) -> Fraction:
        stands = self.is_throttled or self.slowdown <= 0
        return Fraction(0) if stands else min(Fraction(len(self.left)), self.cores)

    def _rate(self) -> Fraction:
        n = Fraction(len(self.left))
        crowd = 1 + self.contention * (n - 1) + self.coherency * n * (n - 1)
        return self._burn() / n / (self.slowdown * crowd) if self._burn() else Fraction(0)

    def _due(self) -> int:
        found = [self._period_ends()] if self.limit else []
        if self._burn():
            found += [self._after(left, self._rate()) for left in self.left.values()]
            found += [self._after(self.quota_left, self._burn())] if self.limit else []
        return min(found, default=NEVER)

    def _after(self, left: Fraction, rate: Fraction) -> int:
        return self.now + max(math.ceil((left - _TINY) / rate), 0)

    def _pass(self, until: int) -> None:
        lasts = until - self.now
        self.used += self._burn() * lasts
        self.quota_left -= self._burn() * lasts
        rate = self._rate()
        for number in self.left:
            self.left[number] -= rate * lasts
        if self.is_throttled:
            self.throttled_ns += min(len(self.left), math.ceil(self.cores)) * lasts
        before, self.now = self._period(), until
        if self.limit and self._period() > before:
            self.periods += bool(self.left) or before <= self.active_in + 1
            self.active_in = self._period() if self.left else self.active_in
            debt = min(self.quota_left, Fraction(0)) if self.is_throttled else Fraction(0)
            self.throttled_periods += self.is_throttled
            self.quota_left, self.is_throttled = self._quota() + debt, False

    def _turn(self, turn: Turn) -> None:
        if getattr(self, turn.what) == turn.value:
            return  # a knob that stands there already is not turned
        setattr(self, turn.what, turn.value)
        if turn.what == "limit":
            self.quota_left, self.is_throttled = self._quota(), False
            self.active_in = self._period() if self.left else self.active_in

    def _look(self) -> None:
        if not self.is_throttled and self.slowdown > 0:
            for number in [number for number, left in self.left.items() if left <= _TINY]:
                del self.left[number]
                self.ended[number] = self.now
        if self.limit and self.left and self.quota_left <= _TINY:
            self.is_throttled = True
