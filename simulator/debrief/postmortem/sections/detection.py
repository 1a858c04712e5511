"""Which alerts spoke, when, and whether users were hurting."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, percent, span
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import Entry


class Detection:
    """Measures alerting against users: what paged first, how late, how precisely."""

    kind_name: ClassVar[str] = "detection"
    order: ClassVar[int] = 80
    title: ClassVar[str] = "Detection"

    def facts(self, page: Page) -> SectionFacts:
        rows = [_alert(page, e) for e in page.entries("fired")]
        right = sum(row["during"] == "users hurting" for row in rows)
        return {
            "sentence": _sentence(page),
            "sooner": _sooner(page),
            "precision": ""
            if not rows
            else f"{right} of {len(rows)} ({percent(right / len(rows))})",
            "alerts": listed(rows),
        }


def _sentence(page: Page) -> str:
    times, hurt_at = page.grade.times, page.grade.recovery.hurt_at
    strike = page.record.header.strike_at_ns
    if times.detect is None:
        return "No page was sent after the strike."
    first = f"{page.first_alert} paged {span(times.detect)} after the strike"
    if hurt_at is None:
        return f"{first}; users never left the steady-state band."
    lag = strike + times.detect - hurt_at
    where = "after users began to hurt" if lag >= 0 else "before users began to hurt"
    return f"{first}, {span(abs(lag))} {where}."


def _sooner(page: Page) -> str:
    """Say how long the paging alert had been pending, which is what a shorter `for` would save."""
    fired = [e for e in page.entries("fired") if e.subject == page.first_alert]
    strike = page.record.header.strike_at_ns
    waits = [
        e
        for e in page.entries("pending")
        if e.subject == page.first_alert and e.at >= strike and fired and e.at <= fired[0].at
    ]
    if not waits or not fired:
        return ""
    held = span(fired[0].at - waits[-1].at)
    return f"Its condition held {held} before it fired; a shorter “for” saves at most that."


def _alert(page: Page, fired: Entry) -> SectionFacts:
    labels = fired.detail.get("labels")
    ends = [
        e.at
        for e in page.entries("resolved")
        if e.subject == fired.subject
        and e.seq > fired.seq
        and e.detail.get("labels", labels) == labels
    ]
    recovery, header = page.grade.recovery, page.record.header
    end = recovery.mitigated_at or header.horizon_ns
    is_hurting = recovery.hurt_at is not None and recovery.hurt_at <= fired.at <= end
    return {
        "name": fired.subject,
        "severity": str(fired.detail.get("severity", "")),
        "fired": page.clock(fired.at),
        "resolved": page.clock(ends[0]) if ends else "still firing",
        "during": "users hurting" if is_hurting else "users fine",
        "seq": fired.seq,
    }
