"""Compares what a real Prometheus answers with what ours does."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.errors import QueryError
from simulator.instruments.promql.notes import Notes
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.scripts.model import Evaluation
from simulator.instruments.promql.values import Matrix, Scalar, String, Vector
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.store import SeriesStore
from tests.instruments.promql.real_store import RealStore

TOLERANCE = 1e-12
Points = list[tuple[int | None, float]]
Value = dict[Labels, Points] | str
# Which pair of many a message names depends on the order of a hash table there.
_PAIR = re.compile(r"match group .* on the|operation: .*?\];")


def differing(
    real: RealStore, store: SeriesStore, asked: Evaluation, *, names_go_last: bool = False
) -> str:
    """What differs between the real answer and ours; nothing when they agree."""
    if asked.is_range:
        theirs = real.range(asked.text, asked.start_ms, asked.end_ms, asked.step_ms)
    else:
        theirs = real.instant(asked.text, asked.start_ms)
    error, value, notes = _ours(store, asked, names_go_last=names_go_last)
    place = f"{asked.text} at {asked.start_ms}"
    their_error = theirs.error.removeprefix('invalid parameter "query": ')
    if error or their_error:
        same = _PAIR.sub("", error) == _PAIR.sub("", their_error)
        return "" if same else f"{place}: real {their_error!r}, ours {error!r}"
    wanted = real_value({"resultType": theirs.kind, "result": theirs.result})
    if not _alike(value, wanted):
        return f"{place}: real {wanted}, ours {value}"
    for shown, ours in ((theirs.warnings, notes.warnings), (theirs.infos, notes.infos)):
        if real_notes(shown) != set(ours):
            return f"{place}: real remarks {shown}, ours {ours}"
    return ""


def _ours(
    store: SeriesStore, asked: Evaluation, *, names_go_last: bool
) -> tuple[str, Value, Notes]:
    notes = Notes()
    try:
        plan = compile_query(asked.text, names_go_last=names_go_last)
        if asked.is_range:
            times = (asked.start_ms, asked.end_ms, asked.step_ms)
            rows = plan.range(store, *times, notes)
            return "", _points(rows), notes
        found = plan.instant(store, asked.start_ms, notes)
    except QueryError as error:
        return str(error), {}, notes
    if isinstance(found, Scalar):
        return "", {(): [(None, found.value)]}, notes
    if isinstance(found, String):
        return "", found.value, notes
    if isinstance(found, Vector):
        return "", {labels: [(asked.start_ms, v)] for labels, v in found.samples()}, notes
    return "", _points(found), notes


def _points(matrix: Matrix) -> Value:
    return {s.labels: list(zip(s.times_ms, s.values, strict=True)) for s in matrix}


def real_value(data: Mapping[str, Any]) -> Value:
    """A result of the query API as series of points; a scalar's only point has no time."""
    kind, result = data["resultType"], data["result"]
    if kind == "string":
        return str(result[1])
    if kind == "scalar":
        return {(): [(None, float(result[1]))]}
    found: dict[Labels, Points] = {}
    for each in result:
        points = each["values"] if "values" in each else [each["value"]]
        labels = tuple(sorted(each["metric"].items()))
        found[labels] = [(round(t * 1000), float(v)) for t, v in points]
    return found


def real_notes(shown: Sequence[str]) -> set[str]:
    """Annotations; the API gives them in any order."""
    return set(shown)


def _alike(ours: Value, theirs: Value) -> bool:
    if isinstance(ours, str) or isinstance(theirs, str):
        return ours == theirs
    return ours.keys() == theirs.keys() and all(
        len(points) == len(theirs[labels])
        and all(
            a[0] == b[0] and _close(a[1], b[1]) for a, b in zip(points, theirs[labels], strict=True)
        )
        for labels, points in ours.items()
    )


def _close(a: float, b: float) -> bool:
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if a == b:
        return math.copysign(1, a) == math.copysign(1, b)
    return math.isclose(a, b, rel_tol=TOLERANCE)
