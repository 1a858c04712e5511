"""One number for a drill, and every line that adds up to it.

The arithmetic stands in `combine`; everything around it gathers evidence. The same record and
variants always give the same grade.
"""

from typing import cast

from simulator import kinds
from simulator.debrief.grading import harm as harms
from simulator.debrief.grading.criteria._base import Case, Criterion, Finding
from simulator.debrief.grading.model import Category, Grade, Line, Variants
from simulator.debrief.grading.recovery import recovery
from simulator.debrief.grading.rows import rows
from simulator.debrief.grading.times import mutating_acts, since_strike, times
from simulator.record.model import Record

WEIGHTS: dict[Category, float] = {
    "mitigation": 0.50,
    "diagnosis": 0.25,
    "safety": 0.15,
    "process": 0.10,
}
HINT_COST = 5
GRADABLE_SHARE = 0.1
NOT_RECOVERED, RELAPSED, NEEDLESS = 40, 60, 50

Judged = list[tuple[Criterion, Finding]]


def grade(lived: Record, variants: Variants) -> Grade:
    """Judge a drill against the same drill left alone, and handled as its author would."""
    case = _case(lived, variants)
    judged = _judge(case)
    parts = {category: _part(judged, category) for category in WEIGHTS}
    gate, gates = _gate(case)
    why = _why_no_score(case)
    score = None if why else combine(parts, gate, lived.header.hints)
    return Grade(
        score=score,
        why_no_score=why,
        is_passed=_is_passed(case, score),
        lines=_lines(case, judged, parts, gate, gates),
        parts={str(category): share for category, share in parts.items()},
        gate=gate,
        gates=gates,
        times=case.times,
        harm=case.harm,
        recovery=case.recovery,
        own_harm=case.own_harm,
        rows=rows(case),
    )


def combine(parts: dict[Category, float], gate: int, hints: int) -> float:
    """Weigh the parts (0 to 1 each), apply the gate, take off hints; 0 to 100."""
    points = 100 * sum(WEIGHTS[category] * parts[category] for category in WEIGHTS)
    return max(0.0, min(float(gate), points) - HINT_COST * hints)


def _case(lived: Record, variants: Variants) -> Case:
    mended = recovery(lived, variants.reference)
    measured = harms.measure(lived)
    acts = mutating_acts(lived)
    without = {seq: harms.value(run) for seq, run in sorted(variants.without.items())}
    is_complete = all(act.seq in without for act in acts)
    costs = [max(0.0, measured.value - without[act.seq]) for act in acts if act.seq in without]
    return Case(
        lived=lived,
        variants=variants,
        harm=measured,
        recovery=mended,
        times=times(lived, mended),
        do_nothing=harms.value(variants.do_nothing),
        reference=harms.value(variants.reference),
        without=without,
        acts=acts,
        own_harm=sum(costs) if is_complete else None,
    )


def _judge(case: Case) -> Judged:
    judged: Judged = []
    for name in kinds.names("criteria"):
        criterion = cast("type[Criterion]", kinds.load("criteria", name))()
        finding = criterion.judge(case)
        if finding is not None:
            judged.append((criterion, finding))
    order = list(WEIGHTS)
    return sorted(judged, key=lambda pair: (order.index(pair[0].category), pair[0].kind_name))


def _part(judged: Judged, category: Category) -> float:
    shares = [finding.share for criterion, finding in judged if criterion.category == category]
    # Where nothing of a category was asked of the responder, nothing was missed.
    return sum(shares) / len(shares) if shares else 1.0


def _why_no_score(case: Case) -> str:
    if case.is_twin:
        return ""
    spared = case.do_nothing - case.reference
    if case.do_nothing > 0 and spared >= GRADABLE_SHARE * case.do_nothing:
        return ""
    return (
        f"no response could have made enough of a difference to be graded: left alone, "
        f"{case.do_nothing:,.0f} requests go bad; with the reference response {case.reference:,.0f}"
    )


def _gate(case: Case) -> tuple[int, tuple[str, ...]]:
    if case.is_twin:
        declared = any(True for _ in since_strike(case.lived, "declared"))
        needless = bool(case.acts) or declared
        return (NEEDLESS, ("needless_response",)) if needless else (100, ())
    met = {
        "not_recovered": (not case.recovery.is_recovered, NOT_RECOVERED),
        "relapse": (case.recovery.relapsed_at is not None, RELAPSED),
    }
    gates = tuple(name for name, (applies, _) in met.items() if applies)
    return min((met[name][1] for name in gates), default=100), gates


GATE_WORDS = {
    "needless_response": (
        "there was nothing to mend",
        "no change and no incident in a healthy run",
    ),
    "not_recovered": (
        "users were still hurting at the horizon",
        "back inside the steady-state band",
    ),
    "relapse": ("users hurt again after the incident was closed", "closed once it stays recovered"),
}


def _lines(
    case: Case, judged: Judged, parts: dict[Category, float], gate: int, gates: tuple[str, ...]
) -> tuple[Line, ...]:
    lines = [_line(criterion, finding, judged) for criterion, finding in judged]
    for category, weight in WEIGHTS.items():
        if all(line.category != category for line in lines):
            points = 100 * weight
            text = "nothing of this was called for"
            lines.append(Line(category, category, "pass", text, points, points, (), text))
    points = 100 * sum(WEIGHTS[category] * parts[category] for category in WEIGHTS)
    if gates:
        cut = min(0.0, gate - points)
        text = "; ".join(GATE_WORDS[name][0] for name in gates)
        good = "; ".join(GATE_WORDS[name][1] for name in gates)
        rule = f"at most {gate}: {text}"
        lines.append(Line("+".join(gates), "gate", "fail", rule, cut, 0.0, (), good))
    if case.lived.header.hints:
        asked = tuple(e.seq for e in case.lived.entries if e.kind == "hinted")
        left = min(float(gate), points)
        cost = -min(left, float(HINT_COST * case.lived.header.hints))
        text = f"{case.lived.header.hints} hints, {HINT_COST} points each"
        lines.append(Line("hints", "hints", "partial", text, cost, 0.0, asked, "no hint needed"))
    return tuple(lines)


def _line(criterion: Criterion, finding: Finding, judged: Judged) -> Line:
    sharers = sum(other.category == criterion.category for other, _ in judged)
    most = 100 * WEIGHTS[criterion.category] / sharers
    return Line(
        rule=criterion.kind_name,
        category=criterion.category,
        verdict=finding.verdict,
        text=finding.text,
        points=most * finding.share,
        points_max=most,
        evidence=finding.evidence,
        good=criterion.good,
    )


def _is_passed(case: Case, score: float | None) -> bool | None:
    marks = case.lived.header.pass_marks
    if not marks:
        return None
    wanted, within = marks.get("score_min"), marks.get("recovered_within_ns")
    is_met = not isinstance(wanted, int | float) or (score is not None and score >= wanted)
    if isinstance(within, int | float) and case.recovery.hurt_at is not None:
        mitigated = case.times.mitigate
        is_met = is_met and mitigated is not None and mitigated <= within
    return is_met
