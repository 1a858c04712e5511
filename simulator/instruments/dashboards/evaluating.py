"""A panel's queries evaluated over a time range on what was scraped."""

import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.errors import QueryError
from simulator.instruments.dashboards.panels import Panel, Target
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series.labels import Labels, format_labels, value_of
from simulator.instruments.series.store import SeriesStore

_LABEL = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
POINTS_MAX = 120
_GRAIN_MS = 15_000


REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "last": lambda values: values[-1],
    "first": lambda values: values[0],
    "max": max,
    "min": min,
    "sum": math.fsum,
    "mean": lambda values: math.fsum(values) / len(values),
    "count": len,
    "range": lambda values: max(values) - min(values),
    "diff": lambda values: values[-1] - values[0],
    "median": statistics.median,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a panel, and which of its queries found it."""

    name: str
    labels: Labels
    times_ms: Sequence[int]
    values: Sequence[float]
    query: int = 0

    def reduced(self, by: str) -> float:
        """Say the value a stat shows; NaN without any."""
        values = [value for value in self.values if not math.isnan(value)]
        return REDUCERS[by](values) if values else math.nan


def evaluated(panel: Panel, store: SeriesStore, start_ms: int, end_ms: int) -> list[Line] | str:
    """Evaluate a panel from start to end; an error's text where a query fails."""
    step_ms = max(-(-(end_ms - start_ms) // POINTS_MAX // _GRAIN_MS) * _GRAIN_MS, _GRAIN_MS)
    found: list[Line] = []
    for query, target in enumerate(panel.targets):
        first_ms = end_ms if target.is_instant else start_ms
        try:
            matrix = compile_query(target.expr).range(store, first_ms, end_ms, step_ms)
        except QueryError as error:
            return str(error)
        found += [
            Line(_name(target, s.labels), s.labels, s.times_ms, s.values, query) for s in matrix
        ]
    return found


def _name(target: Target, labels: Labels) -> str:
    if target.legend:
        return _LABEL.sub(lambda match: value_of(labels, match[1]), target.legend)
    return format_labels(labels) if labels else target.expr
