"""The report as JSON: the same facts as the page, by section."""

import json

from simulator.debrief.postmortem.facts import Facts, facts
from simulator.debrief.postmortem.page import Page
from simulator.record.model import Json


def render(page: Page) -> str:
    """Write the facts, keys sorted, one section after the other."""
    return json.dumps(plain(facts(page)), indent=2, sort_keys=True, allow_nan=False) + "\n"


def plain(told: Facts) -> dict[str, Json]:
    """Give the facts as JSON-able data."""
    sections: list[Json] = [
        {"kind": each.kind, "title": each.title, "facts": each.facts} for each in told.chapters
    ]
    return {"schema_version": told.schema_version, "sections": sections}
