"""Were others kept informed while users were hurting."""

from itertools import pairwise
from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, yes_or_no
from simulator.debrief.grading.model import Category
from simulator.debrief.grading.times import since_strike
from simulator.units import MINUTE, format_duration

EVERY_NS = 15 * MINUTE


class UpdatesAtCadence:
    """Asks for an update at least every fifteen minutes in an incident that lasts longer."""

    kind_name: ClassVar[str] = "updates_at_cadence"
    category: ClassVar[Category] = "process"
    good: ClassVar[str] = "an update at least every 15m from the first reaction to mitigation"

    def judge(self, case: Case) -> Finding | None:
        hurt_at, header = case.recovery.hurt_at, case.lived.header
        end = case.recovery.mitigated_at or header.horizon_ns
        if case.is_twin or hurt_at is None or end - hurt_at <= EVERY_NS:
            return None
        began = next(since_strike(case.lived, "acknowledged", "declared"), None)
        updates = [e for e in since_strike(case.lived, "updated", "declared") if e.at <= end]
        start = hurt_at if began is None else min(began.at, end)
        marks = [start, *(e.at for e in updates if e.at > start), end]
        longest = max(later - earlier for earlier, later in pairwise(marks))
        text = f"the longest silence lasted {format_duration(longest)}"
        return yes_or_no(
            holds=began is not None and longest <= EVERY_NS,
            text=text,
            evidence=tuple(e.seq for e in updates),
        )
