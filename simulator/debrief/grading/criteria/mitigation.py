"""How much of the harm that could be spared was spared."""

from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, clamp, graded, yes_or_no
from simulator.debrief.grading.model import Category


class Mitigation:
    """Compares users' harm with doing nothing and with the reference response."""

    kind_name: ClassVar[str] = "mitigation"
    category: ClassVar[Category] = "mitigation"
    good: ClassVar[str] = "no more harm to users than the reference response leaves"

    def judge(self, case: Case) -> Finding:
        if case.is_twin:
            changed = tuple(act.seq for act in case.acts)
            text = "changes were made where none was needed" if changed else "nothing was changed"
            return yes_or_no(holds=not changed, text=text, evidence=changed)
        share = clamp((case.do_nothing - case.harm.value) / case.span) if case.span > 0 else 0.0
        text = (
            f"{share:.0%} of the avoidable harm was spared: "
            f"{case.harm.value:,.0f} weighted bad requests, "
            f"{case.do_nothing:,.0f} without a response, {case.reference:,.0f} with the reference"
        )
        return Finding(share, graded(share), text, tuple(act.seq for act in case.acts))
