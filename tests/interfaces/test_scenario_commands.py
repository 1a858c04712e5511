"""The commands about scenarios, as a person, an editor or a CI job calls them."""

import json
import re
from pathlib import Path

import pytest

from simulator.interfaces.cli.main import run
from tests.scenario.small import SMALL

_ROOT = Path(__file__).parent.parent.parent
_HEAVY = re.compile(r"\|\s+(numpy|numba|simpy|networkx|rich|jinja2)(\.|$)", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_list_as_json_has_a_version_and_no_cause(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--format", "json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert {"name", "title", "tags"} == {key for each in document["scenarios"] for key in each}
    assert "tuesday-slow-answers" in [each["name"] for each in document["scenarios"]]


def test_list_keeps_to_a_tag(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "a.drill.yaml").write_text("title: One\ntags: [only-here]\n")

    assert run(["list", "--tag", "only-here"]) == 0

    assert capsys.readouterr().out == "a  One  [only-here]\n"


def test_new_writes_a_scenario_without_a_mistake(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", "slow-monday"]) == 0
    assert run(["validate", "slow-monday"]) == 0
    assert run(["new", "slow-monday"]) == 2

    captured = capsys.readouterr()
    assert captured.out == "scenarios/slow-monday.drill.yaml\nslow-monday: valid\n"
    assert "is there already" in captured.err
    assert (folder / "scenarios" / "slow-monday.drill.yaml").is_file()


def test_validate_shows_each_mistake_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.drill.yaml").write_text("schema: 1\ntitel: x\n")

    code = run(["validate", "x.drill.yaml"])

    assert code == 3
    said = capsys.readouterr().out
    assert said.startswith(
        "x.drill.yaml:1:1: missing field 'brief' [missing-field]\n"
        "    1 | schema: 1\n"
        "      | ^^^^^^\n"
    )
    assert (
        "x.drill.yaml:2:1: unknown field 'titel' (did you mean 'title'?) [unknown-field]\n"
        "    2 | titel: x\n"
        "      | ^^^^^\n"
    ) in said
    assert said.endswith("6 errors.\n")


def test_validate_shows_twenty_and_counts_the_rest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.drill.yaml").write_text("".join(f"x{at}: 1\n" for at in range(40)))

    assert run(["validate", "x.drill.yaml"]) == 3

    said = capsys.readouterr().out
    assert said.count("x.drill.yaml:") == 20
    assert said.endswith("... and 27 more\n47 errors.\n")


def test_validate_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.drill.yaml").write_text("schema: 1\ntitel: x\n")

    assert run(["validate", "--format", "json", "x.drill.yaml"]) == 3

    document = json.loads(capsys.readouterr().out)
    assert (document["schema_version"], document["passed"], document["errors"]) == (1, False, 6)
    assert {
        "file": "x.drill.yaml",
        "line": 2,
        "col": 1,
        "code": "unknown-field",
        "severity": "error",
        "message": "unknown field 'titel' (did you mean 'title'?)",
        "suggestion": "title",
    } in document["mistakes"]


def test_validate_for_github(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.drill.yaml").write_text("a: b: c\n")

    assert run(["validate", "--format", "github", "x.drill.yaml"]) == 3

    assert capsys.readouterr().out == (
        "::error file=x.drill.yaml,line=1,col=5,title=syntax::a second ':' on this line; "
        "quote the text, or check the indentation\n"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules.yaml", "groups:\n- name: a\n  rules:\n  - {alert: A, expr: 'up =='}\n"),
        ("hpa.yaml", "kind: HorizontalPodAutoscaler\nspec: {}\n"),
        ("runbook.yaml", "schema: 1\nsteps:\n- akc: {}\n"),
        ("static.yaml", "kind: statc\n"),
    ],
)
def test_validate_knows_files_of_other_kinds(
    folder: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text)

    assert run(["validate", name]) == 3

    assert capsys.readouterr().out.startswith(f"{name}:")


def test_show_tells_the_brief_and_the_system_and_not_the_cause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["show", str(SMALL)]) == 0

    said = capsys.readouterr().out
    assert "Users write that answers crawl." in said
    assert (
        "users\n"
        "└─ gateway  workers x 3\n"
        "   ├─ passages  cache x 1\n"
        "   ├─ embed  batch x 2\n"
        "   └─ llm  llm x 4\n"
    ) in said
    for secret in ("load_spike", "load spike", "surge", "20m after", "1.14.2", "runbooks/"):
        assert secret not in said


@pytest.mark.parametrize(
    "path", sorted((_ROOT / "scenarios").glob("*.drill.yaml")), ids=lambda path: path.name
)
def test_show_names_no_fault_of_ours(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", str(path), "--facilitator"]) == 0
    known = capsys.readouterr().out
    assert run(["show", str(path)]) == 0
    public = capsys.readouterr().out

    hidden = known[len(public) :]
    kinds = re.findall(r"^  at \S+ +(\w+_\w+) ", hidden, re.MULTILINE)
    assert kinds
    for kind in kinds:
        assert kind not in public
        assert kind.replace("_", " ") not in public.lower()


def test_kinds_explains_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    from simulator import kinds  # noqa: PLC0415  only this test needs it

    for registry in kinds.FOLDERS:
        for name in kinds.names(registry):
            assert run(["kinds", registry, name]) == 0
            assert capsys.readouterr().out.startswith(f"{name}\n")


def test_schema_is_a_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0

    assert json.loads(capsys.readouterr().out)["title"] == "Brownout scenario"
