"""Aligned charts on one time axis: what users felt, the failing component, replicas."""

from dataclasses import asdict
from typing import ClassVar

from simulator.debrief.postmortem.drawing.lines import charts
from simulator.debrief.postmortem.drawing.marks import marks
from simulator.debrief.postmortem.page import Page
from simulator.debrief.postmortem.sections._base import SectionFacts, listed


class Charts:
    """Lists every line and mark that is drawn; times in seconds of the responder's clock."""

    kind_name: ClassVar[str] = "charts"
    order: ClassVar[int] = 50
    title: ClassVar[str] = "What users and the system felt"

    def facts(self, page: Page) -> SectionFacts:
        kept, left_out = marks(page)
        return {
            "charts": listed(asdict(chart) for chart in charts(page)),
            "marks": listed(asdict(mark) for mark in kept),
            "marks_left_out": left_out,
        }
