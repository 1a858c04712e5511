"""Comparisons that are really run, on a scenario of a few minutes."""

import json
from pathlib import Path

import pytest

from simulator.drill.run import run
from simulator.evaluation import compare
from simulator.evaluation.as_json import as_json
from simulator.interfaces.cli.main import run as brownout
from simulator.scenario.reader import load

DATA = Path(__file__).parent / "data"
TINY, POLICIES = str(DATA / "tiny.drill.yaml"), str(DATA / "policies")


def test_more_replicas_cost_more_and_hurt_less() -> None:
    found = compare(TINY, [POLICIES], range(1, 4))

    one, three = found.rows
    assert (one.name, three.name) == ("one", "three")
    assert one.cost_per_hour.mean == pytest.approx(2.0)
    assert three.cost_per_hour.mean == pytest.approx(6.0)
    assert three.minutes_over_per_hour.mean == 0.0 < one.minutes_over_per_hour.low
    assert three.versus_minutes is not None
    assert three.versus_minutes.high < 0.0
    assert one.is_on_front
    assert three.is_on_front


def test_output_is_the_same_however_many_processes() -> None:
    alone, together = (compare(TINY, [POLICIES], [3, 1, 2], jobs) for jobs in (1, 2))

    assert as_json(alone) == as_json(together)


def test_a_seed_is_the_run_of_that_seed() -> None:
    lived = run(load(TINY), seed=7)

    found = compare(TINY, [f"{POLICIES}/one.yaml"], [7])

    assert [each.digest for each in found.rows[0].runs] == [lived.digest]


def test_policies_get_the_same_requests() -> None:
    found = compare(TINY, [POLICIES], [5])

    assert len({each.runs[0].requests for each in found.rows}) == 1


def test_pods_without_nodes_are_explained(tmp_path: Path) -> None:
    five = tmp_path / "five.yaml"
    five.write_text("{kind: static, target: api, replicas: 5}")

    found = compare(TINY, [five], [1])

    assert found.rows[0].patterns == ("pods found no node to run on in 1 of 1 runs",)
    assert any("--set nodes.POOL.count=N" in note for note in found.notes)


def test_healthy_twin_hurts_nobody() -> None:
    found = compare(TINY, [f"{POLICIES}/three.yaml"], [1, 2], twin="healthy")

    assert found.twin == "healthy"
    assert found.rows[0].bad.mean == 0.0


def test_command_prints_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    code = brownout(["compare", TINY, POLICIES, "--seeds", "1..2", "--format", "json"])

    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert code == 0
    assert document["baseline"] == "one"
    assert document["seeds"] == [1, 2]


def test_command_sorts_and_writes_every_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--seeds", "1", "--sort", "minutes", "--out", str(tmp_path)]

    code = brownout(["compare", TINY, POLICIES, *arguments])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines[3:5]] == ["three", "one"]
    assert (tmp_path / "comparison.txt").read_text().splitlines() == lines
    assert (tmp_path / "comparison.svg").read_text().startswith("<svg ")


def test_command_refuses_a_policy_with_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("{kind: static, target: nobody, replicas: 1}")

    code = brownout(["compare", TINY, str(file)])

    captured = capsys.readouterr()
    assert (code, captured.out) == (3, "")
    assert f"{file}:1:24: no component 'nobody'" in captured.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", TINY], "Missing argument"),
        (["compare", TINY, POLICIES, "--seeds", "9..1"], "counts backwards"),
        (["compare", TINY, POLICIES, f"{POLICIES}/one.yaml"], "named twice"),
        (["compare", "tiny-drll", POLICIES], "no scenario 'tiny-drll'"),
    ],
)
def test_wrong_usage_is_exit_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = brownout(arguments)

    assert code == 2
    assert said in capsys.readouterr().err
