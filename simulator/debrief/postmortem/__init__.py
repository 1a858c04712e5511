"""A post-mortem: what a record and its grade say, as a page, as Markdown and as JSON.

`render(record, grade, variants, format)` is the way in.
"""

from typing import Literal

from simulator.debrief.grading.model import Grade, Variants
from simulator.debrief.postmortem import html, json, markdown
from simulator.debrief.postmortem.facts import Facts, facts
from simulator.debrief.postmortem.page import Page
from simulator.record.model import Record

__all__ = ["FORMATS", "Facts", "Format", "facts", "render"]

Format = Literal["html", "md", "json"]
FORMATS = {"html": html.render, "md": markdown.render, "json": json.render}
"""File suffix to renderer."""


def render(record: Record, grade: Grade, variants: Variants, format: Format) -> str:  # noqa: A002 - the word a caller would use
    """Write the post-mortem of one graded drill."""
    return FORMATS[format](Page(record, grade, variants))
