import re
from dataclasses import replace
from pathlib import Path

import promql_parser as ast
import pytest

from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.reading import nodes, read
from simulator.instruments.promql.values import Vector
from tests.instruments.development_data import DATA
from tests.instruments.promql.promqltest import Case, almost, cases, failure

OWN = sorted(Path(__file__).parent.glob("data/*.test"))
UPSTREAM_FILES = sorted((DATA / "promqltest").glob("*.test"))
SKIPPED = {"operators.test": 72, "subquery.test": 2}
"""Evaluations of native histograms in each upstream file; everything else must pass."""


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_own_cases_hold(path: Path) -> None:
    failures = {f"{path.name}:{c.line} {c.text}": failure(c) for c in cases(path)}

    assert {name: text for name, text in failures.items() if text} == {}
    assert len(failures) > 40


@pytest.mark.skipif(not UPSTREAM_FILES, reason="Prometheus's own test files are not here")
@pytest.mark.parametrize("path", UPSTREAM_FILES, ids=lambda path: path.name)
def test_prometheus_own_float_cases_hold(path: Path) -> None:
    all_cases = list(cases(path))
    run = [case for case in all_cases if not case.skip_reason]

    failures = {f"{path.name}:{c.line} {c.text}": failure(c) for c in run}

    assert {name: text for name, text in failures.items() if text} == {}
    assert len(all_cases) - len(run) == SKIPPED.get(path.name, 0)


@pytest.mark.parametrize("path", [*OWN, *UPSTREAM_FILES], ids=lambda path: path.name)
def test_an_instant_is_the_middle_of_a_range(path: Path) -> None:
    for case in _instants(path):
        at = case.instants[0]
        plan = compile_query(case.text)
        expected = plan.instant(case.store, at)
        if not isinstance(expected, Vector):
            continue

        matrix = plan.range(case.store, at - 60_000, at + 60_000, 60_000)

        middle = {
            series.labels: dict(zip(series.times_ms, series.values, strict=True))[at]
            for series in matrix
            if at in series.times_ms
        }
        wanted = dict(expected.samples())
        assert middle.keys() == wanted.keys(), case.text
        assert all(almost(middle[labels], wanted[labels]) for labels in wanted), case.text


@pytest.mark.parametrize("path", [*OWN, *UPSTREAM_FILES], ids=lambda path: path.name)
def test_pinning_every_selector_to_the_instant_changes_nothing(path: Path) -> None:
    for case in _instants(path):
        pinned = _pinned(case)
        if pinned is None:
            continue

        moved = replace(case, text=pinned, instants=(10**9, 10**9, 1))

        assert failure(moved) == "", f"{path.name}:{case.line} {pinned}"


def _instants(path: Path) -> list[Case]:
    return [
        case
        for case in cases(path)
        if not case.is_range and case.mode != "fail" and not case.skip_reason
    ]


def _pinned(case: Case) -> str | None:
    """The query with `@` on its only plain selector, where that keeps its meaning."""
    tree = read(case.text)
    selectors = [node for node in nodes(tree) if isinstance(node, ast.VectorSelector)]
    depends_on_now = re.search(r"time\(|timestamp|predict|hour|\[[^\]]*:|offset|@", case.text)
    if len(selectors) != 1 or depends_on_now:
        return None
    found = re.search(r"\b[a-z_]+(?:_total|_bucket)(?:\{[^}]*\})?(?:\[\w+\])?", case.text)
    if found is None:
        return None
    return f"{case.text[: found.end()]} @ {case.instants[0] / 1000}{case.text[found.end() :]}"
