"""Envoy's gradient controller before servers in parallel, told plainly: timers, lists and dicts."""

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.plant.spec_parts import Adaptive

NEVER = 1 << 62


def two_digits(us: int) -> tuple[float, float]:
    """Where the bin of a number with two significant digits begins, and how wide it is."""
    decade = 10 ** (len(str(us)) - 1)
    return int(us * 10 / decade) / 10 * decade, decade / 10


def percentile(samples: Sequence[int], share: float) -> int:
    """Of whole microseconds, as if they lay evenly within their bins."""
    bins = Counter(two_digits(us) for us in samples)
    wanted, before = share * len(samples), 0
    for (begins, width), count in sorted(bins.items()):
        if before + count >= wanted:
            return int(begins + (wanted - before) / count * width)
        before += count
    raise AssertionError


@dataclass
class Controller:
    """The limit and what it is worked out from; times in ns, latencies in us."""

    config: Adaptive
    limit: int = 0
    deferred: int = 0
    began_at: int = 0
    samples: list[int] = field(default_factory=list)
    min_rtt: int = 0
    at_least: int = 0
    update_at: int = NEVER
    measure_at: int = 0

    def __post_init__(self) -> None:
        self.limit = self.config.concurrency_min

    def pass_time(self, now: int) -> None:
        """Let the two timers ring that are due."""
        while min(self.update_at, self.measure_at) <= now:
            if self.measure_at <= self.update_at:
                self.began_at, self.measure_at, self.update_at = self.measure_at, NEVER, NEVER
                self.deferred, self.samples = self.limit, []
                self._set(self.config.concurrency_min)
            else:
                self.update_at += self.config.update_ns
                if self.samples:
                    self._update()
                if self.at_least >= 5:
                    self.measure_at = self.update_at - self.config.update_ns

    def _update(self) -> None:
        rtt = percentile(self.samples, self.config.percentile)
        self.samples = []
        gradient = self.min_rtt * (1 + self.config.buffer) / rtt
        raised = self.limit * min(max(gradient, 0.5), 2.0)
        limit = int(raised + math.sqrt(raised))
        self._set(min(max(limit, self.config.concurrency_min), self.config.concurrency_max))

    def _set(self, limit: int) -> None:
        least = self.config.concurrency_min
        stays = self.deferred == 0 and self.limit == limit == least
        self.at_least = self.at_least + 1 if stays else 0
        self.limit = limit

    def note(self, sent_at: int, now: int) -> None:
        """Take the latency of a call that was answered now."""
        if sent_at < self.began_at:
            return
        self.samples.append(max((now - sent_at) // 1000, 1))
        if self.deferred and len(self.samples) >= self.config.measured_over:
            self.min_rtt = percentile(self.samples, self.config.percentile)
            self.samples = []
            self._set(self.deferred)
            self.deferred = 0
            self.update_at = now + self.config.update_ns
            self.measure_at = now + self.config.measured_every_ns


def play(
    config: Adaptive, arrivals: Sequence[int], servers: int, lasts_ns: int, looks: Sequence[int]
) -> list[tuple[int, int, int, int]]:
    """(limit, least latency, answered, turned away) at each look, of first come, first served."""
    controller, free = Controller(config), [0] * servers
    answers: list[tuple[int, int, int]] = []  # when, in which order, sent when
    answered = turned_away = number = 0
    found = []
    events = sorted([*((at, 0) for at in arrivals), *((at, 1) for at in looks)])
    for now, is_look in events:
        while answers and answers[0][0] <= now:
            ended_at, _, sent_at = heapq.heappop(answers)
            controller.pass_time(ended_at)
            controller.note(sent_at, ended_at)
            answered += 1
        if is_look:
            found.append((controller.limit, controller.min_rtt, answered, turned_away))
            continue
        controller.pass_time(now)
        if len(answers) >= controller.limit:
            turned_away += 1
            continue
        ends_at = max(heapq.heappop(free), now) + lasts_ns
        heapq.heappush(free, ends_at)
        heapq.heappush(answers, (ends_at, number, now))
        number += 1
    return found
