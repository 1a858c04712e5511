"""Test scripts of our own, and Prometheus's, and both on a real Prometheus."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.reading import read
from simulator.instruments.promql.scripts.model import Clear, Evaluation, Load, Script
from simulator.instruments.promql.scripts.reading import read_script
from simulator.instruments.promql.scripts.running import Stage, almost, failure, run, why_not
from simulator.instruments.promql.syntax.tree import VectorSelector, nodes
from simulator.instruments.promql.values import Vector
from simulator.instruments.series.store import SeriesStore
from tests.instruments.development_data import DATA
from tests.instruments.handover.real_prometheus import missing
from tests.instruments.promql.answers import differing, real_notes, real_value
from tests.instruments.promql.real_store import real_store

OWN = sorted((Path(__file__).parents[1] / "data").glob("*.test"))
NAMES_LAST = sorted((Path(__file__).parents[1] / "data/late").glob("*.test"))
LATE = "--enable-feature=promql-delayed-name-removal"
UPSTREAM = sorted((DATA / "promqltest").glob("*.test"))
SKIPPED = {"operators.test": 72, "subquery.test": 2}
"""Evaluations of native histograms in each upstream file; everything else must pass."""
WHY_NOT = missing()


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def script(path: Path) -> Script:
    return read_script(path.read_text(), path.name)


def staged(path: Path) -> list[tuple[Evaluation, SeriesStore]]:
    """Every evaluation that needs no native histograms, with the store it runs on."""
    found, stage = [], Stage()
    for command in script(path).commands:
        if isinstance(command, Clear):
            stage = Stage()
        elif isinstance(command, Load):
            stage.load(command)
        elif not why_not(command, stage):
            found.append((command, stage.store))
    return found


@pytest.mark.parametrize("path", OWN, ids=named)
def test_own_cases_hold(path: Path) -> None:
    verdicts = list(run(script(path)))

    assert {v.evaluation.line: v.failure for v in verdicts if v.failure} == {}
    assert len(verdicts) > 20


@pytest.mark.parametrize("path", NAMES_LAST, ids=named)
def test_cases_hold_in_which_names_go_last(path: Path) -> None:
    verdicts = list(run(script(path), names_go_last=True))

    assert {v.evaluation.line: v.failure for v in verdicts if v.failure} == {}


@pytest.mark.skipif(not UPSTREAM, reason="Prometheus's own test files are not here")
@pytest.mark.parametrize("path", UPSTREAM, ids=named)
@pytest.mark.parametrize("late", [False, True], ids=["names go at once", "names go last"])
def test_prometheus_own_float_cases_hold(path: Path, late: bool) -> None:  # noqa: FBT001  a case
    verdicts = list(run(script(path), names_go_last=late))

    assert {v.evaluation.line: v.failure for v in verdicts if v.failure} == {}
    assert sum(bool(v.skipped) for v in verdicts) == SKIPPED.get(path.name, 0)


@pytest.mark.skipif(bool(WHY_NOT), reason=f"{len(OWN)} scripts not compared: {WHY_NOT}")
@pytest.mark.parametrize("path", [*OWN, *NAMES_LAST], ids=named)
def test_a_real_prometheus_says_the_same_of_own_cases(path: Path, tmp_path: Path) -> None:
    late = path in NAMES_LAST
    found: list[str] = []
    by_store: dict[int, tuple[SeriesStore, list[Evaluation]]] = {}
    for evaluation, store in staged(path):
        by_store.setdefault(id(store), (store, []))[1].append(evaluation)

    for number, (store, evaluations) in enumerate(by_store.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        with real_store(folder, *([LATE] if late else [])) as real:
            real.fill(store)
            answers = (differing(real, store, each, names_go_last=late) for each in evaluations)
            found += [text for text in answers if text]

    assert found == []


@pytest.mark.parametrize("path", [*OWN, *UPSTREAM], ids=named)
def test_an_instant_is_the_middle_of_a_range(path: Path) -> None:
    for evaluation, store in staged(path):
        if evaluation.is_range or evaluation.expects("fail"):
            continue
        at = evaluation.start_ms
        plan = compile_query(evaluation.text)
        expected = plan.instant(store, at)
        # The edges of a range are not those of an instant.
        if not isinstance(expected, Vector) or re.search(r"start\(\)|end\(\)", plan.text):
            continue

        matrix = plan.range(store, at - 60_000, at + 60_000, 60_000)

        middle = {
            series.labels: dict(zip(series.times_ms, series.values, strict=True))[at]
            for series in matrix
            if at in series.times_ms
        }
        wanted = dict(expected.samples())
        assert middle.keys() == wanted.keys(), evaluation.text
        assert all(almost(middle[labels], wanted[labels]) for labels in wanted), evaluation.text


@pytest.mark.parametrize("path", [*OWN, *UPSTREAM], ids=named)
def test_pinning_every_selector_to_the_instant_changes_nothing(path: Path) -> None:
    for evaluation, store in staged(path):
        pinned = _pinned(evaluation)
        if pinned is None:
            continue

        moved = replace(evaluation, text=pinned, start_ms=10**9, end_ms=10**9)

        assert failure(moved, store) == "", f"{path.name}:{evaluation.line} {pinned}"


def _pinned(evaluation: Evaluation) -> str | None:
    """The query with `@` on its selectors, where that keeps its meaning."""
    text = evaluation.text
    depends_on_now = re.search(r"time\(|timestamp|predict|hour|\[[^\]]*:|offset|@|()\(\)", text)
    if evaluation.is_range or evaluation.expects("fail", "warn", "info") or depends_on_now:
        return None
    found = [node for node in nodes(read(text)) if isinstance(node, VectorSelector)]
    for node in sorted(found, key=lambda node: -node.end):
        end = node.end
        if text[end : end + 1] == "[":
            end = text.index("]", end) + 1
        text = f"{text[:end]} @ {evaluation.start_ms / 1000}{text[end:]}"
    return text if found else None


def test_what_is_compared_is_what_the_server_says() -> None:
    assert real_value({"resultType": "scalar", "result": [0, "+Inf"]}) == {
        (): [(None, float("inf"))]
    }
    assert real_notes(("PromQL warning: x (1:3)",)) == {"PromQL warning: x (1:3)"}
