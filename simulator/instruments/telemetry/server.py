"""The Prometheus that scrapes: how much it can take, and what happens when that is not enough."""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.units import SECOND

SAMPLES_PER_SECOND = 20_000.0
"""What a small Prometheus takes in; our estimate of a tenth of a core for scraping and queries."""
BUSY = 0.4
"""Share of it that is there for systems we do not simulate."""
TOUCHED_PER_SCRAPED = 25.0
"""A sample read by a rule costs a fraction of one that is taken in; our estimate."""
BYTES_PER_SERIES = 8192
"""Resident memory for each series in the head: index, chunks and the collector's slack; the usual
rule of thumb (robustperception.io, "How much RAM does Prometheus 2.x need for cardinality and
ingestion?", doubled for garbage)."""
BYTES_IDLE = 64 * 1024 * 1024
RESTART_NS = 30 * SECOND
"""Time to read the write-ahead log again; nothing is scraped or evaluated meanwhile."""


@dataclass(slots=True)
class Server:
    """One Prometheus as a server that everything it does shares.

    Work comes in with every scrape and every rule. While it keeps up, both are as good as
    immediate. Once more comes in than it can do, every loop gets its turn that much later: a
    scrape lasts `pressure` intervals, ticks that fall into it are missed, and so with rules.
    """

    samples_per_second: float = SAMPLES_PER_SECOND
    busy: float = BUSY
    sample_limit: int = 0
    slowdown: Callable[[], float] = lambda: 1.0
    down_until: int = -1
    missed_scrapes: int = 0
    over_limit: int = 0
    appended: int = 0
    _scraped: dict[int, float] = field(default_factory=dict)  # samples a second by target
    _touched: dict[str, float] = field(default_factory=dict)  # and by rule group
    _in: float = 0.0
    _read: float = 0.0

    def scrapes(self, target: int, samples: int, period_ns: int) -> None:
        """Take note of what a target's scrapes bring; none for a target that is gone."""
        now = samples * SECOND / period_ns
        before = self._scraped.get(target, 0.0)
        if now != before:
            self._scraped[target] = now
            self._in = sum(self._scraped.values())

    def reads(self, group: str, samples: int, interval_ns: int) -> None:
        """Take note of how many samples a rule group reads at each evaluation."""
        self._touched[group] = samples * SECOND / interval_ns
        self._read = sum(self._touched.values())

    def pressure(self, slowdown: float) -> float:
        """Work that comes in, in units of what can be done."""
        own = self._in + self._read / TOUCHED_PER_SCRAPED
        return (self.busy + own / self.samples_per_second) * slowdown

    def takes(self, samples: float, period_ns: int, slowdown: float) -> int:
        """How long so many samples take to bring in (ns); above 1, as long as everybody waits."""
        pressure = self.pressure(slowdown)
        if pressure > 1.0:
            return round(pressure * period_ns)
        alone = samples * SECOND * slowdown / self.samples_per_second
        return round(min(alone / max(1.0 - pressure, 1e-3), period_ns))

    def evaluation_takes(self, samples: float, interval_ns: int) -> int:
        """How long a rule group lasts that reads so many samples (ns)."""
        return self.takes(samples / TOUCHED_PER_SCRAPED, interval_ns, self.slowdown())

    def memory(self, series: int) -> int:
        """Resident bytes with so many series in the head."""
        return BYTES_IDLE + series * BYTES_PER_SERIES

    def restart(self, now: int) -> None:
        """Go away and come back; what was under way is lost."""
        self.down_until = now + RESTART_NS
