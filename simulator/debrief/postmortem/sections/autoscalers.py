"""What the autoscalers decided, how late, and whether they changed their minds."""

from itertools import pairwise
from typing import ClassVar

from simulator.debrief.postmortem.page import Page, span
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import Entry

SHOWN_MAX = 12


class Autoscalers:
    """Counts decisions, direction changes and the lag from users hurting to the first growth."""

    kind_name: ClassVar[str] = "autoscalers"
    order: ClassVar[int] = 150
    title: ClassVar[str] = "Autoscaler behaviour"

    def facts(self, page: Page) -> SectionFacts | None:
        decided = page.entries("decided")
        names = list(dict.fromkeys(e.subject for e in decided))
        if not names:
            return None
        changes = [e for e in decided if _step(e)]
        return {
            "scalers": listed(
                _scaler(page, n, [e for e in decided if e.subject == n]) for n in names
            ),
            "decisions": listed(_decision(page, e) for e in (changes or list(decided))[:SHOWN_MAX]),
            "left_out": max(len(changes) - SHOWN_MAX, 0),
        }


def _step(entry: Entry) -> int:
    current, desired = entry.detail.get("current"), entry.detail.get("desired")
    return desired - current if isinstance(current, int) and isinstance(desired, int) else 0


def _scaler(page: Page, name: str, decided: list[Entry]) -> SectionFacts:
    steps = [_step(e) for e in decided if _step(e)]
    hurt_at = page.grade.recovery.hurt_at
    ups = [e.at for e in decided if _step(e) > 0 and hurt_at is not None and e.at >= hurt_at]
    lag = span(ups[0] - hurt_at) if ups and hurt_at is not None else "never"
    return {
        "name": name,
        "up": sum(step > 0 for step in steps),
        "down": sum(step < 0 for step in steps),
        "turns": sum(a * b < 0 for a, b in pairwise(steps)),
        "lag": "not needed" if hurt_at is None else lag,
    }


def _decision(page: Page, entry: Entry) -> SectionFacts:
    return {
        "at": page.clock(entry.at),
        "name": entry.subject,
        "current": str(entry.detail.get("current")),
        "desired": str(entry.detail.get("desired")),
        "reason": str(entry.detail.get("reason", "")),
        "seq": entry.seq,
    }
