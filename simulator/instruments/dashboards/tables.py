"""Tables of several queries: a row per set of labels, a column per query, merged as in Grafana."""

import math
from collections.abc import Sequence

from simulator.instruments.dashboards.evaluating import Line
from simulator.instruments.dashboards.panels import Panel
from simulator.instruments.dashboards.units import written
from simulator.instruments.series.labels import NAME, Labels

Row = tuple[str, ...]


def merged(panel: Panel, found: Sequence[Line]) -> tuple[Row, list[Row]]:
    """Give the headings and the rows, in the order in which the queries found them."""
    headings = dict(panel.heads)
    names = sorted({name for line in found for name, _ in line.labels if name != NAME})
    kept = [name for name in names if headings.get(name, name)]
    order = list(headings)
    kept.sort(key=lambda name: order.index(name) if name in headings else len(order))
    values: dict[Row, dict[int, float]] = {}
    for line in found:
        row = values.setdefault(_row(line.labels, kept), {})
        row.setdefault(line.query, line.reduced("last"))
    columns = [k for k, target in enumerate(panel.targets) if target.column]
    heads = (*(headings.get(n, n) for n in kept), *(panel.targets[k].column for k in columns))
    rows = [(*labels, *(_cell(panel, k, row) for k in columns)) for labels, row in values.items()]
    return heads, rows


def _row(labels: Labels, kept: Sequence[str]) -> Row:
    known = dict(labels)
    return tuple(known.get(name, "") for name in kept)


def _cell(panel: Panel, query: int, row: dict[int, float]) -> str:
    return panel.shown(row[query], query) if query in row else written(math.nan, panel.unit)
