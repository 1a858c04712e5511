"""What set it off, what made it worse, what let it: several factors, none of them a person."""

from typing import ClassVar

import numpy as np

from simulator.debrief.postmortem.page import Page, count, plain, span
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import Cause, Series
from simulator.units import MINUTE

CLEARED_BY = {
    "process": "a restart clears it",
    "host": "replacing the node clears it",
    "release": "a rollback clears it",
    "data": "restoring or rebuilding the data clears it",
    "external": "only waiting or routing around it helps",
    "traffic": "shedding or blocking the traffic helps",
}
GREW = 3.0
AMPLIFIERS_MAX = 3
LATE_NS = MINUTE


class ContributingFactors:
    """Computes trigger, mechanism, amplifiers and what let them through from the record."""

    kind_name: ClassVar[str] = "contributing_factors"
    order: ClassVar[int] = 90
    title: ClassVar[str] = "Contributing factors"

    def facts(self, page: Page) -> SectionFacts | None:
        factors = [*_causes(page), *_amplifiers(page), *_let_through(page)]
        return {"factors": listed(factors)} if factors else None


def _factor(role: str, text: str) -> SectionFacts:
    return {"role": role, "text": text}


def _causes(page: Page) -> list[SectionFacts]:
    factors = []
    for cause in page.record.header.causes:
        factors.append(_factor("trigger", _trigger(page, cause)))
        cleared = CLEARED_BY.get(cause.home, "")
        mechanism = f"{cause.component}: {plain(cause.mechanism)} ({cause.family})"
        factors.append(
            _factor("mechanism", f"{mechanism}; it lives in the {cause.home}: {cleared}")
        )
    return factors


def _trigger(page: Page, cause: Cause) -> str:
    lifted = "and stayed" if cause.until is None else f"and lifted at {page.clock(cause.until)}"
    by = f" ({plain(cause.trigger)})" if cause.trigger else ""
    return f"{plain(cause.kind)}{by} struck {cause.target} at {page.clock(cause.at)} {lifted}"


def _amplifiers(page: Page) -> list[SectionFacts]:
    grown = []
    for series in page.record.series:
        if series.unit not in {"requests", "1/s"}:
            continue
        before, after = _peaks(page, series)
        if after >= 1 and after >= GREW * max(before, 1e-9):
            text = f"{series.component}: {series.name} rose from {before:,.3g} to {after:,.3g}"
            grown.append((after / max(before, 1e-9), text))
    grown.sort(key=lambda pair: (-pair[0], pair[1]))
    return [_factor("amplifier", text) for _, text in grown[:AMPLIFIERS_MAX]]


def _peaks(page: Page, series: Series) -> tuple[float, float]:
    header = page.record.header
    warm = (series.times >= header.warm_up_ns) & ~np.isnan(series.values)
    before = series.values[warm & (series.times < header.strike_at_ns)]
    after = series.values[warm & (series.times >= header.strike_at_ns)]
    return float(before.max(initial=0.0)), float(after.max(initial=0.0))


def _let_through(page: Page) -> list[SectionFacts]:
    recovery, times = page.grade.recovery, page.grade.times
    if recovery.hurt_at is None:
        return []
    factors = []
    lag = page.record.header.strike_at_ns + (times.detect or 0) - recovery.hurt_at
    if times.detect is None:
        factors.append(_factor("what let it", "no alert paged while users were hurting"))
    elif lag > LATE_NS:
        factors.append(
            _factor("what let it", f"alerting spoke {span(lag)} after users began to hurt")
        )
    factors += _still_scalers(page, recovery.hurt_at)
    for row in page.acts:
        if row.effect == "hurt":
            act, cost = row.name.removeprefix("without "), count(-row.difference)
            factors.append(_factor("amplifier", f"“{act}” cost {cost} weighted bad requests"))
    return factors


def _still_scalers(page: Page, hurt_at: int) -> list[SectionFacts]:
    end = page.grade.recovery.mitigated_at or page.record.header.horizon_ns
    last: dict[str, str] = {}
    grew: set[str] = set()
    for entry in page.entries("decided"):
        if entry.at > end:
            break
        last[entry.subject] = str(entry.detail.get("reason"))
        current, desired = entry.detail.get("current"), entry.detail.get("desired")
        if entry.at >= hurt_at and isinstance(current, int) and isinstance(desired, int):
            grew |= {entry.subject} if desired > current else set()
    return [
        _factor("what let it", f"autoscaler {name} added nothing while users hurt: {reason}")
        for name, reason in last.items()
        if name not in grew
    ]
