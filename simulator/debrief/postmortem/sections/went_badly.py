"""What the record shows to have gone badly; the system and the process are the subjects."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, count
from simulator.debrief.postmortem.sections._base import SectionFacts, listed


class WentBadly:
    """Lists acts that cost users, and rules missed or not checkable."""

    kind_name: ClassVar[str] = "went_badly"
    order: ClassVar[int] = 110
    title: ClassVar[str] = "What went badly"

    def facts(self, page: Page) -> SectionFacts | None:
        items: list[SectionFacts] = [
            {
                "text": (
                    f"“{row.name.removeprefix('without ')}” cost users "
                    f"{count(-row.difference)} weighted bad requests"
                ),
                "evidence": list(row.left_out),
            }
            for row in page.acts
            if row.effect == "hurt"
        ]
        items += [
            {"text": line.text, "evidence": list(line.evidence)}
            for line in page.grade.lines
            if line.verdict != "pass" and line.category not in {"mitigation", "safety", "hints"}
        ]
        items += [
            {"text": f"refused: {e.detail.get('reason')}", "evidence": [e.seq]}
            for e in page.entries("refused")
        ]
        return {"items": listed(items)} if items else None
