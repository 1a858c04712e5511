"""Promises every kind keeps, and every file in scenarios/ and runbooks/: new ones are found."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from simulator import kinds
from simulator.faults._base import Fault
from simulator.response.runbook import Runbook
from simulator.scenario import yaml
from simulator.scenario.reader import load
from simulator.taxonomy import MECHANISMS, TRIGGERS

ROOT = Path(__file__).parent.parent
ALL_KINDS = [(registry, kind) for registry in kinds.FOLDERS for kind in kinds.names(registry)]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.drill.yaml"))
RUNBOOKS = sorted((ROOT / "runbooks").glob("*.yaml"))


@pytest.mark.parametrize(("registry", "kind"), ALL_KINDS)
def test_a_kind_is_found_under_its_files_name_and_documented(registry: str, kind: str) -> None:
    found = kinds.load(registry, kind)

    assert vars(found)["kind_name"] == kind
    assert found.__doc__


@pytest.mark.parametrize(("registry", "kind"), ALL_KINDS)
def test_every_field_of_a_kind_is_described_with_an_example(registry: str, kind: str) -> None:
    found = kinds.load(registry, kind)
    if not issubclass(found, BaseModel):
        assert registry in {"responders", "criteria", "sections"}
        return

    plain = [
        name
        for name, field in found.model_fields.items()
        if name != "kind" and not (field.description and field.examples)
    ]

    assert plain == []


@pytest.mark.parametrize("kind", kinds.names("faults"))
def test_a_fault_can_be_diagnosed_in_words_of_the_public_list(kind: str) -> None:
    fault: type[Fault] = kinds.load("faults", kind)

    assert MECHANISMS[fault.mechanism] == fault.family
    assert fault.trigger in TRIGGERS


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_every_shipped_drill_loads_without_a_warning_and_can_be_won(path: Path) -> None:
    scenario = load(path)

    assert scenario.warnings == ()
    assert scenario.runbook is not None
    assert scenario.faults
    assert scenario.twins.noisy.innocent_changes
    assert scenario.pass_marks.score_min


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_no_public_word_of_a_drill_names_its_cause(path: Path) -> None:
    scenario = load(path)
    public = f"{scenario.name} {scenario.title} {scenario.brief}".lower()

    for fault in scenario.faults:
        for word in (fault.kind, fault.mechanism):
            assert word not in public
            assert word.replace("_", " ") not in public


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.name)
def test_every_shipped_runbook_reads(path: Path) -> None:
    document = yaml.read(path.read_text(encoding="utf-8"), path.name)

    runbook = Runbook.model_validate(document.value)

    assert runbook.steps
