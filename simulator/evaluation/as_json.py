"""A comparison as one JSON document, down to every run."""

import json
import math
from collections.abc import Sequence

from simulator.evaluation.model import Comparison, Row
from simulator.evaluation.paired import Estimate
from simulator.evaluation.summary import Summary
from simulator.record.model import Json

SCHEMA_VERSION = 1


def as_json(comparison: Comparison, rows: Sequence[Row] | None = None) -> str:
    """Write a comparison, its rows in the order given; an interval one run cannot give is null."""
    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "version": comparison.version,
        "scenario": comparison.scenario,
        "title": comparison.title,
        "scenario_digest": comparison.scenario_digest,
        "twin": comparison.twin,
        "seeds": list(comparison.seeds),
        "currency": comparison.currency,
        "graded_hours_per_run": comparison.graded_hours,
        "baseline": comparison.baseline,
        "policies": [_row(row) for row in (comparison.rows if rows is None else rows)],
        "notes": list(comparison.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def _row(row: Row) -> Json:
    versus: Json = None
    if row.versus_cost is not None and row.versus_minutes is not None:
        versus = {
            "cost_per_hour": _difference(row.versus_cost),
            "minutes_over_per_hour": _difference(row.versus_minutes),
        }
    return {
        "name": row.name,
        "file": row.policy.file,
        "scales": list(row.policy.ceilings),
        "cost_per_hour": _estimate(row.cost_per_hour),
        "minutes_over_per_hour": _estimate(row.minutes_over_per_hour),
        "ttft_p99_s": None if row.ttft_p99_s is None else _estimate(row.ttft_p99_s),
        "bad_requests": _estimate(row.bad),
        "scale_events": _estimate(row.scale_events),
        "versus_baseline": versus,
        "on_front": row.is_on_front,
        "beaten_by": row.beaten_by,
        "patterns": list(row.patterns),
        "runs": [_run(run) for run in row.runs],
    }


def _run(run: Summary) -> Json:
    return {
        "seed": run.seed,
        "digest": run.digest,
        "cost": run.gpu_cost,
        "cost_per_hour": run.cost_per_hour,
        "minutes_over": run.minutes_over,
        "minutes_over_per_hour": run.minutes_over_per_hour,
        "ttft_p99_s": run.ttft_p99_s,
        "requests": run.requests,
        "bad_requests": run.bad,
        "scale_events": run.scale_events,
        "pods_unplaced": run.pods_unplaced,
    }


def _estimate(value: Estimate) -> dict[str, Json]:
    known = math.isfinite(value.half)
    return {
        "mean": value.mean,
        "low": value.low if known else None,
        "high": value.high if known else None,
    }


def _difference(value: Estimate) -> Json:
    return {**_estimate(value), "is_clear": not value.holds_zero}
