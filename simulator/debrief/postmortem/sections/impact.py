"""What users lost, in numbers."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, count, percent
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import OUTCOMES


class Impact:
    """Counts requests by class and outcome, objectives missed and money spent."""

    kind_name: ClassVar[str] = "impact"
    order: ClassVar[int] = 40
    title: ClassVar[str] = "Impact"

    def facts(self, page: Page) -> SectionFacts:
        harm, header = page.grade.harm, page.record.header
        return {
            "from": page.clock(header.strike_at_ns),
            "to": page.clock(header.horizon_ns),
            "outcomes": list(OUTCOMES),
            "classes": listed(
                {
                    "name": each.name,
                    "weight": each.weight,
                    "counts": [count(each.outcomes[name]) for name in OUTCOMES],
                    "bad": count(each.bad),
                    "bad_share": percent(each.bad / max(each.total, 1)),
                    "bar": [each.outcomes[name] / max(each.total, 1) for name in OUTCOMES],
                }
                for each in harm.classes
            ),
            "objectives": listed(
                {
                    "name": each.name,
                    "request_class": each.request_class,
                    "share": f"{100 * each.share:g} %",
                    "reached": f"{100 * (1 - each.bad / max(each.total, 1)):.2f} %",
                    "minutes_over": each.minutes_over,
                    "budget_spent": percent(each.budget_spent),
                    "budget_left": _left(each.budget_left, each.budget_spent),
                }
                for each in harm.objectives
            ),
            "harm": count(harm.value),
            "gpu_cost": f"{header.currency}{harm.gpu_cost:,.2f}",
        }


def _left(before: float | None, spent: float) -> str:
    return "not stated" if before is None else f"{percent(max(before - spent, 0.0))}"
