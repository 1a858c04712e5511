"""Was recovery seen before it was announced."""

from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, is_answered, unknown, yes_or_no
from simulator.debrief.grading.model import Category
from simulator.debrief.grading.times import since_strike
from simulator.record.model import Entry


class VerifiedBeforeClose:
    """Asks for a passing check, or an answered look, between the last change and the closing."""

    kind_name: ClassVar[str] = "verified_before_close"
    category: ClassVar[Category] = "process"
    good: ClassVar[str] = "recovery is checked after the last change and before closing"

    def judge(self, case: Case) -> Finding | None:
        closed = next(since_strike(case.lived, "closed"), None)
        if closed is None:
            if case.is_twin:
                return None
            return yes_or_no(holds=False, text="the incident was never closed")
        since = max((act.seq for act in case.acts if act.seq < closed.seq), default=-1)
        looks = [
            e for e in since_strike(case.lived, "looked", "checked") if since < e.seq < closed.seq
        ]
        shown = tuple(e.seq for e in looks if _shows_recovery(e))
        if looks and not shown and not any(is_answered(e) for e in looks):
            return unknown("every check before closing came back empty", (closed.seq,))
        text = (
            "recovery was checked before closing" if shown else "closed without checking recovery"
        )
        return yes_or_no(holds=bool(shown), text=text, evidence=(*shown[-3:], closed.seq))


def _shows_recovery(entry: Entry) -> bool:
    if entry.kind == "checked":
        return entry.detail.get("answer") == "pass"
    return is_answered(entry)
