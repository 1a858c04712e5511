"""Did something point at the trouble before the first change."""

from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, is_answered, unknown, yes_or_no
from simulator.debrief.grading.model import Category
from simulator.debrief.grading.times import since_strike


class EvidenceBeforeAction:
    """Asks for a look that was answered between the strike and the first mutating act."""

    kind_name: ClassVar[str] = "evidence_before_action"
    category: ClassVar[Category] = "process"
    good: ClassVar[str] = "telemetry is consulted before the first change"

    def judge(self, case: Case) -> Finding | None:
        if not case.acts:
            return None
        first = case.acts[0]
        looks = [e for e in since_strike(case.lived, "looked", "checked") if e.seq < first.seq]
        answered = tuple(e.seq for e in looks if is_answered(e))
        if looks and not answered:
            silent = tuple(e.seq for e in looks)
            return unknown("every look before the first change came back empty", silent)
        count = len(answered)
        text = f"{count} look{'s' * (count != 1)} came before the first change"
        return yes_or_no(holds=count > 0, text=text, evidence=(*answered[-3:], first.seq))
