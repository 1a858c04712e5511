from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]  # stubs are optional
import pytest
from pydantic import ValidationError

from simulator.response.actions.limit import LimitTraffic
from simulator.response.looks import Query, Status
from simulator.response.runbook import ActStep, LookStep, Runbook, WhenStep

STEPS: list[dict[str, Any]] = [
    {"ack": {}},
    {"look": {"query": "max(vllm:kv_cache_usage_perc)"}},
    {"look": "status"},
    {"look": {"logs": {"component": "llm", "since": "5m"}}},
    {
        "when": "max(vllm:kv_cache_usage_perc) > 0.95",
        "then": [
            {"hypothesis": {"component": "llm", "mechanism": "kv_exhaustion", "confidence": 0.8}},
            {"act": {"limit": {"target": "class/chat", "prompt_tokens_max": 8000}}},
            {
                "until": {
                    "expr": "sum(vllm:num_requests_waiting) < 5",
                    "at_most": "10m",
                    "else": [{"act": {"scale": {"target": "llm", "replicas": 6}}}],
                }
            },
        ],
        "else": [{"stop": "not this incident"}],
    },
    {"act": {"shed": {"target": "class/chat", "share": "30%"}}},
    {"act": {"tune": {"target": "passages", "setting": "ttl", "value": "10m"}}},
    {"declare": "sev2"},
    {"update": "We limit long prompts."},
    {"note": {"text": "KV use was at 1.0"}},
    {"wait": "2m"},
    {"check": "sum(up) == 4"},
    {"check": {"expr": "sum(up) == 4", "else": [{"stop": "still down"}]}},
    {"resolve": {}},
]


def written(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    page = {"schema": 1, "title": "Out of memory", "on": {"alert": "Slow"}}
    return {**page, "steps": list(steps or STEPS), **changes}


def mistakes(document: dict[str, Any]) -> list[tuple[object, ...]]:
    with pytest.raises(ValidationError) as caught:
        Runbook.model_validate(document)
    return [
        tuple(part for part in error["loc"] if not str(part).endswith("-step"))
        for error in caught.value.errors()
    ]


def test_runbook_reads_as_typed_steps() -> None:
    runbook = Runbook.model_validate(written())

    assert runbook.on.alert == "Slow"
    look, branch = runbook.steps[1], runbook.steps[4]
    assert look == LookStep(look=Query(expr="max(vllm:kv_cache_usage_perc)"))
    assert runbook.steps[2] == LookStep(look=Status())
    assert isinstance(branch, WhenStep)
    assert branch.then[1] == ActStep(act=LimitTraffic(target="class/chat", prompt_tokens_max=8000))


def test_schema_for_editors_accepts_what_we_accept() -> None:
    schema = Runbook.model_json_schema()

    assert list(jsonschema.Draft202012Validator(schema).iter_errors(written())) == []


@pytest.mark.parametrize(
    ("document", "places"),
    [
        pytest.param(written({"looks": {}}), [("steps", 0)], id="no such step"),
        pytest.param(
            written({"act": {"scael": {"target": "llm"}}}),
            [("steps", 0, "act", "scael")],
            id="no such action",
        ),
        pytest.param(
            written({"act": {"scale": {"target": "llm", "replicsa": 3}}}),
            [("steps", 0, "act", "scale", "replicas"), ("steps", 0, "act", "scale", "replicsa")],
            id="a slip in a field",
        ),
        pytest.param(
            written({"act": {"scale": {"target": "a", "replicas": 1}, "flush": "b"}}),
            [("steps", 0, "act")],
            id="two actions in one step",
        ),
        pytest.param(
            written({"when": "up == 0", "then": [{"wait": "2"}]}),
            [("steps", 0, "then", 0, "wait")],
            id="a span without unit in a branch",
        ),
        pytest.param(
            written({"when": "up == 0", "than": []}), [("steps", 0, "than")], id="an unknown branch"
        ),
        pytest.param(
            written({"check": "up == bool 0"}), [("steps", 0, "check", "expr")], id="bool"
        ),
        pytest.param(
            written({"hypothesis": {"component": "llm", "mechanism": "gremlins"}}),
            [("steps", 0, "hypothesis", "mechanism")],
            id="a word that is not public",
        ),
        pytest.param(written(on={"alert": "A", "page": "any"}), [("on",)], id="two occasions"),
        pytest.param(written(schema=2), [("schema",)], id="a newer format"),
        pytest.param(written(steps=[]), [("steps",)], id="no steps"),
    ],
)
def test_mistake_is_placed(document: dict[str, Any], places: list[tuple[object, ...]]) -> None:
    assert mistakes(document) == places
