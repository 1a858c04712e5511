"""Windows of multi-window, multi-burn-rate alerts, in proportion to the objective's own window.

The SRE workbook (chapter 5, "Alerting on SLOs", table 5-8) gives them for 30 days: page when 2 % of
the budget goes in 1 h or 5 % in 6 h, ticket when 10 % goes in a day or in three. A shorter window
shrinks them alike, as pyrra does, so that a drill of an hour can have a budget of its own.
"""

from dataclasses import dataclass
from typing import Literal

SCRAPE_MS = 15_000
SHORT_MIN_MS = 4 * SCRAPE_MS
"""A rate over fewer than four scrapes says little."""

_MINUTE_MS = 60_000
_MONTH_MS = 30 * 24 * 60 * _MINUTE_MS
_WORKBOOK: tuple[tuple[Literal["page", "ticket"], float, int, int], ...] = (
    ("page", 0.02, 60, 5),
    ("page", 0.05, 360, 30),
    ("ticket", 0.10, 1440, 120),
    ("ticket", 0.10, 4320, 360),
)
"""Severity, share of the budget, and long and short window in minutes, for 30 days."""


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """One condition: the budget burns `factor` times too fast over both windows."""

    severity: Literal["page", "ticket"]
    factor: float
    long_ms: int
    short_ms: int


def burn_windows(window_ms: int) -> tuple[BurnWindow, ...]:
    """Scale the workbook's windows to an objective's window (ms), fastest first.

    Windows are whole scrapes, and a short one at least four. A long window that had to grow for
    this keeps its share of the budget, so its factor falls.
    """
    found: list[BurnWindow] = []
    for severity, share, long, short in _WORKBOOK:
        short_ms = max(SHORT_MIN_MS, _scrapes(short * _MINUTE_MS * window_ms / _MONTH_MS))
        long_ms = max(2 * short_ms, _scrapes(long * _MINUTE_MS * window_ms / _MONTH_MS))
        factor = share * window_ms / long_ms
        if factor >= 1.0 or not found:
            found.append(BurnWindow(severity, factor, long_ms, short_ms))
    return tuple(found)


def duration_text(ms: int) -> str:
    """Write milliseconds as PromQL does: 1h30m."""
    units = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"))
    text = ""
    for size, unit in units:
        count, ms = divmod(ms, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _scrapes(ms: float) -> int:
    return max(1, round(ms / SCRAPE_MS)) * SCRAPE_MS
