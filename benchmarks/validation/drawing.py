"""A picture of a law as an SVG that stands alone and follows the reader's light or dark theme."""

import math
from collections.abc import Iterator
from xml.sax.saxutils import escape

from benchmarks.validation.rows import Curve, Picture

WIDTH, HEIGHT = 720, 400
LEFT, TOP, RIGHT, BOTTOM = 70, 20, 500, 340
TICKS = 5
_COLOURS = 6
_STYLE = """\
svg { --paper: #fff; --ink: #1d2733; --grid: #dde2e7; --c0: #0b5cad; --c1: #b3530b; --c2: #2c7a3f;
  --c3: #8a2f8a; --c4: #8a6d00; --c5: #0a7c80; }
@media (prefers-color-scheme: dark) { svg { --paper: #14191f; --ink: #e8edf2; --grid: #2c3640;
  --c0: #6cb6ff; --c1: #ffab6c; --c2: #7fd895; --c3: #e3a0e3; --c4: #e6cf6a; --c5: #6fd9dc; } }
text { fill: var(--ink); font: 12px system-ui, sans-serif; } .grid { stroke: var(--grid); }
.paper { fill: var(--paper); } .line { fill: none; stroke-width: 1.8; }"""


def svg(picture: Picture) -> str:
    """Draw lines of theory and points of the plant with their intervals."""
    xs = [x for curve in picture.curves for x in curve.x]
    ys = [y for curve in picture.curves for y in curve.y]
    x_low, x_high = min(xs), max(xs)
    y_low, y_high = min(0.0, *ys), max(ys) * 1.05

    def x_at(value: float) -> float:
        return LEFT + (value - x_low) / (x_high - x_low) * (RIGHT - LEFT)

    def y_at(value: float) -> float:
        inside = min(max(value, y_low), y_high)
        return BOTTOM - (inside - y_low) / (y_high - y_low) * (BOTTOM - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(picture.y_label)} by {escape(picture.x_label)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    parts += [
        f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y_at(value):.1f}" '
        f'y2="{y_at(value):.1f}"/><text x="{LEFT - 6}" y="{y_at(value) + 4:.1f}" '
        f'text-anchor="end">{value:g}</text>'
        for value in _ticks(y_low, y_high)
    ]
    parts += [
        f'<text x="{x_at(value):.1f}" y="{BOTTOM + 18}" text-anchor="middle">{value:g}</text>'
        for value in _ticks(x_low, x_high)
    ]
    across, down = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    parts += [
        (
            f'<text x="{across}" y="{BOTTOM + 40}" text-anchor="middle">'
            f"{escape(picture.x_label)}</text>"
        ),
        (
            f'<text transform="translate(16 {down}) rotate(-90)" text-anchor="middle">'
            f"{escape(picture.y_label)}</text>"
        ),
    ]
    for number, curve in enumerate(picture.curves):
        points = [(x_at(x), y_at(y)) for x, y in zip(curve.x, curve.y, strict=True)]
        parts += _drawn(curve, points, number, [y_at(y) for y in _ends(curve)])
    return "\n".join([*parts, "</svg>", ""])


def _ends(curve: Curve) -> list[float]:
    """Lower and upper ends of the intervals, one after the other."""
    pairs = zip(curve.y, curve.half_widths, strict=False)
    return [end for y, half in pairs for end in (y - half, y + half)]


def _drawn(
    curve: Curve, points: list[tuple[float, float]], number: int, ends: list[float]
) -> Iterator[str]:
    colour = f"var(--c{number // 2 % _COLOURS})"
    at = TOP + 14 + 18 * number
    if curve.is_line:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline class="line" stroke="{colour}" points="{path}"/>'
        ends_at = f'x1="{RIGHT + 14}" x2="{RIGHT + 34}" y1="{at - 4}" y2="{at - 4}"'
        yield f'<line {ends_at} stroke="{colour}"/>'
    else:
        for place, (x, y) in enumerate(points):
            if ends:
                low, high = ends[2 * place], ends[2 * place + 1]
                upright = f'x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"'
                yield f'<line {upright} stroke="{colour}"/>'
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
        yield f'<circle cx="{RIGHT + 24}" cy="{at - 4}" r="3.5" fill="{colour}"/>'
    yield f'<text x="{RIGHT + 42}" y="{at}">{escape(curve.name)}</text>'


def _ticks(low: float, high: float) -> list[float]:
    size = 10.0 ** math.floor(math.log10((high - low) / TICKS))
    step = next(size * k for k in (1, 2, 5, 10) if (high - low) / (size * k) <= TICKS)
    first = math.ceil(low / step - 1e-9)
    return [round(step * k, 10) for k in range(first, math.floor(high / step + 1e-9) + 1)]
