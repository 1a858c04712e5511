"""Which instants are marked across all charts."""

from dataclasses import dataclass
from typing import Literal

from simulator.debrief.grading.times import is_page
from simulator.debrief.postmortem.page import Page, plain
from simulator.record.model import Entry
from simulator.units import seconds

MarkKind = Literal["fault", "page", "act", "users", "response"]
MARKS_MAX = 16
LABEL_MAX = 34


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant worth a line through every chart; `at` in seconds of the responder's clock."""

    at: float
    kind: MarkKind
    label: str
    seq: int | None


def marks(page: Page) -> tuple[tuple[Mark, ...], int]:
    """Strikes, first pages, acts, the closing, and users' turning points, in order of time.

    Also says how many were left out for want of room.
    """
    found = [mark for e in page.record.entries if (mark := _mark(page, e)) is not None]
    paged: set[str] = set()
    kept = []
    for mark in found:
        if mark.kind != "page" or mark.label not in paged:
            kept.append(mark)
        paged.add(mark.label)
    if page.grade.recovery.mitigated_at is not None:
        at = _at(page, page.grade.recovery.mitigated_at)
        kept.append(Mark(at, "users", "recovered", None))
    kept.sort(key=lambda mark: mark.at)
    return tuple(kept[:MARKS_MAX]), max(len(kept) - MARKS_MAX, 0)


def _at(page: Page, at: int) -> float:
    return seconds(at - page.record.header.warm_up_ns)


def _mark(page: Page, entry: Entry) -> Mark | None:
    at, detail = _at(page, entry.at), entry.detail
    if entry.kind == "struck":
        return Mark(at, "fault", _short(f"{plain(str(detail.get('kind')))}"), entry.seq)
    if entry.kind == "lifted":
        return Mark(at, "fault", "fault lifted", entry.seq)
    if entry.kind == "paged" and is_page(entry) and entry.at >= page.record.header.strike_at_ns:
        return Mark(at, "page", _short(entry.subject), entry.seq)
    if entry.kind == "acted" and detail.get("mutates"):
        return Mark(at, "act", _short(str(detail.get("text") or entry.subject)), entry.seq)
    if entry.kind == "closed":
        return Mark(at, "response", "closed", entry.seq)
    return None


def _short(text: str) -> str:
    return text if len(text) <= LABEL_MAX else text[: LABEL_MAX - 1].rstrip() + "…"
