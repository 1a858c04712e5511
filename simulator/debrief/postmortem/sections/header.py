"""Which drill this was and how to see it again."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, plain
from simulator.debrief.postmortem.sections._base import SectionFacts


class Header:
    """Names the drill, its responder and the command that repeats it."""

    kind_name: ClassVar[str] = "header"
    order: ClassVar[int] = 10
    title: ClassVar[str] = ""

    def facts(self, page: Page) -> SectionFacts:
        header = page.record.header
        return {
            "title": header.title,
            "brief": header.brief,
            "scenario": header.scenario,
            "scenario_digest": header.scenario_digest,
            "responder": plain(header.responder.replace("runbook:", "runbook ")),
            "seed": header.seed,
            "twin": header.twin,
            "version": header.version,
            "clock": header.clock,
            "is_practice": header.is_practice,
            "command": header.command,
            "record_digest": page.record.digest,
        }
