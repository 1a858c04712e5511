"""What a sceptical reader wants to check: the rules of the run and every word of the journal."""

from typing import ClassVar

from simulator.debrief.postmortem.page import Page, percent, span
from simulator.debrief.postmortem.sections._base import SectionFacts, listed
from simulator.record.model import Objective
from simulator.units import format_clock

JOURNAL_MAX = 300


class Appendix:
    """Prints the journal, the objectives, the severities and the digests."""

    kind_name: ClassVar[str] = "appendix"
    order: ClassVar[int] = 170
    title: ClassVar[str] = "Appendix"

    def facts(self, page: Page) -> SectionFacts:
        record, header, recovery = page.record, page.record.header, page.grade.recovery
        return {
            "journal": listed(
                {"at": _said_at(line.get("at")), "text": str(line.get("text", ""))}
                for line in record.journal[:JOURNAL_MAX]
            ),
            "journal_left_out": max(len(record.journal) - JOURNAL_MAX, 0),
            "objectives": listed({"text": _objective(each)} for each in header.objectives),
            "severities": listed(
                {"name": name, "share": percent(share)}
                for name, share in sorted(header.severities.items())
            ),
            "band": listed(
                {"name": name, "top": percent(top)}
                for name, top in zip(header.classes, recovery.tops, strict=True)
            ),
            "band_is_widened": recovery.is_widened,
            "weights": listed(
                {"name": name, "weight": weight}
                for name, weight in zip(header.classes, header.weights, strict=True)
            ),
            "strike_at": page.clock(header.strike_at_ns),
            "scenario_digest": header.scenario_digest,
            "record_digest": record.digest,
            "entries": len(record.entries),
            "series": len(record.series),
        }


def _said_at(at: object) -> str:
    return format_clock(at) if isinstance(at, int) else ""


def _objective(objective: Objective) -> str:
    below = "" if objective.below_ns is None else f" within {span_exact(objective.below_ns)}"
    what = {"ttft": "see a first token", "e2e": "are answered", "outcome": "are good"}[objective.of]
    share = f"{100 * objective.share:g} %"
    window = span(objective.window_ns)
    return f"{objective.name}: {share} of {objective.request_class} {what}{below}, over {window}"


def span_exact(ns: int) -> str:
    """Write a limit without rounding."""
    return span(ns) if ns >= 10**9 else f"{ns / 10**6:g}ms"
