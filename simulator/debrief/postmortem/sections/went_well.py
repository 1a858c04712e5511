"""What the record shows to have gone well."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, count
from simulator.debrief.postmortem.sections._base import SectionFacts, listed


class WentWell:
    """Lists acts that helped and rules that were met."""

    kind_name: ClassVar[str] = "went_well"
    order: ClassVar[int] = 100
    title: ClassVar[str] = "What went well"

    def facts(self, page: Page) -> SectionFacts | None:
        helped = sorted(
            (row for row in page.acts if row.effect == "helped"), key=lambda row: -row.difference
        )
        items: list[SectionFacts] = [
            {
                "text": (
                    f"“{row.name.removeprefix('without ')}” spared "
                    f"{count(row.difference)} weighted bad requests"
                ),
                "evidence": list(row.left_out),
            }
            for row in helped
        ]
        items += [
            {"text": line.text, "evidence": list(line.evidence)}
            for line in page.grade.lines
            if line.verdict == "pass" and line.evidence and line.category != "safety"
        ]
        return {"items": listed(items)} if items else None
