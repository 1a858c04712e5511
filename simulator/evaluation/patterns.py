"""Habits of autoscalers worth a sentence: they explain the numbers and outlast the scenario.

Each is a plain fact counted over the runs of one policy, by a rule stated in its sentence.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from simulator.evaluation.summary import Decision, Summary
from simulator.units import MINUTE

REVERSAL_WITHIN_NS = 10 * MINUTE
REVERSALS_MIN = 3
LATE_BY_NS = 2 * MINUTE
TIME_TO_COME_DOWN_NS = 10 * MINUTE


def patterns(runs: Sequence[Summary], *, is_fixed: bool) -> tuple[str, ...]:
    """Say what stands out in a policy's runs; `is_fixed` policies decide nothing by design."""
    found = [_unplaced(runs)]
    if not is_fixed:
        found += [_oscillates(runs), _is_late(runs), _never_comes_down(runs)]
    return tuple(text for text in found if text)


def reversals(decisions: Sequence[Decision]) -> int:
    """Count changes of direction that follow the change before within ten minutes."""
    steps = [decision for decision in decisions if decision.step]
    return sum(a.step != b.step and b.at - a.at <= REVERSAL_WITHIN_NS for a, b in pairwise(steps))


def reaction_ns(run: Summary) -> int | None:
    """How long users hurt before more replicas were asked for; None if that never happened.

    Zero for a policy that was ahead: it went up in the window before the first bad minute, or
    already asked for all it may.
    """
    if run.first_over_at is None or _is_at_ceiling(run, run.first_over_at):
        return 0
    ups = [d.at for d in run.decisions if d.step > 0 and d.at >= run.window_starts_at]
    return max(0, ups[0] - run.first_over_at) if ups else None


def _is_at_ceiling(run: Summary, at: int) -> bool:
    known = [d for d in run.decisions if d.at <= at]
    return bool(known) and known[-1].ceiling is not None and known[-1].desired >= known[-1].ceiling


def _unplaced(runs: Sequence[Summary]) -> str:
    hit = [run for run in runs if run.pods_unplaced]
    if not hit:
        return ""
    return f"pods found no node to run on in {_of(hit, runs)}"


def _oscillates(runs: Sequence[Summary]) -> str:
    hit = [run for run in runs if reversals(run.decisions) >= REVERSALS_MIN]
    if 2 * len(hit) <= len(runs):
        return ""
    return (
        f"oscillates: {REVERSALS_MIN} or more changes of direction, each within "
        f"{_minutes(REVERSAL_WITHIN_NS)} of the last, in {_of(hit, runs)}"
    )


def _is_late(runs: Sequence[Summary]) -> str:
    hurt = [run for run in runs if run.first_over_at is not None]
    delays = [reaction_ns(run) for run in hurt]
    never = sum(delay is None for delay in delays)
    if 2 * never > len(hurt):
        return f"does not react: objectives were missed and it asked for no more, {never} runs"
    late = [delay for delay in delays if delay is not None and delay >= LATE_BY_NS]
    if 2 * len(late) <= len(hurt):
        return ""
    waited = _minutes(int(median(late)))
    return f"reacts late: users hurt for {waited} (median) before it asked for more"


def _never_comes_down(runs: Sequence[Summary]) -> str:
    if any(decision.step < 0 for run in runs for decision in run.decisions):
        return ""
    left = [
        run.horizon_at - max(d.at for d in run.decisions if d.step > 0)
        for run in runs
        if any(d.step > 0 for d in run.decisions)
    ]
    if not left or median(left) < TIME_TO_COME_DOWN_NS:
        return ""
    return f"never scales down: {_minutes(int(median(left)))} (median) were left after it went up"


def _of(hit: Sequence[Summary], runs: Sequence[Summary]) -> str:
    return f"{len(hit)} of {len(runs)} runs"


def _minutes(span_ns: int) -> str:
    return f"{span_ns / MINUTE:.3g} min"
