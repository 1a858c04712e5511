"""The system at its worst minute: who calls whom, and what was wrong where."""

from typing import ClassVar

import numpy as np

from simulator.debrief.grading import harm
from simulator.debrief.postmortem.page import Page, plain
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import Json, Series
from simulator.units import MINUTE

USERS = "users"


class Topology:
    """Places components in layers by distance from users, with their state in words."""

    kind_name: ClassVar[str] = "topology"
    order: ClassVar[int] = 70
    title: ClassVar[str] = "The system at the worst minute"

    def facts(self, page: Page) -> SectionFacts:
        at, share = worst_minute(page)
        layers = _layers(page)
        return {
            "at": page.clock(at),
            "bad_share": share,
            "layers": [list(layer) for layer in layers],
            "states": listed(
                _state(page, name, at) for layer in layers for name in layer if name != USERS
            ),
            "calls": [list(call) for call in page.record.header.calls],
        }


def worst_minute(page: Page) -> tuple[int, float]:
    """Start of the minute after the strike with the largest bad share, and that share."""
    header, record = page.record.header, page.record
    span = harm.window(header)
    bad = harm.per_minute(header, harm.bad(record)[span].sum(axis=1))
    total = harm.per_minute(header, harm.total(record)[span].sum(axis=1))
    shares = bad / np.maximum(total, 1)
    worst = int(np.argmax(shares)) if len(shares) else 0
    start = (span.start + worst * harm.bins_in(header, MINUTE)) * header.bin_ns
    return max(start, header.strike_at_ns), float(shares[worst]) if len(shares) else 0.0


def _layers(page: Page) -> list[list[str]]:
    calls = page.record.header.calls
    depth = {USERS: 0}
    waiting = [USERS]
    while waiting:
        caller = waiting.pop(0)
        for one, callee in calls:
            if one == caller and callee not in depth:
                depth[callee] = depth[caller] + 1
                waiting.append(callee)
    deepest = max(depth.values())
    for name in page.record.header.components:
        depth.setdefault(name, deepest + 1)
    return [[n for n, d in depth.items() if d == level] for level in sorted(set(depth.values()))]


def _state(page: Page, component: str, at: int) -> SectionFacts:
    struck = [
        c for c in page.record.header.causes if c.component == component and c.at <= at + MINUTE
    ]
    alerts = _alerting(page, component, at + MINUTE)
    ready, before = (
        _ready(page, component, at),
        _ready(page, component, page.record.header.strike_at_ns),
    )
    words, state = [], "quiet"
    if ready is not None and before is not None and ready < before:
        state = "short"
        words.append(f"{ready:.0f} of {before:.0f} ready")
    elif ready is not None:
        words.append(f"{ready:.0f} ready")
    if alerts:
        state = "alerting"
        words.append(", ".join(alerts))
    if struck:
        state = "struck"
        words.insert(0, plain(struck[0].mechanism))
    said: list[Json] = [*words]
    return {"component": component, "state": state, "words": said}


def _alerting(page: Page, component: str, at: int) -> list[str]:
    firing: dict[str, bool] = {}
    for entry in page.entries("fired", "resolved"):
        labels = entry.detail.get("labels")
        if entry.at > at or not isinstance(labels, dict):
            continue
        if component in labels.values():
            firing[entry.subject] = entry.kind == "fired"
    return [name for name, is_firing in firing.items() if is_firing]


def _ready(page: Page, component: str, at: int) -> float | None:
    for series in page.record.series:
        if series.unit == "replicas" and series.component == component:
            return value_at(series, at)
    return None


def value_at(series: Series, at: int) -> float | None:
    """Last known value of a line at an instant."""
    known = series.values[(series.times <= at) & ~np.isnan(series.values)]
    return float(known[-1]) if len(known) else None
