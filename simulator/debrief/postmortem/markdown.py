"""The report as Markdown: tables, the system in Mermaid, and charts as rows of blocks."""

from collections.abc import Sequence
from typing import cast

from simulator.debrief.postmortem.drawing.lines import Chart, Line, charts
from simulator.debrief.postmortem.drawing.scale import written
from simulator.debrief.postmortem.facts import facts
from simulator.debrief.postmortem.page import Page
from simulator.debrief.postmortem.templates import environment

BLOCKS = "▁▂▃▄▅▆▇█"
COLUMNS = 60


def render(page: Page) -> str:
    """Write the report."""
    told = facts(page)
    made = environment(autoescape=False)
    made.filters["cell"] = cell
    template = made.get_template("page.md.j2")
    return template.render(
        chapters=told.chapters,
        sparks=[row for chart in charts(page) for row in _sparks(chart)],
        node_ids=_node_ids(cast("list[list[str]]", told.section("topology")["layers"])),
    )


def cell(value: object) -> str:
    """Make a text safe inside a table cell."""
    text = " ".join(str(value).split())
    for mark, safe in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("`", "'"), ('"', "&quot;")):
        text = text.replace(mark, safe)
    return text


def _node_ids(layers: Sequence[Sequence[str]]) -> dict[str, str]:
    return {name: f"n{n}" for n, name in enumerate(name for layer in layers for name in layer)}


def _sparks(chart: Chart) -> list[dict[str, str]]:
    kept = [line for line in chart.lines if line.style != "other"]
    top = max([v for line in kept for _, v in line.points if v is not None], default=0.0)
    return [
        {
            "title": chart.title,
            "line": line.name,
            "blocks": _blocks(line, top),
            "top": written(
                max((v for _, v in line.points if v is not None), default=0), chart.unit
            ),
        }
        for line in reversed(kept)
    ]


def _blocks(line: Line, top: float) -> str:
    """Highest value of each sixtieth of the drill as a block; a gap is a dot."""
    size = max(1, -(-len(line.points) // COLUMNS))
    groups = [line.points[n : n + size] for n in range(0, len(line.points), size)]
    text = ""
    for group in groups:
        known = [value for _, value in group if value is not None]
        level = max(known, default=0.0) / top if top > 0 else 0.0
        text += BLOCKS[min(int(level * len(BLOCKS)), len(BLOCKS) - 1)] if known else "·"
    return text
