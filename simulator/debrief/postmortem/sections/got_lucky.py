"""Where the outcome owed more to chance than to the response."""

from typing import ClassVar

from simulator.debrief.grading.recovery import recovery
from simulator.debrief.postmortem.page import Page
from simulator.debrief.postmortem.sections._base import SectionFacts, listed


class GotLucky:
    """Lists changes that did no harm by chance, trouble that passed, and right guesses."""

    kind_name: ClassVar[str] = "got_lucky"
    order: ClassVar[int] = 120
    title: ClassVar[str] = "Where we got lucky"

    def facts(self, page: Page) -> SectionFacts | None:
        items: list[SectionFacts] = [
            {
                "text": f"“{row.name.removeprefix('without ')}” changed nothing that users felt",
                "evidence": list(row.left_out),
            }
            for row in page.acts
            if row.effect == "made no difference"
        ]
        items += _passed_by_itself(page)
        items += _guessed(page)
        return {"items": listed(items)} if items else None


def _passed_by_itself(page: Page) -> list[SectionFacts]:
    alone = recovery(page.variants.do_nothing, page.variants.reference)
    if alone.hurt_at is None or not alone.is_recovered:
        return []
    return [{"text": "users stop hurting by the horizon even when nothing is done", "evidence": []}]


def _guessed(page: Page) -> list[SectionFacts]:
    seq = page.grade.times.evidence.get("diagnose")
    looks = [e for e in page.entries("looked", "checked") if seq is not None and e.seq < seq]
    if seq is None or looks:
        return []
    return [{"text": "the right cause was named before any telemetry was read", "evidence": [seq]}]
