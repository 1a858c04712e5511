"""Where `until` and `next` stop: conditions checked after rules and notifications, never during.

They read what a responder could read, and reading never changes the run.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import UsageError
from simulator.instruments.alerting.manager.page import PAGER
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series.store import SeriesStore
from simulator.record.model import Entry
from simulator.record.recorder import Recorder
from simulator.response.navigation import Until

VISIBLE = frozenset({"paged", "fired", "resolved", "changed", "scaled"})
"""Entries that `next` stops at: what reaches a responder without looking."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A time limit, or a condition, or both; `words` says it back."""

    words: str
    limit: int | None = None  # ns, in the session's time
    holds: Callable[[], Entry | str | None] | None = None


def next_visible(recorder: Recorder) -> Breakpoint:
    """Stop at the next thing that reaches the responder by itself."""
    return Breakpoint("the next event", holds=_entry(recorder, lambda e: e.kind in VISIBLE))


def breakpoint_of(
    wish: Until, now: int, recorder: Recorder, store: SeriesStore, now_ms: Callable[[], int]
) -> Breakpoint:
    """Turn a wish into a breakpoint; UsageError for a past time, QueryError for bad PromQL."""
    words = f"until {wish.spoken()}"
    match wish.what:
        case "alert":
            return Breakpoint(words, holds=_entry(recorder, lambda e: pages(e, wish.alert)))
        case "resolved":
            return Breakpoint(words, holds=_entry(recorder, lambda e: e.kind == "resolved"))
        case "expr":
            return Breakpoint(words, holds=_true(wish.expr or "", store, now_ms))
    at = wish.ns if wish.what == "time" else now + wish.ns
    if at < now:
        raise UsageError(f"{words}: that time has passed")
    return Breakpoint(words, limit=at)


def pages(entry: Entry, alert: str | None) -> bool:
    """Say whether an entry is a notification that names this alert, or else wakes someone."""
    firing = entry.detail.get("firing") if entry.kind == "paged" else None
    if not isinstance(firing, list) or not firing:
        return False
    return entry.detail.get("channel") == PAGER if alert is None else alert in firing


def _true(text: str, store: SeriesStore, now_ms: Callable[[], int]) -> Callable[[], str | None]:
    plan = compile_query(text)

    def holds() -> str | None:
        samples = plan.vector(store, now_ms()).samples()
        true = any(not math.isnan(sample.value) for sample in samples)
        return f"{text} holds" if true else None

    return holds


def _entry(recorder: Recorder, matches: Callable[[Entry], bool]) -> Callable[[], Entry | None]:
    seen = len(recorder.entries)

    def found() -> Entry | None:
        return next((entry for entry in recorder.since(seen) if matches(entry)), None)

    return found
