"""Was the first page answered soon."""

from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, unknown, yes_or_no
from simulator.debrief.grading.model import Category
from simulator.debrief.grading.times import first_page, since_strike
from simulator.units import MINUTE, format_duration

WITHIN_NS = 5 * MINUTE


class AcknowledgedInTime:
    """Asks for an acknowledgement within five minutes of the first page."""

    kind_name: ClassVar[str] = "acknowledged_in_time"
    category: ClassVar[Category] = "process"
    good: ClassVar[str] = "acknowledged within 5m of the first page"

    def judge(self, case: Case) -> Finding | None:
        if case.is_twin:
            return None
        page = first_page(case.lived)
        if page is None:
            return unknown("no page was sent, so none could be acknowledged")
        ack = next(since_strike(case.lived, "acknowledged"), None)
        if ack is None:
            return yes_or_no(
                holds=False, text="the page was never acknowledged", evidence=(page.seq,)
            )
        waited = max(ack.at - page.at, 0)
        text = f"acknowledged {format_duration(waited)} after the first page"
        return yes_or_no(holds=waited <= WITHIN_NS, text=text, evidence=(page.seq, ack.seq))
