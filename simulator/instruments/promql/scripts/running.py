"""Runs test scripts, and says what differs."""

import math
import re
from collections.abc import Iterator, Sequence

from simulator.errors import InvalidInput, Mistake, QueryError, UsageError
from simulator.instruments.promql.database import Database
from simulator.instruments.promql.notes import Notes
from simulator.instruments.promql.plan import Plan, compile_query
from simulator.instruments.promql.scripts.model import (
    Clear,
    Evaluation,
    Expectation,
    Load,
    Script,
    Verdict,
)
from simulator.instruments.promql.syntax.parser import parse
from simulator.instruments.promql.syntax.signatures import NATIVE_ONLY
from simulator.instruments.promql.syntax.tree import Call, VectorSelector, nodes
from simulator.instruments.promql.values import Matrix, Scalar, String, Vector
from simulator.instruments.series.block import ABSENT
from simulator.instruments.series.labels import NAME, Labels, format_labels, go_float, labels_of
from simulator.instruments.series.matchers import match_all
from simulator.instruments.series.store import SeriesStore

TOLERANCE = 1e-6
_SMALLEST_NORMAL = 2.2250738585072014e-308
_GREATEST = 1.7976931348623157e308
_PLACE = re.compile(r" \(\d+:\d+\)$")
_NOT_ENABLED = ("is not enabled", "--enable-feature=promql-experimental-functions")
_NEWER = re.compile(
    r"\b(?:fill|fill_left|fill_right|first_over_time|ts_of_first_over_time|histogram_quantiles"
    r"|start|end|range|step)\s*\(|\b(?:anchored|smoothed)\b|</|>/|::"
)
"""Grammar and functions of later releases, all of them behind features there too."""
_Cells = list[float | None]
_Result = Vector | Scalar | String | Matrix


class Stage:
    """What a script has loaded so far."""

    def __init__(self) -> None:
        self.unusable: list[tuple[Labels, str]] = []
        self._database = Database()

    @property
    def store(self) -> SeriesStore:
        """The series loaded."""
        return self._database.store

    def load(self, load: Load) -> None:
        """Add series."""
        # As in the original, of a series written twice the last line counts.
        for series in {(each.labels, each.unusable): each for each in load.series}.values():
            if series.unusable:
                self.unusable.append((series.labels, series.unusable))
            if load.has_native:
                names = dict(series.labels)
                base = names.pop(NAME, "").removesuffix("_bucket")
                names.pop("le", "")
                labels = labels_of({**names, NAME: base})
                self.unusable.append((labels, "native histograms"))
            for place, value in enumerate(series.values):
                if value is not ABSENT:
                    at_s = place * load.interval_ms / 1000
                    self._database.append(dict(series.labels), at_s, value)


def run(script: Script, *, names_go_last: bool = False) -> Iterator[Verdict]:
    """Run every evaluation, in order; InvalidInput when a series is loaded twice."""
    stage = Stage()
    for command in script.commands:
        if isinstance(command, Clear):
            stage = Stage()
        elif isinstance(command, Load):
            try:
                stage.load(command)
            except UsageError as error:
                mistake = Mistake(script.file, command.line, 1, "bad-script", str(error))
                raise InvalidInput([mistake]) from error
        elif why := why_not(command, stage):
            yield Verdict(script.file, command, skipped=why)
        else:
            why = failure(command, stage.store, names_go_last=names_go_last)
            yield Verdict(script.file, command, why)


def why_not(evaluation: Evaluation, stage: Stage) -> str:
    """Why a float-only evaluator cannot run this, or nothing."""
    if evaluation.expects_native:
        return "expects native histograms"
    try:
        tree = parse(evaluation.text)
    except QueryError as error:
        return "" if evaluation.expects("fail") else _too_new(evaluation.text, str(error))
    for node in nodes(tree):
        if isinstance(node, Call) and node.name in NATIVE_ONLY:
            return f"{node.name}() is a function of native histograms"
        if isinstance(node, VectorSelector):
            for labels, why in stage.unusable:
                if match_all(node.matchers, labels):
                    return f"selects {why}"
    return ""


def _too_new(text: str, error: str) -> str:
    """What of a query is experimental, or newer than Prometheus 3.5; nothing when neither is."""
    if error.endswith(_NOT_ENABLED):
        return f"uses what is experimental: {error}"
    found = _NEWER.search(text)
    return f"uses what is newer than Prometheus 3.5: {found[0].rstrip('( ')}" if found else ""


