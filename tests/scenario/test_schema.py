"""The JSON Schemas in the package are those of this Brownout, and fit the files we ship."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from simulator.scenario import schema as module
from simulator.scenario.schema import schema
from simulator.scenario.yaml import read
from tests.scenario.small import SMALL, TEXT, changed

_PACKAGE = Path(module.__file__).parent
_ROOT = _PACKAGE.parent.parent
_FILES = [
    *[("scenario", path) for path in sorted(_ROOT.glob("scenarios/*.drill.yaml"))],
    *[("runbook", path) for path in sorted(_ROOT.glob("runbooks/*.yaml"))],
    *[("policy", path) for path in sorted(_ROOT.glob("scenarios/hpa/*.yaml"))],
    ("scenario", SMALL),
    ("runbook", SMALL.parent / "runbooks" / "small.yaml"),
    ("policy", SMALL.parent / "hpa" / "small.yaml"),
]


def _errors(what: str, text: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema(what))
    found = validator.iter_errors(read(text, "f").value)
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.mark.parametrize("what", ["scenario", "runbook", "policy"])
def test_the_schema_in_the_package_is_in_step(what: str) -> None:
    committed = json.loads((_PACKAGE / f"{what}.schema.json").read_text(encoding="utf-8"))

    assert committed == schema(what), f"python -m simulator schema {what} > simulator/scenario/..."


@pytest.mark.parametrize("what", ["scenario", "runbook", "policy"])
def test_the_schema_is_one(what: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(what))


@pytest.mark.parametrize(("what", "path"), _FILES, ids=lambda part: getattr(part, "name", part))
def test_our_files_fit_their_schema(what: str, path: Path) -> None:
    assert _errors(what, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("replicas: 3", "replcias: 3", "'replcias' was unexpected"),
        ("at: 20m", "at: 20", "20 is not of type 'string'"),
        ("kind: batch", "kind: bach", "'bach' is not one of ['batch'"),
        ("kind: load_spike, at: 20m", "kind: lod_spike, at: 20m", "'lod_spike' is not one of"),
        (", multiplier: 2.5", "", "'multiplier' is a required property"),
    ],
)
def test_an_editor_sees_what_we_see(old: str, new: str, expected: str) -> None:
    assert _errors("scenario", TEXT) == []

    found = _errors("scenario", changed((old, new)))

    assert any(expected in error for error in found), found


@pytest.mark.parametrize("what", ["scenario", "runbook", "policy"])
def test_no_branch_is_hidden_from_an_editor(what: str) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            assert "oneOf" not in node or not isinstance(node["oneOf"], list)
            assert "discriminator" not in node
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(schema(what))
