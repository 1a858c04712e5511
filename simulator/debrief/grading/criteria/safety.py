"""What the response itself cost users."""

from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, clamp, graded, unknown
from simulator.debrief.grading.model import Category


class Safety:
    """Adds up the harm of each act: the lived run against the same run without that act."""

    kind_name: ClassVar[str] = "safety"
    category: ClassVar[Category] = "safety"
    good: ClassVar[str] = "no act left users worse off than leaving it out"

    def judge(self, case: Case) -> Finding:
        if not case.acts:
            return Finding(1.0, "pass", "nothing was changed, so no act could hurt")
        if case.own_harm is None:
            missing = tuple(act.seq for act in case.acts if act.seq not in case.without)
            return unknown(f"{len(missing)} acts have no run without them", missing)
        hurtful = tuple(seq for seq, harm in case.without.items() if harm < case.harm.value)
        if case.span > 0 and not case.is_twin:
            share = 1.0 - clamp(case.own_harm / case.span)
        else:
            share = float(case.own_harm <= 0)
        text = f"the response's own acts cost {case.own_harm:,.0f} weighted bad requests"
        return Finding(share, graded(share), text, hurtful)