def failure(evaluation: Evaluation, store: SeriesStore, *, names_go_last: bool = False) -> str:
    """What is wrong with an evaluation's result, or nothing."""
    notes = Notes()
    wanted = [each for each in evaluation.expectations if each.kind == "fail"]
    try:
        plan = compile_query(evaluation.text, names_go_last=names_go_last)
        result = _evaluated(evaluation, plan, store, notes)
    except QueryError as error:
        bad = [each for each in wanted if not _fits(each, str(error))]
        if wanted and not bad:
            return ""
        return f"it failed: {error}" + (f"\n  expected: {bad[0].text}" if bad else "")
    if wanted:
        return "it should have failed"
    return _remarks(evaluation, notes) or _difference(evaluation, result)


def _evaluated(evaluation: Evaluation, plan: Plan, store: SeriesStore, notes: Notes) -> _Result:
    if not evaluation.is_range:
        return plan.instant(store, evaluation.start_ms, notes)
    start, end, step = evaluation.start_ms, evaluation.end_ms, evaluation.step_ms
    return plan.range(store, start, end, step, notes)


def _remarks(evaluation: Evaluation, notes: Notes) -> str:
    """What is wrong with the warnings and infos."""
    for kind, found in (("warn", notes.warnings), ("info", notes.infos)):
        messages = [_PLACE.sub("", each) for each in found]
        wanted = [each for each in evaluation.expectations if each.kind == kind]
        if evaluation.expects(f"no_{kind}") and messages:
            return f"there should be no {kind}: {messages}"
        for each in wanted:
            if not any(_fits(each, message) for message in messages):
                return f"no {kind} is {each.text or 'there'!r}: {messages}"
        for message in messages if wanted else ():
            if not any(_fits(each, message) for each in wanted):
                return f"this {kind} is not expected: {message}"
    return ""


def _fits(expected: Expectation, message: str) -> bool:
    if expected.match == "regex":
        return re.search(expected.text, message) is not None
    return not expected.match or expected.text == message.strip()


def _difference(evaluation: Evaluation, result: _Result) -> str:
    if isinstance(result, String):
        text = next((e.text for e in evaluation.expectations if e.kind == "string"), None)
        return "" if result.value == text else f"found the text {result.value!r}"
    if isinstance(result, Scalar):
        wanted = evaluation.scalar
        same = wanted is not None and not evaluation.series and almost(result.value, wanted)
        return "" if same else f"expected: {wanted}\n  found:    {go_float(result.value)}"
    if evaluation.scalar is not None:
        return f"expected: {evaluation.scalar}\n  found no number"
    found, expected = _found(evaluation, result), _expected(evaluation)
    if not evaluation.expects("ordered"):
        found.sort(key=lambda row: row[0])
        expected.sort(key=lambda row: row[0])
    same = [labels for labels, _ in found] == [labels for labels, _ in expected] and all(
        len(a) == len(b) and all(map(_same_cell, a, b))
        for (_, a), (_, b) in zip(found, expected, strict=True)
    )
    return "" if same else f"expected: {_written(expected)}\n  found:    {_written(found)}"


def _found(evaluation: Evaluation, result: Vector | Matrix) -> list[tuple[Labels, _Cells]]:
    if isinstance(result, Vector):
        return [(labels, [value]) for labels, value in result.samples()]
    rows: list[tuple[Labels, _Cells]] = []
    steps = _steps(evaluation)
    for labels, times, values in result:
        held = dict(zip(times, values, strict=True))
        if not held.keys() <= set(steps):
            return [(labels, list(values)) for labels, _, values in result]
        rows.append((labels, [held.get(t_ms) for t_ms in steps]))
    return rows


def _expected(evaluation: Evaluation) -> list[tuple[Labels, _Cells]]:
    size = len(_steps(evaluation))
    rows: list[tuple[Labels, _Cells]] = []
    for labels, values in evaluation.series:
        cells: _Cells = [None if value is ABSENT else value for value in values]
        if not all(cell is None for cell in cells) or not evaluation.is_range:
            rows.append((labels, cells + [None] * (size - len(cells))))
    return rows


def _steps(evaluation: Evaluation) -> range:
    start, end, step = evaluation.start_ms, evaluation.end_ms, evaluation.step_ms
    if evaluation.window is not None:
        start, end, step = evaluation.window
    return range(start, end + 1, step)


def _same_cell(a: float | None, b: float | None) -> bool:
    return a is None if b is None else a is not None and almost(a, b)


def almost(a: float, b: float, tolerance: float = TOLERANCE) -> bool:
    """Prometheus's own comparison of results."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    if a == 0 or b == 0:
        return abs(a - b) < tolerance * _SMALLEST_NORMAL
    return abs(a - b) / min(abs(a) + abs(b), _GREATEST) < tolerance


def _written(rows: Sequence[tuple[Labels, _Cells]]) -> str:
    shown = [
        f"{format_labels(labels)} {' '.join('_' if v is None else go_float(v) for v in cells)}"
        for labels, cells in rows
    ]
    return "\n            ".join(shown) or "nothing"
