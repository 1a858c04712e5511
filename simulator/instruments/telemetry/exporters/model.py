"""What an exporter shows: which probe stands under which name, with which labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NANO = 1e-9


@dataclass(frozen=True, slots=True)
class Metric:
    """One series: a probe's column times a scale, under a name and extra labels.

    A label's value that begins with `__` names one of the target's meta labels, whose value it is.
    """

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
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A series that never changes: a limit, or a 1 whose labels say something."""

    name: str
    value: float = 1.0
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Exporter:
    """Everything one target shows."""

    metrics: Sequence[Metric]
    histograms: Sequence[Histogram] = ()
    constants: Sequence[Constant] = ()
    per_request: str = ""  # the counter of requests that code of ours puts labels on


META = "__"
"""What a meta label begins with: the target knows it, no series has it (as in Prometheus)."""


def shown_labels(base: Mapping[str, str]) -> dict[str, str]:
    """The labels of a target that all its series have."""
    return {name: value for name, value in base.items() if not name.startswith(META)}


def filled(labels: Sequence[tuple[str, str]], base: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Put the values of meta labels where labels name them."""
    return [(n, base.get(v, "") if v.startswith(META) else v) for n, v in labels]


def label(name: str, value: str) -> tuple[tuple[str, str], ...]:
    """One extra label."""
    return ((name, value),)
