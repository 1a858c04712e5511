"""All charts as one SVG: marks above, lines below, one time axis for everything.

Colours come from the page's style sheet by class, so the figure follows light and dark.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

from simulator.debrief.postmortem.drawing.labels import Placed, place
from simulator.debrief.postmortem.drawing.lines import Chart, Line
from simulator.debrief.postmortem.drawing.marks import Mark
from simulator.debrief.postmortem.drawing.scale import Scale, minutes, ticks, written
from simulator.units import SECOND, format_clock

WIDTH, LEFT, RIGHT = 1080.0, 64.0, 24.0
ROW, PLOT, HEAD, GAP, FOOT = 18.0, 116.0, 30.0, 16.0, 26.0


def figure(charts: Sequence[Chart], marks: Sequence[Mark], end_s: float) -> Markup:
    """Draw charts from 0 to `end_s` seconds of the responder's clock."""
    across = Scale(0.0, end_s, LEFT, WIDTH - RIGHT)
    shown = [mark for mark in marks if 0 <= mark.at <= end_s]
    placed = place(shown, [across.at(mark.at) for mark in shown], WIDTH - RIGHT)
    strip = ROW * (max((p.row for p in placed), default=-1) + 1) + 4
    bottom = strip + len(charts) * (HEAD + PLOT + GAP)
    parts = [_grid(across, end_s, strip, bottom)]
    parts += [_line_of(p, bottom - GAP) for p in placed]
    parts += [
        _chart(chart, number, across, strip + number * (HEAD + PLOT + GAP))
        for number, chart in enumerate(charts)
    ]
    parts += [_label_of(p) for p in placed]
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="figure" viewBox="0 0 {WIDTH:g} {bottom + FOOT:g}" role="img" '
        f'aria-label="Charts on one time axis" data-left="{LEFT:g}" '
        f'data-right="{WIDTH - RIGHT:g}" data-end="{end_s:g}">'
        f'{"".join(parts)}<line class="cursor" y1="{strip:g}" y2="{bottom - GAP:g}"/></svg>'
    )


def _grid(across: Scale, end_s: float, top: float, bottom: float) -> str:
    parts = []
    for tick in minutes(end_s):
        x, label = across.at(tick), format_clock(int(tick) * SECOND)[:5]
        parts.append(
            f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom - GAP:g}"/>'
        )
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{bottom + 8:g}" text-anchor="middle">{label}</text>'
        )
    return "".join(parts)


def _line_of(placed: Placed, bottom: float) -> str:
    y = placed.row * ROW + 4
    return (
        f'<line class="mark {placed.mark.kind}" x1="{placed.x:.1f}" x2="{placed.x:.1f}" '
        f'y1="{y:g}" y2="{bottom:g}"/>'
    )


def _label_of(placed: Placed) -> str:
    y = placed.row * ROW + 14
    x, anchor = (placed.x - 5, "end") if placed.is_left else (placed.x + 5, "start")
    mark = placed.mark
    return (
        f'<text class="label {mark.kind}" x="{x:.1f}" y="{y:g}" text-anchor="{anchor}">'
        f'<tspan class="kind">{mark.kind}</tspan> {escape(mark.label)}</text>'
    )


def _chart(chart: Chart, number: int, across: Scale, top: float) -> str:
    known = [v for line in chart.lines for _, v in line.points if v is not None]
    marks = ticks(max([*known, (chart.limit or 0.0) * 1.1], default=1.0))
    floor = top + HEAD + PLOT
    up = Scale(0.0, marks[-1], floor, top + HEAD)
    parts = [
        f'<text class="title" x="{LEFT:g}" y="{top + 19:g}">{escape(chart.title)}</text>',
        _legend(chart, top + 19),
        f'<text class="readout" data-chart="{number}" x="{WIDTH / 2:g}" y="{top + 19:g}"></text>',
    ]
    for tick in marks:
        y = up.at(tick)
        parts.append(
            f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{LEFT - 8:g}" y="{y + 4:.1f}" text-anchor="end">'
            f"{written(tick, chart.unit)}</text>"
        )
    parts += [_path(line, across, up, is_stepped=chart.is_stepped) for line in chart.lines]
    if chart.limit is not None:
        y = up.at(chart.limit)
        parts.append(
            f'<line class="limit" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="limit-label" x="{LEFT + 6:g}" y="{y - 5:.1f}">'
            f"{escape(chart.limit_label)}</text>"
        )
    return f"<g>{''.join(parts)}</g>"


def _legend(chart: Chart, y: float) -> str:
    parts, x = [], WIDTH - RIGHT
    for line in reversed(chart.lines):
        x -= 6.4 * len(line.name)
        parts.append(f'<text class="legend" x="{x:.1f}" y="{y:g}">{escape(line.name)}</text>')
        parts.append(
            f'<line class="line {line.style}" x1="{x - 28:.1f}" x2="{x - 6:.1f}" '
            f'y1="{y - 4:g}" y2="{y - 4:g}"/>'
        )
        x -= 44
    return "".join(parts)


def _path(line: Line, across: Scale, up: Scale, *, is_stepped: bool) -> str:
    runs: list[list[tuple[float, float]]] = [[]]
    for t, value in line.points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((across.at(t), up.at(value)))
    drawn = [_steps(run) if is_stepped else _straight(run) for run in runs if run]
    parts = [f'<path class="line {line.style}" d="{" ".join(drawn)}"/>']
    if line.style == "lived" and not is_stepped:
        floor = up.start
        closed = [
            f"{_straight(run)}L{run[-1][0]:.1f} {floor:.1f}L{run[0][0]:.1f} {floor:.1f}Z"
            for run in runs
            if len(run) > 1
        ]
        parts.insert(0, f'<path class="area" d="{" ".join(closed)}"/>')
    return "".join(parts)


def _straight(run: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def _steps(run: Sequence[tuple[float, float]]) -> str:
    return f"M{run[0][0]:.1f} {run[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in run[1:])
