"""Harm: weighted bad intents between the strike and the horizon, counted exactly.

An intent belongs to the bin it arrived in. The bin that holds the strike counts whole, in every
variant alike.
"""

import math

import numpy as np
from numpy.typing import NDArray

from simulator.debrief.grading.model import ClassHarm, Harm, ObjectiveHarm
from simulator.record.model import OUTCOMES, Header, Objective, Record
from simulator.units import MINUTE, MS

GOOD = OUTCOMES.index("good")
BUCKETS_PER_DECADE = 20


def window(header: Header) -> slice:
    """Bins from the one that holds the strike to the last that starts before the horizon."""
    return slice(header.strike_at_ns // header.bin_ns, -(-header.horizon_ns // header.bin_ns))


def bad(record: Record) -> NDArray[np.int64]:
    """Bad intents, [bin, class]."""
    counts: NDArray[np.int64] = record.outcomes.sum(axis=2) - record.outcomes[:, :, GOOD]
    return counts


def total(record: Record) -> NDArray[np.int64]:
    """All intents, [bin, class]."""
    counts: NDArray[np.int64] = record.outcomes.sum(axis=2)
    return counts


def value(record: Record) -> float:
    """Weighted bad intents inside the window."""
    by_class = bad(record)[window(record.header)].sum(axis=0)
    return math.fsum(w * int(n) for w, n in zip(record.header.weights, by_class, strict=True))


def measure(record: Record) -> Harm:
    """Everything users lost, by class, outcome and objective."""
    header = record.header
    inside = record.outcomes[window(header)].sum(axis=0)
    classes = tuple(
        ClassHarm(name, weight, {o: int(n) for o, n in zip(OUTCOMES, row, strict=True)})
        for name, weight, row in zip(header.classes, header.weights, inside, strict=True)
    )
    objectives = tuple(_objective(record, each) for each in header.objectives)
    over = np.zeros(_minutes(header), dtype=bool)
    for each in header.objectives:
        over |= minutes_over(record, each)
    return Harm(
        value=value(record),
        classes=classes,
        objectives=objectives,
        minutes_over=int(over.sum()),
        budget_spent=max((each.budget_spent for each in objectives), default=0.0),
        gpu_cost=header.gpu_cost,
    )


def missed(record: Record, objective: Objective) -> NDArray[np.int64]:
    """Intents that missed an objective, by bin.

    The first-token histogram has 20 buckets per decade, so its limit is the nearest bucket edge
    (at most 6 % off); an intent that never saw a first token missed it. End-to-end limits are
    judged by the outcomes: whatever is neither good nor wrong missed them.
    """
    column = record.header.classes.index(objective.request_class)
    counts = record.outcomes[:, column]
    if objective.of == "outcome":
        return bad(record)[:, column]
    if objective.of == "ttft" and objective.below_ns is not None:
        edge = max(0, round(BUCKETS_PER_DECADE * math.log10(objective.below_ns / MS)))
        in_time = record.ttft[:, column, :edge].sum(axis=1)
        return np.asarray(np.maximum(counts.sum(axis=1) - in_time, 0), dtype=np.int64)
    answered = counts[:, GOOD] + counts[:, OUTCOMES.index("wrong")]
    return np.asarray(counts.sum(axis=1) - answered, dtype=np.int64)


def minutes_over(record: Record, objective: Objective) -> NDArray[np.bool_]:
    """For each whole minute after the strike: did too large a share miss the objective."""
    column = record.header.classes.index(objective.request_class)
    span = window(record.header)
    misses = per_minute(record.header, missed(record, objective)[span])
    intents = per_minute(record.header, total(record)[span, column])
    over: NDArray[np.bool_] = misses > (1.0 - objective.share) * intents
    return over


def per_minute(header: Header, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum bins into minutes along the first axis; the last may be short."""
    step = bins_in(header, MINUTE)
    starts = np.arange(0, len(counts), step)
    return np.add.reduceat(counts, starts, axis=0) if len(counts) else counts


def bins_in(header: Header, span_ns: int) -> int:
    """How many bins a span takes, at least one."""
    return max(1, int(span_ns // header.bin_ns))


def _minutes(header: Header) -> int:
    span = window(header)
    return -(-int(span.stop - span.start) // bins_in(header, MINUTE))


def _objective(record: Record, objective: Objective) -> ObjectiveHarm:
    header, span = record.header, window(record.header)
    column = header.classes.index(objective.request_class)
    misses = int(missed(record, objective)[span].sum())
    intents = int(total(record)[span, column].sum())
    seen_ns = (span.stop - span.start) * header.bin_ns
    budget = (1.0 - objective.share) * intents * objective.window_ns / max(seen_ns, 1)
    return ObjectiveHarm(
        name=objective.name,
        request_class=objective.request_class,
        share=objective.share,
        bad=misses,
        total=intents,
        minutes_over=int(minutes_over(record, objective).sum()),
        budget_spent=misses / budget if budget > 0 else 0.0,
        budget_left=header.budgets.get(objective.name),
    )
