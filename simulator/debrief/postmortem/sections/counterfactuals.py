"""Other ways the same drill could have gone: same seed, one thing different."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, count, signed, span
from simulator.debrief.postmortem.sections._base import SectionFacts, listed


class Counterfactuals:
    """Sets the lived run beside doing nothing, the reference, and itself without each act."""

    kind_name: ClassVar[str] = "counterfactuals"
    order: ClassVar[int] = 140
    title: ClassVar[str] = "What else could have happened"

    def facts(self, page: Page) -> SectionFacts:
        most = max((row.harm for row in page.grade.rows), default=0.0)
        return {
            "rows": listed(
                {
                    "name": row.name,
                    "harm": count(row.harm),
                    "bar": row.harm / most if most > 0 else 0.0,
                    "difference": signed(row.difference),
                    "minutes_over": row.minutes_over,
                    "mitigated_after": span(row.mitigated_after),
                    "recovered": "yes" if row.is_recovered else "no",
                    "effect": row.effect or "",
                    "evidence": list(row.left_out),
                }
                for row in page.grade.rows
            )
        }
