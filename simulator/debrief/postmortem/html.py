"""The report as one page: no file beside it, no network, light and dark, printable."""

import json
from typing import cast

from markupsafe import Markup

from simulator.debrief.postmortem.drawing.figure import figure
from simulator.debrief.postmortem.drawing.layers import layered
from simulator.debrief.postmortem.drawing.lines import charts
from simulator.debrief.postmortem.drawing.marks import marks
from simulator.debrief.postmortem.facts import Facts, facts
from simulator.debrief.postmortem.json import plain
from simulator.debrief.postmortem.page import Page
from simulator.debrief.postmortem.templates import environment, folder
from simulator.units import seconds


def render(page: Page) -> str:
    """Write the page."""
    told, header = facts(page), page.record.header
    template = environment(autoescape=True).get_template("page.html.j2")
    return template.render(
        chapters=told.chapters,
        header=told.section("header"),
        figure=figure(charts(page), marks(page)[0], seconds(header.horizon_ns - header.warm_up_ns)),
        layers=_layers(told),
        style=Markup((folder() / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - ours
        script=Markup((folder() / "cursor.js").read_text(encoding="utf-8")),  # noqa: S704 - ours
        data=_embedded(told),
    )


def _embedded(told: Facts) -> Markup:
    text = json.dumps(plain(told), sort_keys=True, separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)  # noqa: S704 - nothing in it can end the script element


def _layers(told: Facts) -> Markup:
    drawn = told.section("topology")
    states = cast("list[dict[str, object]]", drawn["states"])
    by_name = {
        str(each["component"]): (str(each["state"]), tuple(cast("list[str]", each["words"])))
        for each in states
    }
    calls = [(a, b) for a, b in cast("list[list[str]]", drawn["calls"])]
    return layered(cast("list[list[str]]", drawn["layers"]), by_name, calls)
