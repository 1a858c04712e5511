"""What happened, in order; every row is an entry of the record."""

from typing import ClassVar

from simulator.debrief.grading.times import is_page, paged_for
from simulator.debrief.postmortem.page import Page, plain
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import Entry, EntryKind

SHOWN: tuple[EntryKind, ...] = (
    "struck", "lifted", "changed", "scaled", "node", "fired", "resolved", "paged", "acted",
    "took_effect", "refused", "acknowledged", "declared", "hypothesised", "updated", "noted",
    "hinted", "checked", "closed", "looked",
)  # fmt: skip
FAMILIES = {
    "fault": ("struck", "lifted"),
    "alert": ("fired", "resolved", "paged"),
    "act": ("acted", "took_effect", "refused"),
    "response": (
        "acknowledged",
        "declared",
        "hypothesised",
        "updated",
        "noted",
        "hinted",
        "closed",
    ),
    "look": ("looked", "checked"),
}
ROWS_MAX = 200
TEXT_MAX = 160
LAST = 2**62


class Timeline:
    """Lists facts only, from the last change before the strike on, with detection and the rest."""

    kind_name: ClassVar[str] = "timeline"
    order: ClassVar[int] = 60
    title: ClassVar[str] = "Timeline"

    def facts(self, page: Page) -> SectionFacts:
        stages = {seq: name for name, seq in page.grade.times.evidence.items()}
        told = (e for e in page.entries(*SHOWN) if not _is_echo(e))
        rows = [_row(page, e, stages.get(e.seq, "")) for e in told]
        rows += _users(page)
        rows.sort(key=lambda row: (_place(row["at_ns"]), _place(row["seq"])))
        return {"rows": listed(rows[:ROWS_MAX]), "left_out": max(len(rows) - ROWS_MAX, 0)}


def _is_echo(entry: Entry) -> bool:
    """The change log repeats what the responder did; the act itself is listed."""
    return entry.kind == "changed" and entry.detail.get("by") == "responder"


def describe(entry: Entry) -> str:
    """Say in a line what an entry says."""
    detail = entry.detail
    if entry.kind == "struck":
        return f"{plain(str(detail.get('kind')))} at {detail.get('target')}"
    if entry.kind == "hypothesised":
        sure = f" (confidence {detail.get('confidence')})"
        return f"{detail.get('component')}: {plain(str(detail.get('mechanism')))}{sure}"
    if entry.kind == "checked":
        return f"{detail.get('expr')} → {detail.get('answer')}"
    if entry.kind == "paged":
        return f"{entry.subject}: {detail.get('text') or entry.subject}"
    said = [detail.get(key) for key in ("severity", "text", "state", "reason", "answer")]
    if entry.kind in {"fired", "resolved"}:
        notes = detail.get("annotations")
        said = [notes.get("summary") if isinstance(notes, dict) else None]
    if entry.kind == "scaled":
        said = [detail.get("text") or detail.get("reason")]
    text = " → ".join(str(part).replace("\n", " · ") for part in said if part)
    is_spoken = entry.kind in {"acted", "looked", "refused", "declared", "changed"}
    whole = text if is_spoken and text else f"{entry.subject}: {text}" if text else entry.subject
    return whole if len(whole) <= TEXT_MAX else whole[: TEXT_MAX - 1].rstrip() + "…"


def _row(page: Page, entry: Entry, stage: str) -> SectionFacts:
    families = (name for name, kinds in FAMILIES.items() if entry.kind in kinds)
    lines = [line for line in page.grade.lines if entry.seq in line.evidence]
    return {
        "at_ns": entry.at,
        "at": page.clock(entry.at),
        "seq": entry.seq,
        "kind": _called(entry),
        "family": next(families, "system"),
        "text": describe(entry),
        "stage": stage,
        "rules": [line.rule for line in lines],
    }


def _called(entry: Entry) -> str:
    """Name an entry; a notification by what it was to whoever got it."""
    if entry.kind != "paged" or is_page(entry):
        return entry.kind
    return str(entry.detail["channel"]) if paged_for(entry) else "all clear"


def _users(page: Page) -> list[SectionFacts]:
    recovery = page.grade.recovery
    level = "as far as the reference response gets" if recovery.is_widened else "inside the band"
    marks = [
        (recovery.hurt_at, "hurt", "users leave the steady-state band", ""),
        (recovery.mitigated_at, "eased", f"users are back {level}", "mitigate"),
        (recovery.relapsed_at, "hurt", "users leave the steady-state band after closing", ""),
    ]
    return [
        {
            "at_ns": at,
            "at": page.clock(at),
            "seq": None,
            "kind": kind,
            "family": "users",
            "text": text,
            "stage": stage,
            "rules": [],
        }
        for at, kind, text, stage in marks
        if at is not None
    ]


def _place(value: object) -> int:
    return value if isinstance(value, int) else LAST
