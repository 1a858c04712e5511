"""Runs Prometheus's promqltest files: loads series, evaluates, and compares with what is written.

Only float samples are understood; evaluations that need native histograms are reported as skipped.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import promql_parser as ast

from simulator.errors import QueryError
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.reading import matchers_of, nodes, read
from simulator.instruments.promql.values import Matrix, Scalar, String, Vector
from simulator.instruments.series.block import ABSENT, STALE
from simulator.instruments.series.labels import NAME, Labels, labels_of, value_of
from simulator.instruments.series.matchers import match_all
from simulator.instruments.series.store import SeriesStore

_EVAL = re.compile(
    r"eval(?:_(?P<mode>fail|warn|ordered|info))?\s+"
    r"(?:instant\s+at\s+(?P<at>\S+)"
    r"|range\s+from\s+(?P<start>\S+)\s+to\s+(?P<end>\S+)\s+step\s+(?P<step>\S+))"
    r"\s+(?P<expr>.*)"
)
_LOAD = re.compile(r"load(?P<nhcb>_with_nhcb)?\s+(?P<interval>\S+)")
_LABEL = re.compile(r'\s*([\w.]+|"[^"]*")\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*')
_RUN = re.compile(r"(?P<first>[^x_]+?)(?:(?P<sign>[+-])(?P<step>[\d.eE]+))?x(?P<count>\d+)")
_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True)
class Case:
    """One `eval` with the store it runs on."""

    line: int
    text: str
    mode: str
    instants: tuple[int, int, int]
    is_range: bool
    expected: tuple[str, ...]
    store: SeriesStore
    histograms: tuple[Labels, ...] = ()

    @property
    def skip_reason(self) -> str:
        """Why a float-only evaluator cannot run this, or nothing."""
        if any("{{" in line for line in self.expected):
            return "expects native histograms"
        selectors = [n for n in nodes(read(self.text)) if isinstance(n, ast.VectorSelector)]
        for selector in selectors:
            if any(match_all(matchers_of(selector), labels) for labels in self.histograms):
                return "selects native histograms"
        return ""


@dataclass
class _Loading:
    store: SeriesStore = field(default_factory=SeriesStore)
    histograms: list[Labels] = field(default_factory=list)


def cases(path: Path) -> Iterator[Case]:
    """Every evaluation of a file, in order."""
    loading = _Loading()
    for first, block in _blocks(path.read_text()):
        head = block[0]
        if head == "clear":
            loading = _Loading()
        elif match := _LOAD.match(head):
            _load(loading, match, block[1:])
        elif match := _EVAL.match(head):
            yield _case(first, match, block[1:], loading)
        else:
            raise ValueError(f"{path.name}:{first}: {head!r}")


def failure(case: Case) -> str:
    """What is wrong with a case's result, or nothing."""
    start, end, step = case.instants
    is_failing = case.mode == "fail" or any(x.startswith("expect fail") for x in case.expected)
    try:
        plan = compile_query(case.text)
        result = (
            plan.range(case.store, start, end, step)
            if case.is_range
            else plan.instant(case.store, start)
        )
    except QueryError as error:
        return "" if is_failing else f"failed: {error}"
    if is_failing:
        return "should have failed"
    wanted = [x for x in case.expected if not x.startswith("expect")]
    return _difference(case, result, wanted)


def _difference(case: Case, result: Vector | Scalar | String | Matrix, wanted: list[str]) -> str:
    if isinstance(result, Scalar):
        same = len(wanted) == 1 and almost(result.value, float(wanted[0]))
        return "" if same else f"got {result.value}, want {wanted}"
    if isinstance(result, String):
        return "" if wanted == [f'expect string "{result.value}"'] else f"got {result}"
    steps = range(case.instants[0], case.instants[1] + 1, case.instants[2])
    found: list[tuple[Labels, list[float | None]]] = []
    if isinstance(result, Vector):
        found = [(labels, [value]) for labels, value in result.samples()]
    else:
        for labels, times, values in result:
            held = dict(zip(times, values, strict=True))
            found.append((labels, [held.get(t) for t in steps]))
    expected = [_series(line, len(steps)) for line in wanted]
    if case.mode != "ordered":
        found.sort(key=lambda pair: pair[0])
        expected.sort(key=lambda pair: pair[0])
    same = [a[0] for a in found] == [b[0] for b in expected] and all(
        _same_cell(x, y)
        for (_, a), (_, b) in zip(found, expected, strict=True)
        for x, y in zip(a, b, strict=True)
    )
    return "" if same else f"\n  got  {found}\n  want {expected}"


