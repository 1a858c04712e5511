"""The system as a picture in layers, each box with its state in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

BOX_W, BOX_H, ACROSS, DOWN, EDGE = 212.0, 66.0, 84.0, 18.0, 8.0
WORDS_MAX = 32
SAID = {"struck": "fault here", "alerting": "alerting", "short": "short", "quiet": "quiet"}


@dataclass(frozen=True, slots=True)
class Box:
    """One component where it is drawn."""

    name: str
    state: str
    words: tuple[str, ...]
    x: float
    y: float


def layered(
    layers: Sequence[Sequence[str]],
    states: dict[str, tuple[str, tuple[str, ...]]],
    calls: Sequence[tuple[str, str]],
) -> Markup:
    """Draw layers left to right; `states` gives each name's state and words."""
    tallest = max(len(layer) for layer in layers)
    height = tallest * (BOX_H + DOWN) - DOWN + 2 * EDGE
    boxes = {
        box.name: box
        for column, layer in enumerate(layers)
        for box in _column(layer, column, states, height)
    }
    width = len(layers) * (BOX_W + ACROSS) - ACROSS + 2 * EDGE
    parts = [_edge(boxes[a], boxes[b]) for a, b in calls if a in boxes and b in boxes]
    parts += [_box(box) for box in boxes.values()]
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="layers" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'style="max-width:{width:g}px" aria-label="The system in layers">{"".join(parts)}</svg>'
    )


def _column(
    layer: Sequence[str],
    column: int,
    states: dict[str, tuple[str, tuple[str, ...]]],
    height: float,
) -> list[Box]:
    taken = len(layer) * (BOX_H + DOWN) - DOWN
    top = (height - taken) / 2
    x = EDGE + column * (BOX_W + ACROSS)
    return [
        Box(name, *states.get(name, ("outside", ())), x, top + row * (BOX_H + DOWN))
        for row, name in enumerate(layer)
    ]


def _edge(one: Box, other: Box) -> str:
    y1, y2 = one.y + BOX_H / 2, other.y + BOX_H / 2
    if other.x > one.x:
        x1, x2 = one.x + BOX_W, other.x
        bend = (x2 - x1) / 2
        path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2 - 6:g} {y2:g}"
    else:
        x1, x2 = one.x + BOX_W, other.x + BOX_W
        path = f"M{x1:g} {y1:g}C{x1 + 50:g} {y1:g} {x2 + 50:g} {y2:g} {x2 + 6:g} {y2:g}"
        x2 += 8
    tip = f'<circle class="tip" cx="{x2 - 4:g}" cy="{y2:g}" r="3"/>'
    return f'<path class="call" d="{path}"/>{tip}'


def _box(box: Box) -> str:
    said = SAID.get(box.state, "")
    lines = [escape(_cut(words)) for words in box.words[:2]]
    texts = "".join(
        f'<text class="words" x="{box.x + 12:g}" y="{box.y + 41 + 15 * n:g}">{line}</text>'
        for n, line in enumerate(lines)
    )
    return (
        f'<g class="box {box.state}"><rect x="{box.x:g}" y="{box.y:g}" width="{BOX_W:g}" '
        f'height="{BOX_H:g}" rx="8"/>'
        f'<text class="name" x="{box.x + 12:g}" y="{box.y + 23:g}">{escape(box.name)}</text>'
        f'<text class="state" x="{box.x + BOX_W - 12:g}" y="{box.y + 23:g}" text-anchor="end">'
        f"{said}</text>{texts}</g>"
    )


def _cut(text: str) -> str:
    return text if len(text) <= WORDS_MAX else text[: WORDS_MAX - 1].rstrip() + "…"
