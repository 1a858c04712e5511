"""Stages of a response, measured from the strike; they explain a grade and are never averaged."""

from collections.abc import Iterator

from simulator.debrief.grading.model import Recovery, Times
from simulator.record.model import Cause, Entry, EntryKind, Record

PAGER = "pager"
"""Receiver of notifications that wake nobody."""


def times(record: Record, recovery: Recovery) -> Times:
    """Find when each stage happened and was right."""
    strike = record.header.strike_at_ns
    found = {
        "detect": first_page(record),
        "acknowledge": next(since_strike(record, "acknowledged"), None),
        "declare": next(since_strike(record, "declared"), None),
        "diagnose": _first_right_hypothesis(record),
        "resolve": _closing_that_held(record, recovery),
    }
    after = {stage: None if e is None else e.at - strike for stage, e in found.items()}
    mitigated = recovery.mitigated_at
    return Times(
        **after,
        mitigate=None if mitigated is None else mitigated - strike,
        evidence={stage: e.seq for stage, e in found.items() if e is not None},
    )


def since_strike(record: Record, *kinds: EntryKind) -> Iterator[Entry]:
    """Entries of these kinds from the strike on, in order."""
    strike = record.header.strike_at_ns
    return (e for e in record.entries if e.kind in kinds and e.at >= strike)


def first_page(record: Record) -> Entry | None:
    """First page after the strike for an alert that was not firing already."""
    chronic = _firing_at_strike(record)
    pages = (e for e in since_strike(record, "paged") if is_page(e))
    return next((e for e in pages if any(name not in chronic for name in paged_for(e))), None)


def is_page(entry: Entry) -> bool:
    """Did a notification wake someone: over the pager, and about something that fires."""
    return entry.detail.get("channel") == PAGER and bool(paged_for(entry))


def paged_for(entry: Entry) -> tuple[str, ...]:
    """Alerts firing in a notification; its subject where no list was kept."""
    firing = entry.detail.get("firing")
    return tuple(str(name) for name in firing) if isinstance(firing, list) else (entry.subject,)


def mutating_acts(record: Record) -> tuple[Entry, ...]:
    """Acts that changed the system."""
    return tuple(e for e in record.entries if e.kind == "acted" and e.detail.get("mutates"))


def is_right(entry: Entry, cause: Cause) -> bool:
    """Does a hypothesis name a cause's component and mechanism."""
    said = (entry.detail.get("component"), entry.detail.get("mechanism"))
    return said in {(cause.component, cause.mechanism), (cause.component, cause.kind)}


def _firing_at_strike(record: Record) -> set[str]:
    firing: set[str] = set()
    for e in record.entries:
        if e.at >= record.header.strike_at_ns:
            break
        if e.kind == "fired":
            firing.add(e.subject)
        elif e.kind == "resolved":
            firing.discard(e.subject)
    return firing


def _first_right_hypothesis(record: Record) -> Entry | None:
    claims = since_strike(record, "hypothesised")
    causes = record.header.causes
    return next((e for e in claims if any(is_right(e, cause) for cause in causes)), None)


def _closing_that_held(record: Record, recovery: Recovery) -> Entry | None:
    closed = next(since_strike(record, "closed"), None)
    if closed is None or not recovery.is_recovered or recovery.relapsed_at is not None:
        return None
    return closed
