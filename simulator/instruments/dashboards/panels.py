"""What a dashboard is: panels, each with queries, a way of being drawn, and a unit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulator.instruments.dashboards.units import written


class Drawing(StrEnum):
    """How a panel shows what its queries give."""

    TIMESERIES = "timeseries"
    STAT = "stat"
    GAUGE = "gauge"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Target:
    """One query; `legend` may name labels as `{{pod}}`, and is empty for the labels themselves.

    An instant query is evaluated at the end of the time range only. In a table of several queries
    each has a column, with a unit of its own or the panel's.
    """

    expr: str
    legend: str = ""
    is_instant: bool = False
    column: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words in place of the values from `low` to `high`; both are NaN for no value."""

    low: float
    high: float
    text: str

    def fits(self, value: float) -> bool:
        """Say whether a value is one of those."""
        return math.isnan(value) if math.isnan(self.low) else self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture; `unit` is Grafana's word, such as `s`, `percentunit` or `reqps`.

    A gauge runs from `minimum` to `maximum`. `reduces_by` says which value of its time range a
    stat or a gauge shows, such as `last`, `mean` or `max`. `heads` are other
    headings for labels in a table of several queries; an empty one leaves the column out.
    """

    title: str
    drawing: Drawing
    targets: tuple[Target, ...]
    unit: str = "short"
    minimum: float | None = None
    maximum: float | None = None
    reduces_by: str = "last"
    thresholds: tuple[float, ...] = ()
    wordings: tuple[Wording, ...] = ()
    nothing: str = "no data"
    heads: tuple[tuple[str, str], ...] = ()

    def shown(self, value: float, query: int) -> str:
        """Write a value of one of its queries: in words, where there are some, else in its unit."""
        return self._words(value) or written(value, self.targets[query].unit or self.unit)

    def dial(self, values: Sequence[float]) -> tuple[float, float]:
        """Say from where to where a gauge of these values runs; a share or percentage has its own.

        The end is always above the start.
        """
        natural = {"percent": 100.0, "percentunit": 1.0}.get(self.unit)
        low, finite = self.minimum or 0.0, [value for value in values if math.isfinite(value)]
        high = self.maximum or natural or max([*finite, low + 1.0])
        return low, high if high > low else low + max(1.0, abs(low))

    def empty(self, *, was_found: bool) -> str:
        """Say that there is nothing to draw: no series, or only some without a number."""
        return (was_found and self._words(math.nan)) or self.nothing

    def _words(self, value: float) -> str:
        return next((each.text for each in self.wordings if each.fits(value)), "")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Panels under a title; `skipped` says which panels of a file are not shown, and why."""

    title: str
    panels: tuple[Panel, ...]
    skipped: tuple[str, ...] = ()
