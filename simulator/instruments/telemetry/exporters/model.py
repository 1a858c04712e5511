"""What an exporter shows: which probe stands under which name, with which labels."""

from collections.abc import Sequence
from dataclasses import dataclass

NANO = 1e-9


@dataclass(frozen=True, slots=True)
class Metric:
    """One series: a probe's column times a scale, under a name and extra labels."""

    name: str
    column: int
    scale: float = 1.0
    labels: tuple[tuple[str, str], ...] = ()
    and_columns: tuple[int, ...] = ()  # added to the first


@dataclass(frozen=True, slots=True)
class Histogram:
    """One histogram: its place in the scrape, its bounds' scale and the column of its sum."""

    name: str
    place: int
    bounds_scale: float = 1.0
    sum_column: int | None = None
    sum_scale: float = NANO


@dataclass(frozen=True, slots=True)
class Exporter:
    """Everything one target shows."""

    metrics: Sequence[Metric]
    histograms: Sequence[Histogram] = ()
    constants: Sequence[tuple[str, float]] = ()
    per_request: str = ""  # the counter of requests that code of ours puts labels on


def label(name: str, value: str) -> tuple[tuple[str, str], ...]:
    """One extra label."""
    return ((name, value),)
