"""A scenario that loads holds what its file says, and all texts it was made of."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.errors import InvalidInput, NotFound
from simulator.scenario import library
from simulator.scenario.reader import build, load
from simulator.units import MINUTE
from tests.scenario.small import FILES, SMALL, TEXT, source


def test_a_scenario_has_its_keys_its_files_and_its_name() -> None:
    scenario = load(SMALL)

    assert scenario.name == "small"
    assert scenario.title == "Slow answers on a Monday"
    assert (scenario.warm_up, scenario.lasts) == (10 * MINUTE, 45 * MINUTE)
    assert list(scenario.components) == ["gateway", "passages", "embed", "llm"]
    assert {name: type(c).__name__ for name, c in scenario.components.items()} == {
        "gateway": "Workers",
        "passages": "Cache",
        "embed": "Batch",
        "llm": "Llm",
    }
    assert [fault.at for fault in scenario.faults] == [20 * MINUTE]
    assert list(scenario.rules) == ["rules/small.rules.yaml"]
    assert [(policy.title, policy.component) for policy in scenario.policies] == [
        ("gateway", "gateway")
    ]
    assert scenario.runbook is not None
    assert scenario.pass_marks.score_min == 60
    assert [o.below for o in scenario.objectives] == [2_000_000_000, None]
    assert sorted(scenario.severities) == ["SEV-1", "SEV-2", "SEV-3"]
    assert scenario.source.folder == str(SMALL.parent)
    assert scenario.warnings == ()


def test_the_texts_alone_make_the_same_scenario() -> None:
    lived = load(SMALL)

    again = build(replace(lived.source, file="elsewhere.yaml", folder="/elsewhere"))

    assert again.model_dump() == lived.model_dump()
    assert again.digest == lived.digest


def test_the_digest_follows_every_text() -> None:
    digests = {
        source().digest,
        source(TEXT + "\n").digest,
        source(TEXT, ("faults[0].at=3m",)).digest,
        replace(source(), files={**FILES, "hpa/small.yaml": ""}).digest,
    }

    assert len(digests) == 4
    assert source(TEXT.replace("\n", "\r\n")).digest == source().digest
    assert all(len(digest) == len(hashlib.sha256().hexdigest()) for digest in digests)


def test_overrides_change_what_they_name_and_nothing_else() -> None:
    plain = load(SMALL)

    other = load(SMALL, ["faults[0].at=3m", 'edges["gateway -> llm"].timeout=5s', "tags[2]=x"])

    assert other.faults[0].at == 3 * MINUTE
    assert other.edges["gateway -> llm"].timeout == 5_000_000_000
    assert other.tags == [*plain.tags, "x"]
    assert other.components == plain.components


def test_names_are_found_in_order_of_the_search_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("here/scenarios", "shared"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "mine.drill.yaml").write_text(f"title: {folder}\ntags: [x, y]\n")
    (tmp_path / "shared" / "other.drill.yaml").write_text("title:\n  In two\n  lines\n")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("BROWNOUT_PATH", os.pathsep.join(["", str(tmp_path / "shared")]))

    found = {head.name: (head.title, head.tags) for head in library.heads()}

    assert found["mine"] == ("here/scenarios", ("x", "y"))
    assert found["other"] == ("In two lines", ())
    assert "tuesday-slow-answers" in found
    assert library.find("mine") == Path("scenarios/mine.drill.yaml")


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'tuesday-slow-answers'"):
        load("tuesday-slow-answer")


def test_a_path_that_is_not_there_is_an_invalid_input() -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.drill\.yaml:1:1: there is no such file"):
        load("nowhere.drill.yaml")


def test_a_file_that_is_no_text_says_where(tmp_path: Path) -> None:
    path = tmp_path / "x.drill.yaml"
    path.write_bytes(b"schema: 1\ntitle: \xff\n")

    with pytest.raises(InvalidInput, match=r"x\.drill\.yaml:2:8: this is not UTF-8 text"):
        load(path)
