"""Counterfactual rows: what each other run of the same drill would have cost users."""

from simulator.debrief.grading import harm as harms
from simulator.debrief.grading.criteria._base import Case
from simulator.debrief.grading.model import Effect, Row
from simulator.debrief.grading.recovery import recovery
from simulator.record.model import Entry, Record

DECISIVE_SHARE = 0.01


def rows(case: Case) -> tuple[Row, ...]:
    """List the lived run, doing nothing, the reference, and the lived run without each act."""
    texts = {act.seq: act_text(act) for act in case.acts}
    listed = [
        _row(case, "as it was", case.lived, ()),
        _row(case, "nothing done", case.variants.do_nothing, ()),
        _row(case, "reference response", case.variants.reference, ()),
    ]
    for seq, run in sorted(case.variants.without.items()):
        listed.append(_row(case, f"without {texts.get(seq, f'entry {seq}')}", run, (seq,)))
    for pair, run in sorted(case.variants.pairs.items()):
        name = " and ".join(texts.get(seq, f"entry {seq}") for seq in pair)
        listed.append(_row(case, f"without {name}", run, pair))
    return tuple(listed)


def act_text(act: Entry) -> str:
    """Write an act as it was typed."""
    text = act.detail.get("text")
    return str(text) if text else f"{act.subject} {act.detail.get('target', '')}".strip()


def _row(case: Case, name: str, run: Record, left_out: tuple[int, ...]) -> Row:
    harm, mended = harms.measure(run), recovery(run, case.variants.reference)
    mitigated, strike = mended.mitigated_at, run.header.strike_at_ns
    return Row(
        name=name,
        left_out=left_out,
        harm=harm.value,
        difference=harm.value - case.harm.value,
        minutes_over=harm.minutes_over,
        mitigated_after=None if mitigated is None else mitigated - strike,
        is_recovered=mended.is_recovered,
        effect=_effect(case, harm.value - case.harm.value, left_out),
    )


def _effect(case: Case, difference: float, left_out: tuple[int, ...]) -> Effect | None:
    if not left_out:
        return None
    noise = DECISIVE_SHARE * case.do_nothing
    if abs(difference) <= noise:
        return "made no difference"
    if difference < 0:
        return "hurt"
    alone = [case.without.get(seq, case.harm.value) - case.harm.value for seq in left_out]
    is_pair = len(left_out) > 1 and all(abs(each) <= noise for each in alone)
    return "either alone would have done" if is_pair else "helped"
