"""What a dashboard is: panels, each with queries, a way of being drawn, and a unit."""

from dataclasses import dataclass
from enum import StrEnum


class Drawing(StrEnum):
    """How a panel shows what its queries give."""

    TIMESERIES = "timeseries"
    STAT = "stat"
    GAUGE = "gauge"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Target:
    """One query; `legend` may name labels as `{{pod}}`, and is empty for the labels themselves."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture; `unit` is Grafana's word, such as `s`, `percentunit` or `reqps`.

    A gauge runs from `minimum` to `maximum`. `reduces_by` says which value of its time range a
    stat or a gauge shows: `last`, `mean`, `max` or `min`.
    """

    title: str
    drawing: Drawing
    targets: tuple[Target, ...]
    unit: str = "short"
    minimum: float | None = None
    maximum: float | None = None
    reduces_by: str = "last"
    thresholds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Panels under a title; `skipped` says which panels of a file are not shown, and why."""

    title: str
    panels: tuple[Panel, ...]
    skipped: tuple[str, ...] = ()
