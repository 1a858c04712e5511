"""Did the standing hypotheses name the component and the mechanism.

A claim stands until a later one about the same component replaces it; confidence 0 withdraws it.
Precision weighs claims by confidence, so blaming everything costs.
"""

from collections.abc import Callable
from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, graded, number, yes_or_no
from simulator.debrief.grading.model import Category
from simulator.debrief.grading.times import since_strike
from simulator.record.model import Cause, Entry, Record

COMPONENT, MECHANISM = 0.6, 0.4
FAMILY_CREDIT = 0.5
CONFIDENCE = 0.7


class Diagnosis:
    """Weighs what was named: 60 % the component, 40 % the mechanism (half for its family)."""

    kind_name: ClassVar[str] = "diagnosis"
    category: ClassVar[Category] = "diagnosis"
    good: ClassVar[str] = "one hypothesis with the right component and mechanism, nothing else"

    def judge(self, case: Case) -> Finding:
        claims = standing_claims(case.lived)
        seqs = tuple(claim.seq for claim in claims)
        causes = case.lived.header.causes
        if case.is_twin or not causes:
            text = "a cause was claimed where there was none" if claims else "no cause was claimed"
            return yes_or_no(holds=not claims, text=text, evidence=seqs)
        if not claims:
            return Finding(0.0, "fail", "no hypothesis was recorded", ())
        component = soft_f1(claims, causes, _component_match)
        families = case.lived.header.mechanisms
        mechanism = soft_f1(claims, causes, lambda e, c: _mechanism_match(e, c, families))
        share = COMPONENT * component + MECHANISM * mechanism
        named = ", ".join(
            f"{e.detail.get('component')} ({e.detail.get('mechanism')})" for e in claims
        )
        text = f"named {named}: component {component:.2f}, mechanism {mechanism:.2f}"
        return Finding(share, graded(share), text, seqs)


def standing_claims(record: Record) -> tuple[Entry, ...]:
    """Last claim about each component, in order of time, without withdrawn ones."""
    latest: dict[str, Entry] = {}
    for entry in since_strike(record, "hypothesised"):
        latest[str(entry.detail.get("component"))] = entry
    kept = [entry for entry in latest.values() if _confidence(entry) > 0]
    return tuple(sorted(kept, key=lambda entry: entry.seq))


def soft_f1(
    claims: tuple[Entry, ...],
    causes: tuple[Cause, ...],
    match: Callable[[Entry, Cause], float],
) -> float:
    """Harmonic mean of confidence-weighted precision and of recall over causes."""
    weights = [_confidence(claim) for claim in claims]
    hits = [max(match(claim, cause) for cause in causes) for claim in claims]
    precision = sum(w * h for w, h in zip(weights, hits, strict=True)) / sum(weights)
    recall = sum(max(match(claim, cause) for claim in claims) for cause in causes) / len(causes)
    both = precision + recall
    return 2 * precision * recall / both if both > 0 else 0.0


def _confidence(entry: Entry) -> float:
    return number(entry.detail.get("confidence"), CONFIDENCE)


def _component_match(claim: Entry, cause: Cause) -> float:
    return float(claim.detail.get("component") == cause.component)


def _mechanism_match(claim: Entry, cause: Cause, families: dict[str, str]) -> float:
    said = str(claim.detail.get("mechanism"))
    if said in {cause.mechanism, cause.kind}:
        return 1.0
    return FAMILY_CREDIT if families.get(said, said) == cause.family else 0.0
