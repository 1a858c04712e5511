"""Six numbers and what each should have been."""

from typing import ClassVar

from simulator.debrief.grading.criteria.acknowledged_in_time import WITHIN_NS
from simulator.debrief.postmortem.page import Page, percent, plural, span
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.units import MINUTE


class Tiles:
    """Shows score, three times, minutes over objective and error budget, each with its target."""

    kind_name: ClassVar[str] = "tiles"
    order: ClassVar[int] = 20
    title: ClassVar[str] = ""

    def facts(self, page: Page) -> SectionFacts:
        return {
            "tiles": listed(
                [
                    _score(page),
                    *_times(page),
                    _minutes(page),
                    _budget(page),
                ]
            )
        }


def _tile(name: str, value: str, target: str, *, is_met: bool | None) -> SectionFacts:
    state = {True: "met", False: "missed", None: ""}[is_met]
    return {"name": name, "value": value, "target": target, "state": state}


def _score(page: Page) -> SectionFacts:
    score, wanted = page.grade.score, page.record.header.pass_marks.get("score_min")
    if score is None:
        return _tile("Score", "none", "cannot be graded", is_met=None)
    if not isinstance(wanted, int | float):
        return _tile("Score", f"{score:.0f}", "of 100", is_met=None)
    return _tile("Score", f"{score:.0f}", f"pass mark {wanted:g}", is_met=score >= wanted)


def _times(page: Page) -> list[SectionFacts]:
    times, best = page.grade.times, page.reference_times
    if page.record.header.twin != "fault":
        stages = {"Detect": times.detect, "Acknowledge": times.acknowledge}
        quiet = [
            _tile(name, span(at) if at is not None else "none", "nothing struck", is_met=None)
            for name, at in stages.items()
        ]
        return [*quiet, _tile("Mitigate", "none", "nothing struck", is_met=None)]
    ack_by = (times.detect if times.detect is not None else 0) + WITHIN_NS
    return [
        _stage("Detect", times.detect, best.detect, "reference"),
        _stage("Acknowledge", times.acknowledge, ack_by, "within 5m of the page:"),
        _mitigate(page),
    ]


def _mitigate(page: Page) -> SectionFacts:
    wanted = page.record.header.pass_marks.get("recovered_within_ns")
    if page.grade.recovery.hurt_at is None:
        return _tile("Mitigate", "no need", "users never hurt", is_met=True)
    if isinstance(wanted, int | float):
        return _stage("Mitigate", page.grade.times.mitigate, int(wanted), "pass mark")
    return _stage("Mitigate", page.grade.times.mitigate, page.reference_times.mitigate, "reference")


def _stage(name: str, at: int | None, target: int | None, source: str) -> SectionFacts:
    is_met = at is not None and (target is None or at <= target)
    return _tile(name, span(at), f"{source} {span(target)}", is_met=is_met)


def _minutes(page: Page) -> SectionFacts:
    lived, best = page.grade.harm.minutes_over, page.reference_harm.minutes_over
    whole = page.record.header.horizon_ns - page.record.header.strike_at_ns
    target = f"reference {best} of {plural(whole // MINUTE, 'minute')}"
    return _tile("Over objective", f"{lived} min", target, is_met=lived <= best)


def _budget(page: Page) -> SectionFacts:
    lived, best = page.grade.harm.budget_spent, page.reference_harm.budget_spent
    target = f"reference {percent(best)} of the window's"
    return _tile("Budget spent", percent(lived), target, is_met=lived <= best)
