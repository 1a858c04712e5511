"""Draws panels as HTML, for the report: charts as SVG, figures, bars and tables; no script."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from simulator.instruments.dashboards.evaluating import Line, evaluated
from simulator.instruments.dashboards.panels import Dashboard, Drawing, Panel
from simulator.instruments.dashboards.tables import merged
from simulator.instruments.dashboards.units import written
from simulator.instruments.series.store import SeriesStore

LINES_MAX, ROWS_MAX = 8, 20
_WIDE, _HIGH, _LEFT, _TOP, _FOOT = 520.0, 150.0, 62.0, 8.0, 20.0
_TICKS = 3
_HUES = (212, 28, 140, 265, 350, 180, 48, 310)
STYLE = """
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1rem}
.panel{border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:4px;
padding:.6rem .8rem;break-inside:avoid}
.panel h3{margin:0 0 .4rem;font-size:.95rem}.panel svg{width:100%;height:auto}
.panel .axis{stroke:currentColor;stroke-opacity:.2}.panel text{fill:currentColor;font-size:10px}
.panel path{fill:none;stroke-width:1.6}.panel .stat{font-size:1.6rem}
.panel .bar{background:color-mix(in srgb,currentColor 12%,transparent);height:.7rem}
.panel .bar i{display:block;height:100%;background:hsl(212 60% 52%)}
.panel table{width:100%}.panel td:last-child{text-align:right}
.panel .key{display:inline-block;width:.8em;height:.2em;margin-right:.3em;vertical-align:middle}
"""


def drawn(dashboard: Dashboard, store: SeriesStore, start_ms: int, end_ms: int) -> str:
    """Write a section with every panel over a time range."""
    parts = [f"<style>{STYLE}</style>", f"<h2>{escape(dashboard.title)}</h2>"]
    parts.append('<div class="panels">')
    for panel in dashboard.panels:
        found = evaluated(panel, store, start_ms, end_ms)
        body = "".join(_panel(panel, found, start_ms, end_ms))
        parts.append(f'<div class="panel"><h3>{escape(panel.title)}</h3>{body}</div>')
    parts.append("</div>")
    if dashboard.skipped:
        rows = "".join(f"<li>{escape(text)}</li>" for text in dashboard.skipped)
        parts.append(f"<p>Not shown:</p><ul>{rows}</ul>")
    return f'<section class="dashboard">{"".join(parts)}</section>'


def _panel(panel: Panel, found: list[Line] | str, start_ms: int, end_ms: int) -> Iterator[str]:
    if isinstance(found, str):
        yield f"<p>error: {escape(found)}</p>"
        return
    shown = [line for line in found if any(math.isfinite(value) for value in line.values)]
    if not shown:
        yield f"<p>{escape(panel.empty(was_found=bool(found)))}</p>"
    elif panel.drawing is Drawing.TIMESERIES:
        yield from _chart(panel, shown, start_ms, end_ms)
    elif panel.drawing is Drawing.GAUGE:
        yield from _gauges(panel, shown)
    elif panel.drawing is Drawing.STAT:
        for line in shown[:ROWS_MAX]:
            value = panel.shown(line.reduced(panel.reduces_by), line.query)
            yield f'<div><span class="stat">{escape(value)}</span> {escape(line.name)}</div>'
    elif len(panel.targets) > 1:
        yield from _merged(panel, shown)
    else:
        rows = (
            f"<tr><td>{escape(line.name)}</td>"
            f"<td>{escape(panel.shown(line.reduced('last'), line.query))}</td></tr>"
            for line in shown[:ROWS_MAX]
        )
        yield f"<table>{''.join(rows)}</table>"
        yield _more(len(shown) - ROWS_MAX)


def _merged(panel: Panel, shown: Sequence[Line]) -> Iterator[str]:
    heads, rows = merged(panel, shown)
    yield f"<table><tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>"
    for row in rows[:ROWS_MAX]:
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    yield f"</table>{_more(len(rows) - ROWS_MAX)}"


def _gauges(panel: Panel, shown: Sequence[Line]) -> Iterator[str]:
    values = [line.reduced(panel.reduces_by) for line in shown]
    low, high = panel.dial(values)
    for line, value in list(zip(shown, values, strict=True))[:ROWS_MAX]:
        share = min(max((value - low) / (high - low), 0.0), 1.0) if math.isfinite(value) else 0.0
        yield (
            f"<div>{escape(line.name)} {escape(panel.shown(value, line.query))}"
            f'<div class="bar"><i style="width:{100 * share:.1f}%"></i></div></div>'
        )


def _chart(panel: Panel, found: Sequence[Line], start_ms: int, end_ms: int) -> Iterator[str]:
    ranked = sorted(found, key=lambda line: (-_largest(line), line.name))
    shown = ranked[:LINES_MAX]
    values = [value for line in shown for value in line.values if math.isfinite(value)]
    low, high = min(0.0, *values), max(values)
    high = high if high > low else low + max(1.0, abs(low))

    def x(t_ms: float) -> float:
        return _LEFT + (_WIDE - _LEFT) * (t_ms - start_ms) / max(end_ms - start_ms, 1)

    def y(value: float) -> float:
        return _TOP + _HIGH * (high - value) / (high - low)

    parts = []
    for k in range(_TICKS + 1):
        value, t_ms = low + (high - low) * k / _TICKS, start_ms + (end_ms - start_ms) * k / _TICKS
        parts.append(
            f'<line class="axis" x1="{_LEFT:g}" x2="{_WIDE:g}" y1="{y(value):.1f}" '
            f'y2="{y(value):.1f}"/><text x="{_LEFT - 6:g}" y="{y(value) + 3:.1f}" '
            f'text-anchor="end">{escape(written(value, panel.unit))}</text>'
            f'<text x="{x(t_ms):.1f}" y="{_TOP + _HIGH + 14:g}" text-anchor="middle">'
            f"{datetime.fromtimestamp(t_ms / 1000, UTC):%H:%M}</text>"
        )
    for line, hue in zip(shown, _HUES, strict=False):
        runs = _runs(line)
        path = "".join(
            "M" + "L".join(f"{x(t):.1f} {y(v):.1f}" for t, v in run) for run in runs if run
        )
        parts.append(f'<path d="{path}" stroke="hsl({hue} 60% 50%)"/>')
    size = f"0 0 {_WIDE + 20:g} {_TOP + _HIGH + _FOOT:g}"
    yield f'<svg viewBox="{size}" role="img" aria-label="{escape(panel.title)}">'
    yield f"{''.join(parts)}</svg>"
    for line, hue in zip(shown, _HUES, strict=False):
        last = escape(panel.shown(line.reduced("last"), line.query))
        key = f'<span class="key" style="background:hsl({hue} 60% 50%)"></span>'
        yield f"<div>{key}{escape(line.name)} {last}</div>"
    yield _more(len(ranked) - LINES_MAX)


def _runs(line: Line) -> list[list[tuple[int, float]]]:
    """A line's points, cut where there are none."""
    runs: list[list[tuple[int, float]]] = [[]]
    for t_ms, value in zip(line.times_ms, line.values, strict=True):
        if math.isfinite(value):
            runs[-1].append((t_ms, value))
        elif runs[-1]:
            runs.append([])
    return runs


def _largest(line: Line) -> float:
    return max((value for value in line.values if math.isfinite(value)), default=-math.inf)


def _more(rest: int) -> str:
    return f"<p>and {rest} more</p>" if rest > 0 else ""