def _same_cell(a: float | None, b: float | None) -> bool:
    return a is None if b is None else a is not None and almost(a, b)


def almost(a: float, b: float, tolerance: float = 1e-6) -> bool:
    """Prometheus's own comparison of results."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    if a == 0 or b == 0:
        return abs(a - b) < tolerance * 2.2250738585072014e-308
    return abs(a - b) / min(abs(a) + abs(b), 1.7976931348623157e308) < tolerance


def duration_ms(text: str) -> int:
    """`1h30m`, `15s`, or a bare number of seconds."""
    if re.fullmatch(r"[\d.]+", text):
        return round(float(text) * 1000)
    parts = re.findall(r"(\d+)(ms|s|m|h|d)", text)
    return sum(int(number) * _UNITS_MS[unit] for number, unit in parts)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    block: list[str] = []
    for number, raw in enumerate([*text.splitlines(), ""], start=1):
        line = raw.strip()
        if line and not line.startswith("#"):
            starts = line.startswith(("eval", "load ", "load_with_nhcb ", "clear"))
            if starts and block:
                yield number - len(block), block
                block = []
            block.append(line)
        elif not line and block:
            yield number - len(block), block
            block = []


def _case(line: int, match: re.Match[str], expected: list[str], loading: _Loading) -> Case:
    if match["at"]:
        at = duration_ms(match["at"])
        instants = (at, at, 1)
    else:
        instants = (
            duration_ms(match["start"]),
            duration_ms(match["end"]),
            duration_ms(match["step"]),
        )
    return Case(
        line,
        match["expr"],
        match["mode"] or "",
        instants,
        not match["at"],
        tuple(expected),
        loading.store,
        tuple(loading.histograms),
    )


def _load(loading: _Loading, match: re.Match[str], lines: list[str]) -> None:
    interval = duration_ms(match["interval"])
    for line in lines:
        labels, rest = _split(line)
        if match["nhcb"]:
            name = value_of(labels, NAME).removesuffix("_bucket")
            loading.histograms.append(labels_of({**dict(labels), NAME: name, "le": ""}))
        if "{{" in rest:
            loading.histograms.append(labels)
            continue
        for position, value in enumerate(_values(rest)):
            if value is not ABSENT:
                loading.store.append(labels, position * interval, value)


def _series(line: str, steps: int) -> tuple[Labels, list[float | None]]:
    labels, rest = _split(line)
    values: list[float | None] = [None if v is ABSENT else v for v in _values(rest)]
    return labels, values + [None] * (steps - len(values))


def _split(line: str) -> tuple[Labels, str]:
    head = re.match(r"[\w:]*", line)
    name, at = (head[0], head.end()) if head else ("", 0)
    pairs: dict[str, str] = {NAME: name}
    if line[at : at + 1] == "{":
        at += 1
        while (label := _LABEL.match(line, at)) is not None:
            pairs[label[1].strip('"')] = label[2]
            at = label.end()
        at = line.index("}", at) + 1
    return labels_of(pairs), line[at:].strip()


def _values(text: str) -> list[float]:
    values: list[float] = []
    for item in text.split():
        if item == "_":
            values.append(ABSENT)
        elif item.startswith("_x"):
            values += [ABSENT] * int(item[2:])
        elif item == "stale":
            values.append(STALE)
        elif run := _RUN.fullmatch(item):
            value = float(run["first"])
            step = float((run["sign"] or "+") + (run["step"] or "0"))
            values.append(value)
            for _ in range(int(run["count"])):
                value += step
                values.append(value)
        else:
            values.append(float(item))
    return values
