"""Draws panels as lines of text: charts with plotext, bars and tables by hand."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import plotext

from simulator.instruments.dashboards.evaluating import Line, evaluated
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel
from simulator.instruments.dashboards.tables import merged
from simulator.instruments.dashboards.units import written
from simulator.instruments.series.store import SeriesStore

HEIGHT, LINES_MAX, ROWS_MAX = 11, 6, 12
_TICKS = 4
_BAR = "█"
_MARKERS = ("braille", "dot", "x", "o", "+", "*")


def drawn(
    dashboard: Dashboard, store: SeriesStore, start_ms: int, end_ms: int, width: int
) -> list[str]:
    """Draw every panel over a time range, `width` characters wide."""
    lines = [dashboard.title, "=" * len(dashboard.title), ""]
    for panel in dashboard.panels:
        lines += [f"{panel.title} [{panel.unit}]" if panel.unit != "short" else panel.title]
        found = evaluated(panel, store, start_ms, end_ms)
        lines += [f"  {text}" for text in _panel(panel, found, width - 2)]
        lines.append("")
    lines += [f"not shown: {text}" for text in dashboard.skipped]
    return lines


def _panel(panel: Panel, found: list[Line] | str, width: int) -> list[str]:
    if isinstance(found, str):
        return [f"error: {found}"]
    if not any(not math.isnan(value) for line in found for value in line.values):
        return [panel.empty(was_found=bool(found))]
    match panel.drawing:
        case Drawing.TIMESERIES if any(math.isfinite(_largest(line)) for line in found):
            return _chart(panel, found, width)
        case Drawing.TIMESERIES:  # nothing but infinities
            return _stats(panel, found)
        case Drawing.STAT:
            return _stats(panel, found)
        case Drawing.GAUGE:
            return _gauges(panel, found, width)
    return _merged(panel, found) if len(panel.targets) > 1 else _table(panel, found)


def _chart(panel: Panel, found: Sequence[Line], width: int) -> list[str]:
    """Draw the lines with the largest values; the others are counted."""
    ranked = sorted(found, key=lambda line: (-_largest(line), line.name))
    shown = ranked[:LINES_MAX]
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, HEIGHT)
    for line, marker in zip(shown, _MARKERS, strict=False):
        kept = [(t, v) for t, v in zip(line.times_ms, line.values, strict=True) if math.isfinite(v)]
        plotext.plot([t for t, _ in kept], [v for _, v in kept], marker=marker)
    _axes(panel, shown)
    text = plotext.uncolorize(plotext.build())
    legend = [
        f"{_mark(marker)} {line.name}  {panel.shown(line.reduced('last'), line.query)}"
        for line, marker in zip(shown, _MARKERS, strict=False)
    ]
    more = len(ranked) - len(shown)
    return [*text.rstrip("\n").splitlines(), *legend, *([f"and {more} more"] if more else [])]


def _axes(panel: Panel, shown: Sequence[Line]) -> None:
    times = [t for line in shown for t in line.times_ms]
    values = [v for line in shown for v in line.values if math.isfinite(v)]
    low, high = min(0.0, *values), max(values)
    high = high if high > low else low + max(1.0, abs(low))
    plotext.ylim(low, high)
    ticks = [low + (high - low) * k / (_TICKS - 1) for k in range(_TICKS)]
    plotext.yticks(ticks, [written(tick, panel.unit) for tick in ticks])
    first, last = min(times), max(times)
    stamps = [first + (last - first) * k // (_TICKS - 1) for k in range(_TICKS)]
    plotext.xticks(stamps, [f"{datetime.fromtimestamp(t / 1000, UTC):%H:%M}" for t in stamps])


def _mark(marker: str) -> str:
    return {"braille": "⠤", "dot": "•"}.get(marker, marker)


def _largest(line: Line) -> float:
    return max((value for value in line.values if math.isfinite(value)), default=-math.inf)


def _stats(panel: Panel, found: Sequence[Line]) -> list[str]:
    return [
        f"{panel.shown(line.reduced(panel.reduces_by), line.query)}  {line.name}"
        for line in found[:ROWS_MAX]
    ]


def _gauges(panel: Panel, found: Sequence[Line], width: int) -> list[str]:
    """Draw bars from minimum to maximum."""
    values = [line.reduced(panel.reduces_by) for line in found]
    low, high = panel.dial(values)
    room = max(width - 40, 10)
    lines = []
    for line, value in list(zip(found, values, strict=True))[:ROWS_MAX]:
        share = min(max((value - low) / (high - low), 0.0), 1.0) if math.isfinite(value) else 0.0
        bar = (_BAR * round(share * room)).ljust(room, "·")
        lines.append(f"{bar} {panel.shown(value, line.query):>9}  {line.name}")
    return lines


def _table(panel: Panel, found: Sequence[Line]) -> list[str]:
    rows = [(line.name, panel.shown(line.reduced("last"), line.query)) for line in found[:ROWS_MAX]]
    wide = max(len(name) for name, _ in rows)
    more = len(found) - len(rows)
    return [*(f"{n.ljust(wide)}  {v}" for n, v in rows), *([f"and {more} more"] if more else [])]


def _merged(panel: Panel, found: Sequence[Line]) -> list[str]:
    heads, rows = merged(panel, found)
    shown = [heads, *rows[:ROWS_MAX]]
    wide = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in shown
    ]
    more = len(rows) - ROWS_MAX
    return [*lines, *([f"and {more} more"] if more > 0 else [])]
