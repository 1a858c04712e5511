"""JSON Schema that editors handle well, for scenarios, runbooks and policies.

pydantic's own schema says `oneOf` with a discriminator, of which editors complete the first branch
only; here it becomes an `enum` of kinds and an `if/then` for each.
"""

from typing import Annotated, Any, Literal

from pydantic import TypeAdapter

from simulator.scenario.kind import OfKind
from simulator.scenario.model import ScenarioModel

What = Literal["scenario", "runbook", "policy"]
Json = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(what: str) -> Json:
    """Make the JSON Schema of a kind of file; the same, byte for byte, for the same Brownout."""
    raw = {"scenario": _scenario, "runbook": _runbook, "policy": _policy}[what]()
    return {"$schema": _DIALECT, **_for_editors(raw)}


def _scenario() -> Json:
    return ScenarioModel.model_json_schema(mode="validation")


def _runbook() -> Json:
    from simulator.response.runbook import Runbook  # noqa: PLC0415  knows every action

    return Runbook.model_json_schema(mode="validation")


def _policy() -> Json:
    from simulator.system.autoscaling.manifest import HpaManifest  # noqa: PLC0415  as above

    ours = TypeAdapter(Annotated[Any, OfKind("autoscalers")]).json_schema(mode="validation")
    theirs = HpaManifest.model_json_schema(mode="validation")
    definitions = {**ours.pop("$defs", {}), **theirs.pop("$defs", {}), "HpaManifest": theirs}
    name = "HorizontalPodAutoscaler"
    ours["properties"]["kind"]["enum"].append(name)
    ours["allOf"].append(
        {
            "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
            "then": {"$ref": "#/$defs/HpaManifest"},
        }
    )
    return {"title": "Brownout autoscaling policy", **ours, "$defs": definitions}


def _for_editors(node: Any) -> Any:
    if isinstance(node, list):
        return [_for_editors(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _for_editors(value) for key, value in node.items()}
    discriminator = node.pop("discriminator", None)
    if "oneOf" in node and discriminator:
        name, mapping = discriminator["propertyName"], discriminator.get("mapping", {})
        del node["oneOf"]
        node["type"] = "object"
        node["required"] = [name]
        node["properties"] = {name: {"enum": sorted(mapping)}}
        node["allOf"] = [
            {
                "if": {"properties": {name: {"const": value}}, "required": [name]},
                "then": {"$ref": reference},
            }
            for value, reference in sorted(mapping.items())
        ]
    elif "oneOf" in node:
        node["anyOf"] = node.pop("oneOf")
    return node
