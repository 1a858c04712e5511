"""Two sentences made of facts: what happened, and what the response did about it."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, count, percent, plain, span
from simulator.debrief.postmortem.sections._base import SectionFacts, texts
from simulator.units import SECOND


class Summary:
    """Says in two sentences what happened and how it went."""

    kind_name: ClassVar[str] = "summary"
    order: ClassVar[int] = 30
    title: ClassVar[str] = "Summary"

    def facts(self, page: Page) -> SectionFacts:
        return {"sentences": texts([_what_happened(page), _what_was_done(page)])}


def _what_happened(page: Page) -> str:
    header, grade = page.record.header, page.grade
    bad = sum(each.bad for each in grade.harm.classes)
    total = sum(each.total for each in grade.harm.classes)
    lost = f"{count(bad)} of {count(total)} requests ({percent(bad / max(total, 1))}) went bad"
    if header.twin != "fault" or not header.causes:
        return f"Nothing struck in this {header.twin} twin; {lost}."
    cause = header.causes[0]
    more = f" and {len(header.causes) - 1} more" if len(header.causes) > 1 else ""
    struck = (
        f"At {page.clock(header.strike_at_ns)} {plain(cause.kind)} struck {cause.target}{more} "
        f"and led to {plain(cause.mechanism)} in {cause.component}"
    )
    if grade.recovery.hurt_at is None:
        return f"{struck}; users stayed inside the steady-state band throughout, and {lost}."
    after = grade.recovery.hurt_at - header.strike_at_ns
    began = f"{span(after)} later" if after >= SECOND else "at once"
    return f"{struck}; users began to hurt {began}, and {lost} by the horizon."


def _what_was_done(page: Page) -> str:
    times, grade = page.grade.times, page.grade
    if page.record.header.twin != "fault":
        changed = "changes were made" if grade.rows and page.acts else "nothing was changed"
        return f"The drill asked for no response, and {changed}."
    page_words = (
        "No page was sent"
        if times.detect is None
        else f"The first page came {span(times.detect)} in"
    )
    if times.mitigate is None:
        end = (
            "users were still hurting at the horizon"
            if grade.recovery.hurt_at
            else "users were spared"
        )
    else:
        eased = (
            "users hurt no more than the reference response leaves them hurting"
            if grade.recovery.is_widened
            else "users stopped hurting"
        )
        end = f"{eased} {span(times.mitigate)} after the strike"
    helped = [row for row in page.acts if row.effect == "helped"]
    best = max(helped, key=lambda row: row.difference, default=None)
    if not page.acts:
        return f"{page_words}; {end}, and nothing was changed."
    if best is None:
        return f"{page_words}; {end}, and no act made a measurable difference for the better."
    act = best.name.removeprefix("without ")
    return (
        f"{page_words}; {end}, and what helped most was “{act}”, "
        f"which spared {count(best.difference)} weighted bad requests."
    )
