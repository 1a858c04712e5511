"""The score, line by line, each with its rule, its evidence and what good looked like."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, points
from simulator.debrief.postmortem.sections._base import SectionFacts, listed


class Score:
    """Shows how the points add up."""

    kind_name: ClassVar[str] = "score"
    order: ClassVar[int] = 130
    title: ClassVar[str] = "Score, line by line"

    def facts(self, page: Page) -> SectionFacts:
        grade = page.grade
        return {
            "score": grade.score,
            "total": "none" if grade.score is None else points(grade.score),
            "why_no_score": grade.why_no_score,
            "gate": grade.gate,
            "is_passed": grade.is_passed,
            "lines": listed(
                {
                    "rule": line.rule,
                    "category": line.category,
                    "verdict": line.verdict,
                    "text": line.text,
                    "points": points(line.points),
                    "points_max": points(line.points_max),
                    "share": line.points / line.points_max if line.points_max else 0.0,
                    "evidence": list(line.evidence),
                    "good": line.good,
                }
                for line in grade.lines
            ),
        }
