"""A comparison as a picture: cost across, harm upwards, one marker with its intervals per policy.

It is an SVG that stands alone and follows the reader's light or dark theme. Policies on the front
are filled and said so in words; labels never overlap.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from simulator.evaluation.labels import Box, Placed, dodge
from simulator.evaluation.model import Comparison, Row
from simulator.evaluation.paired import Estimate
from simulator.evaluation.table import heading

WIDTH, HEIGHT = 860.0, 520.0
PLOT = Box(76, 84, 760, 360)
RADIUS = 6.0
LETTER, LINE = 7.3, 17.0  # width and height that a letter of a label is given
LABEL_MAX = 30
BAR = 1.5  # thickness of an interval's bar
TICKS = 5

_STYLE = """\
svg { --paper: #ffffff; --ink: #1d2733; --quiet: #5b6773; --grid: #dde2e7; --mark: #0b5cad; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14191f; --ink: #e8edf2; --quiet: #9aa7b4; --grid: #2c3640; --mark: #6cb6ff; }
}
.paper { fill: var(--paper); } .grid { stroke: var(--grid); }
text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.title { font-size: 16px; font-weight: 600; } .quiet { fill: var(--quiet); font-size: 12px; }
.label { font: 12px ui-monospace, Menlo, Consolas, monospace;
  paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.front { fill: var(--mark); stroke: var(--mark); }
.beaten { fill: var(--paper); stroke: var(--quiet); stroke-width: 1.5; }
.bar { fill: var(--quiet); } .lead { stroke: var(--quiet); stroke-dasharray: 2 3; }"""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: the values at its ends, and where these lie in the picture."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Say where a value lies; values beyond the ends lie on them."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Round values along it."""
        step = round_step((self.high - self.low) / TICKS)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def picture(comparison: Comparison) -> str:
    """Draw a comparison as SVG text."""
    rows = comparison.rows
    across = axis([row.cost_per_hour for row in rows], PLOT.x, PLOT.x + PLOT.width)
    upwards = axis([row.minutes_over_per_hour for row in rows], PLOT.y + PLOT.height, PLOT.y)
    placed = labels(rows, across, upwards)
    tall = max(HEIGHT, *(each.box.y + each.box.height + 16 for each in placed))
    wide = max(WIDTH, *(each.box.x + each.box.width + 12 for each in placed))
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {tall:g}" '
            f'width="{wide:g}" height="{tall:g}" role="img">'
        ),
        f"<title>{escape(f'Autoscaling policies on {comparison.scenario}')}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{wide:g}" height="{tall:g}"/>',
        *_words(comparison),
        *_grid(across, upwards, comparison.currency),
        *(_bar(bar) for row in rows for bar in spread(row, across, upwards)),
        *(_marker(row, across, upwards) for row in rows),
        *(
            line
            for row, each in zip(rows, placed, strict=True)
            for line in _label(row, each, across, upwards)
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def labels(rows: Sequence[Row], across: Axis, upwards: Axis) -> list[Placed]:
    """Place every row's label."""
    points = [
        (across.at(row.cost_per_hour.mean), upwards.at(row.minutes_over_per_hour.mean))
        for row in rows
    ]
    sizes = [(len(label_text(row)) * LETTER, LINE) for row in rows]
    bars = [bar for row in rows for bar in spread(row, across, upwards)]
    return dodge(points, sizes, PLOT, RADIUS, bars)


def label_text(row: Row) -> str:
    """Say a policy's name, shortened to fit, and in words whether it is on the front."""
    name = row.name if len(row.name) <= LABEL_MAX else f"{row.name[: LABEL_MAX - 1]}…"
    return f"{name} (front)" if row.is_on_front else name


def axis(values: Sequence[Estimate], start: float, end: float) -> Axis:
    """Make an axis that holds every interval, with some room, and never goes below zero."""
    ends = [x for each in values for x in (each.low, each.high, each.mean) if math.isfinite(x)]
    low, high = min(ends), max(ends)
    room = 0.12 * (high - low) or 0.12 * abs(high) or 1.0
    return Axis(max(0.0, low - room), high + room, start, end)


def round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least * (1 - 1e-9))


def _words(comparison: Comparison) -> Iterator[str]:
    first, second = heading(comparison)
    yield _text(16, 28, "Autoscaling policies: cost against harm", "title")
    yield _text(16, 48, first, "quiet")
    yield _text(16, 65, f"{second}; lower left is better", "quiet")


def _grid(across: Axis, upwards: Axis, currency: str) -> Iterator[str]:
    bottom, right = PLOT.y + PLOT.height, PLOT.x + PLOT.width
    for value in across.ticks:
        x = across.at(value)
        yield _line(x, PLOT.y, x, bottom, "grid")
        yield _text(x, bottom + 18, f"{value:g}", "quiet", "middle")
    for value in upwards.ticks:
        y = upwards.at(value)
        yield _line(PLOT.x, y, right, y, "grid")
        yield _text(PLOT.x - 8, y + 4, f"{value:g}", "quiet", "end")
    middle_x, middle_y = (PLOT.x + right) / 2, (PLOT.y + bottom) / 2
    yield _text(middle_x, bottom + 42, f"cost of nodes holding pods, {currency} per hour", "",
                "middle")  # fmt: skip
    yield (
        f'<text transform="translate(24 {middle_y:g}) rotate(-90)" text-anchor="middle">'
        "minutes over objective, per hour</text>"
    )


def spread(row: Row, across: Axis, upwards: Axis) -> list[Box]:
    """Lay out a row's interval bars, as thin boxes; an interval that is not known has none."""
    cost, over = row.cost_per_hour, row.minutes_over_per_hour
    x, y = across.at(cost.mean), upwards.at(over.mean)
    bars = []
    if math.isfinite(cost.half):
        left, right = across.at(cost.low), across.at(cost.high)
        bars.append(Box(left, y - BAR / 2, right - left, BAR))
    if math.isfinite(over.half):
        top, bottom = upwards.at(over.high), upwards.at(over.low)
        bars.append(Box(x - BAR / 2, top, BAR, bottom - top))
    return bars


def _bar(box: Box) -> str:
    return (
        f'<rect class="bar" x="{box.x:.2f}" y="{box.y:.2f}" '
        f'width="{box.width:.2f}" height="{box.height:.2f}"/>'
    )


def _marker(row: Row, across: Axis, upwards: Axis) -> str:
    x, y = across.at(row.cost_per_hour.mean), upwards.at(row.minutes_over_per_hour.mean)
    kind = "front" if row.is_on_front else "beaten"
    return f'<circle class="{kind}" cx="{x:.2f}" cy="{y:.2f}" r="{RADIUS:g}"/>'


def _label(row: Row, placed: Placed, across: Axis, upwards: Axis) -> Iterator[str]:
    x, y = across.at(row.cost_per_hour.mean), upwards.at(row.minutes_over_per_hour.mean)
    box, text = placed.box, label_text(row)
    if placed.is_apart:
        # To the nearest edge of the label, so that the line does not cross its text.
        near_x = min(max(x, box.x), box.x + box.width)
        near_y = min(max(y, box.y), box.y + box.height)
        yield _line(x, y, near_x, near_y, "lead")
    yield (
        f'<text class="label" x="{box.x:.2f}" y="{box.y + 0.75 * box.height:.2f}" '
        f'textLength="{len(text) * LETTER - 2:.2f}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text>"
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"/>'
