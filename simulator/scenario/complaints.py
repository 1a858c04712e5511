"""pydantic's complaints as located mistakes, in the words of someone who writes the file."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from simulator.errors import suggestion
from simulator.scenario.fields import fields_at
from simulator.scenario.labels import label
from simulator.scenario.yaml import Document, YamlPath

_TYPES = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_UNITS = (("duration", "duration"), ("needs a unit", "duration"), ("not a rate", "rate"),
          ("not a share", "share"), ("0% and 100%", "share"), ("a quantity", "quantity"),
          ("newer than this", "schema"), ("leaves the scenario", "path"),
          ("is not a name", "bad-name"))  # fmt: skip


_RANGES = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


@dataclass(frozen=True, slots=True)
class _Found:
    """One complaint with its path in the data, and the union branch it came from."""

    path: YamlPath
    branch: tuple[YamlPath, str] | None
    error: Mapping[str, Any]


def note(document: Document, model: type[BaseModel], error: ValidationError) -> None:
    """Add every complaint about a document's value to its mistakes."""
    placed = [_placed(e, document.value) for e in error.errors(include_url=False)]
    found = list(_one_branch_each(placed))
    misspelt = {
        (complaint.path[:-1], meant)
        for complaint in found
        if complaint.error["type"] == "extra_forbidden"
        for meant in [_meant(document, model, complaint.path)]
    }
    for complaint in found:
        is_missing = complaint.error["type"] == "missing"
        # A field whose misspelling is told is not told again as missing.
        if not (is_missing and (complaint.path[:-1], complaint.path[-1]) in misspelt):
            _note(document, model, complaint)


def _meant(document: Document, model: type[BaseModel], path: YamlPath) -> str:
    known = fields_at(model, document.value, path[:-1])
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    return near[0] if near else ""


def _placed(error: Mapping[str, Any], value: object) -> _Found:
    path: YamlPath = ()
    branch = None
    here = value
    is_missing = error["type"] == "missing"
    steps = list(error["loc"])
    for at, step in enumerate(steps):
        if is_missing and at == len(steps) - 1:
            path = (*path, step)
        elif isinstance(here, dict) and str(step) in here:
            here, path = here[str(step)], (*path, str(step))
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here, path = here[step], (*path, step)
        elif branch is None and step != "[key]":
            branch = (path, str(step))
    return _Found(path, branch, error)


def _one_branch_each(found: Sequence[_Found]) -> Iterable[_Found]:
    """Of each union, keep the complaints of the branch that was most likely meant."""
    branches: dict[YamlPath, dict[str, list[_Found]]] = {}
    for complaint in found:
        if complaint.branch is None:
            yield complaint
        else:
            path, name = complaint.branch
            branches.setdefault(path, {}).setdefault(name, []).append(complaint)
    for path, by_name in branches.items():
        yield from min(by_name.values(), key=lambda group: _distance(path, group))


def _distance(path: YamlPath, group: Sequence[_Found]) -> tuple[bool, bool, int]:
    """Order branches: those that got past the value itself first, then those that say most."""
    is_shallow = any(c.path == path and c.error["type"] in _TYPES for c in group)
    is_literal = any(c.error["type"] in ("literal_error", "none_required") for c in group)
    return (is_shallow, is_literal, len(group))


def _note(document: Document, model: type[BaseModel], complaint: _Found) -> None:
    error, path = complaint.error, complaint.path
    kind, value = error["type"], document.value
    if kind == "extra_forbidden":
        known = fields_at(model, value, path[:-1])
        message = f"unknown field {str(path[-1])!r}{suggestion(str(path[-1]), known)}"
        document.mistake(path, "unknown-field", message, at_key=True)
    elif kind == "missing":
        where = f" in {label(path[:-1])}" if path[:-1] else ""
        text = f"missing field {str(path[-1])!r}{where}"
        document.mistake(path[:-1], "missing-field", text, at_key=True)
    elif kind in ("missing_kind", "unknown_kind"):
        document.mistake(path, kind.replace("_", "-"), error["msg"], at_key=kind == "missing_kind")
    else:
        said, code = _said(error)
        at_key = error["loc"][-1:] == ("[key]",)
        document.mistake(path, code, f"{_prefix(path)}{said}", at_key=at_key)


def _prefix(path: YamlPath) -> str:
    return f"{label(path)}: " if path else ""


def _said(error: Mapping[str, Any]) -> tuple[str, str]:
    kind = error["type"]
    if kind in _TYPES:
        return f"should be {_TYPES[kind]}, not {_shown(error['input'])}", "wrong-type"
    if kind == "wrong_type":
        return f"{error['msg']}, not {_shown(error['input'])}", "wrong-type"
    if kind == "value_error":
        said = str(error.get("ctx", {}).get("error", error["msg"]))
        code = next((code for words, code in _UNITS if words in said), "invalid-value")
        return said, code
    if kind == "literal_error":
        known = error["ctx"]["expected"]
        near = suggestion(
            str(error["input"]), known.replace("'", "").replace(" or ", ", ").split(", ")
        )
        return f"should be {known}, not {_shown(error['input'])}{near}", "unknown-value"
    if kind in ("string_too_short", "too_short"):
        return "should not be empty", "empty-value"
    if kind == "string_pattern_mismatch":
        wanted = error["ctx"]["pattern"]
        return f"should look like {wanted}, not {_shown(error['input'])}", "pattern"
    said = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    if kind in _RANGES:
        return f"{said}, not {_shown(error['input'])}", "out-of-range"
    return f"{said}, not {_shown(error['input'])}", kind.replace("_", "-")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  fits a line
