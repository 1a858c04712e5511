"""Summaries, policies and records of runs that never were, for comparing."""

from collections.abc import Sequence

import numpy as np

from simulator.evaluation.model import Comparison, Row
from simulator.evaluation.paired import Estimate, estimate
from simulator.evaluation.policies import Policy
from simulator.evaluation.summary import Decision, Summary
from simulator.record.model import Entry, Header, Objective, Record
from simulator.units import DAY, HOUR, MINUTE, SECOND

STRIKE, HORIZON = 10 * MINUTE, 40 * MINUTE
BIN = 10 * SECOND


def policy(name: str, *, is_fixed: bool = False) -> Policy:
    return Policy(name, f"{name}.yaml", "", is_fixed, {"llm": 6})


def run(
    seed: int = 1,
    *,
    cost_per_hour: float = 10.0,
    minutes_over: int = 0,
    first_over_at: int | None = None,
    decisions: Sequence[Decision] = (),
    pods_unplaced: int = 0,
    ttft_p99_s: float | None = 1.0,
) -> Summary:
    return Summary(
        seed=seed,
        digest=f"d{seed}",
        window_starts_at=STRIKE,
        horizon_at=HORIZON,
        gpu_cost=cost_per_hour * (HORIZON - STRIKE) / HOUR,
        minutes_over=minutes_over,
        first_over_at=first_over_at,
        requests=1000,
        bad=10 * minutes_over,
        ttft_p99_s=ttft_p99_s,
        decisions=tuple(decisions),
        pods_unplaced=pods_unplaced,
    )


def went(at: int, current: int, desired: int, ceiling: int | None = 6) -> Decision:
    return Decision(at * MINUTE, current, desired, ceiling)


def row(name: str, cost: Estimate, over: Estimate, beaten_by: str | None = None) -> Row:
    zero = estimate([0.0, 0.0])
    return Row(policy(name), (), cost, over, zero, zero, zero, None, None, beaten_by, ())


def comparison(rows: Sequence[Row], seeds: tuple[int, ...] = (1, 2)) -> Comparison:
    return Comparison(
        scenario="quiet-thursday",
        title="A quiet Thursday",
        scenario_digest="ab12",
        version="0.1.0",
        twin="fault",
        seeds=seeds,
        currency="$",
        graded_hours=0.5,
        rows=tuple(rows),
        notes=(),
    )


def record(
    *,
    bad_minutes: Sequence[int] = (),
    ttft_buckets: Sequence[int] = (),
    entries: Sequence[Entry] = (),
) -> Record:
    """Ten requests in each bin of one class; in a bad minute after the strike all of them fail."""
    bins = HORIZON // BIN
    outcomes = np.zeros((bins, 1, 6), dtype=np.int64)
    outcomes[:, 0, 5] = 10
    for minute in bad_minutes:
        start = (STRIKE + minute * MINUTE) // BIN
        outcomes[start : start + MINUTE // BIN, 0, 5] = 0
        outcomes[start : start + MINUTE // BIN, 0, 2] = 10
    ttft = np.zeros((bins, 1, 120), dtype=np.int64)
    for bucket in ttft_buckets:
        ttft[STRIKE // BIN, 0, bucket] += 1
    return Record(_header(), tuple(entries), outcomes, ttft, (), (), "digest")


def _header() -> Header:
    return Header(
        scenario="quiet-thursday",
        title="A quiet Thursday",
        brief="",
        scenario_digest="ab12",
        version="0.1.0",
        seed=7,
        twin="fault",
        responder="none",
        is_practice=False,
        hints=0,
        clock="2026-03-03T09:00:00Z",
        warm_up_ns=0,
        strike_at_ns=STRIKE,
        horizon_ns=HORIZON,
        ended_at_ns=HORIZON,
        classes=("chat",),
        weights=(1.0,),
        bin_ns=BIN,
        objectives=(Objective("answered", "chat", "outcome", None, 0.99, 30 * DAY),),
        severities={},
        causes=(),
        components=("llm",),
        calls=(),
        mechanisms={},
        pass_marks={},
        gpu_cost=5.0,
    )
