import json
import math
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.evaluation.as_json import as_json
from simulator.evaluation.comparison import rows
from simulator.evaluation.model import Row
from simulator.evaluation.output import sorted_rows, write
from simulator.evaluation.paired import Estimate
from simulator.evaluation.picture import (
    Axis,
    axis,
    label_text,
    labels,
    picture,
    round_step,
)
from simulator.evaluation.table import as_text, seeds_in_words
from simulator.evaluation.words import change, figure
from tests.evaluation.fakes import comparison, policy, row, run

POLICIES = [policy("static-4", is_fixed=True), policy("static-6", is_fixed=True), policy("bad")]
RUNS = [
    tuple(run(s, cost_per_hour=10.0, minutes_over=over) for s, over in ((1, 4), (2, 5))),
    tuple(run(s, cost_per_hour=15.0, minutes_over=1) for s in (1, 2)),
    tuple(run(s, cost_per_hour=20.0, minutes_over=12, ttft_p99_s=None) for s in (1, 2)),
]
SVG = "{http://www.w3.org/2000/svg}"
ESTIMATES = st.builds(Estimate, st.floats(0, 1000), st.floats(0, 50) | st.just(math.inf))


def test_table_says_in_words_what_its_marks_mean() -> None:
    text = as_text(comparison(rows(POLICIES, RUNS)))

    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[:6] == [
        "quiet-thursday · 2 seeds (1..2) · 30 min graded in each run",
        "every policy gets the same requests; ± is the 95 % interval of the mean",
        (
            "policy $/h min over objective/h p99 first token bad requests scale events "
            "vs static-4: $/h and min/h front"
        ),
        "static-4 10.00 ± 0.00 9.0 ± 12.7 1.00 s 45 0 baseline baseline ● front",
        "static-6 15.00 ± 0.00 2.0 ± 0.0 1.00 s 10 0 +5.00 ± 0.00 no clear difference ● front",
        "bad 20.00 ± 0.00 24.0 ± 0.0 none 120 0 +10.00 ± 0.00 +15.0 ± 12.7 loses to static-4",
    ]
    assert "bad loses to static-4 on both." in lines
    assert "\x1b" not in text


def test_json_holds_every_run_and_every_interval() -> None:
    document = json.loads(as_json(comparison(rows(POLICIES, RUNS))))

    assert document["schema_version"] == 1
    assert [each["name"] for each in document["policies"]] == ["static-4", "static-6", "bad"]
    second = document["policies"][1]
    assert [each["seed"] for each in second["runs"]] == [1, 2]
    assert second["versus_baseline"]["cost_per_hour"] == {
        "mean": 5.0, "low": 5.0, "high": 5.0, "is_clear": True,
    }  # fmt: skip
    assert second["versus_baseline"]["minutes_over_per_hour"]["is_clear"] is False
    assert [each["on_front"] for each in document["policies"]] == [True, True, False]


def test_one_seed_has_no_interval_anywhere() -> None:
    found = comparison(rows(POLICIES, [each[:1] for each in RUNS]), seeds=(1,))

    document = json.loads(as_json(found))
    assert document["policies"][0]["cost_per_hour"] == {"mean": 10.0, "low": None, "high": None}
    assert all(each["on_front"] for each in document["policies"])
    assert as_text(found).count("no clear difference") == 4
    assert ET.fromstring(picture(found)).findall(f"{SVG}rect[@class='bar']") == []  # noqa: S314  our own text


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("given", ["static-4", "static-6", "bad"]),
        ("cost", ["static-4", "static-6", "bad"]),
        ("minutes", ["static-6", "static-4", "bad"]),
        ("p99", ["static-4", "static-6", "bad"]),
        ("policy", ["bad", "static-4", "static-6"]),
    ],
)
def test_rows_are_sorted_by_a_figure(by: str, names: list[str]) -> None:
    found = sorted_rows(comparison(rows(POLICIES, RUNS)), by)

    assert [each.name for each in found] == names


def test_picture_is_xml_that_names_every_policy_and_follows_the_theme() -> None:
    rivals = [policy("a<b&c"), POLICIES[1], POLICIES[2]]

    text = picture(comparison(rows(rivals, RUNS)))

    root = ET.fromstring(text)  # noqa: S314  our own text
    said = [each.text for each in root.iter(f"{SVG}text") if each.get("class") == "label"]
    assert said == ["a<b&c (front)", "static-6 (front)", "bad"]
    assert len(root.findall(f"{SVG}circle")) == 3
    assert "prefers-color-scheme: dark" in text


@given(st.lists(st.tuples(ESTIMATES, ESTIMATES), min_size=1, max_size=16))
def test_labels_of_a_picture_never_overlap(points: list[tuple[Estimate, Estimate]]) -> None:
    shown: list[Row] = [
        row(f"policy-with-a-long-name-{n:02}", cost, over) for n, (cost, over) in enumerate(points)
    ]
    across = axis([cost for cost, _ in points], 76, 836)
    upwards = axis([over for _, over in points], 444, 84)

    boxes = [each.box for each in labels(shown, across, upwards)]

    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_long_names_are_shortened() -> None:
    flat = Estimate(1.0, 0.0)

    assert label_text(row("x" * 50, flat, flat, "y")) == "x" * 29 + "…"


@given(st.lists(ESTIMATES, min_size=1, max_size=8))
def test_an_axis_holds_every_mean(values: list[Estimate]) -> None:
    found = axis(values, 0.0, 100.0)

    assert all(found.low <= each.mean <= found.high for each in values)
    assert found.low >= 0.0
    assert 1 <= len(found.ticks) <= 7


def test_ticks_are_round() -> None:
    assert Axis(0.0, 10.0, 0.0, 100.0).ticks == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert [round_step(x) for x in (0.3, 1.0, 2.1, 7.0)] == [0.5, 1.0, 5.0, 10.0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "baseline"),
        (Estimate(5.9, 0.3), "+5.9 ± 0.3"),
        (Estimate(-3.3, 0.5), "−3.3 ± 0.5"),  # noqa: RUF001  a minus sign
        (Estimate(1.0, 2.0), "no clear difference"),
        (Estimate(1.0, math.inf), "no clear difference"),
    ],
)
def test_changes_in_words(value: Estimate | None, said: str) -> None:
    assert change(value, 1) == said


def test_figures_in_words() -> None:
    assert figure(Estimate(1234.5, 0.25), 2) == "1,234.50 ± 0.25"
    assert figure(Estimate(3.0, math.inf), 1) == "3.0"


def test_seeds_in_words() -> None:
    assert [seeds_in_words(s) for s in ((1, 2, 3), (7,), (1, 3))] == ["1..3", "7", "1,3"]


def test_every_form_is_written_into_a_folder(tmp_path: Path) -> None:
    found = comparison(rows(POLICIES, RUNS))

    write(found, found.rows, tmp_path / "out")

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["comparison.json", "comparison.svg", "comparison.txt"]
