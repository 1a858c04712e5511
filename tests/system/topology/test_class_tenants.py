"""Tenants and slow readers from YAML."""

from typing import Any

import pytest

from simulator.plant import client_spec as spec
from simulator.system.topology.checks import problems
from simulator.system.topology.request_class import RequestClass
from tests.system.topology.worked import ASKDOCS, parts


def client(**fields: Any) -> spec.Client | None:
    made = RequestClass.model_validate({"arrives_at": "gateway", **fields})
    return made.class_spec("chat").client


def test_tenants_are_said_in_the_plants_terms() -> None:
    quota = {"requests": "60/m", "tokens": "1000/s", "concurrency": 8}

    made = client(tenants={"count": 200, "zipf": 1.1, "quota": quota, "shown": 3})

    tenants = spec.Tenants(200, 1.1, 60.0, 60_000.0, 8, 3)
    assert made == spec.Client(tenants=tenants)


def test_no_more_tenants_are_shown_than_there_are() -> None:
    assert client(tenants={"count": 2}) == spec.Client(tenants=spec.Tenants(2, shown=2))


def test_a_reading_speed_is_a_time_per_token() -> None:
    assert client(client={"reads": "20/s"}) == spec.Client(reads_ns_per_token=50_000_000)


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        pytest.param(
            "arrives_at: gateway", "arrives_at: llm\n    client: {reads: 20/s}\n    weight: 1",
            ("classes", "chat", "client", "reads"), "no-stream", id="a stream nobody holds",
        ),
        pytest.param(
            "{call: llm, on_failure: [{call: provider}]}",
            "{loop: {times: 3, max: 100, steps: [{loop: {times: 3, max: 3, steps: [call: llm]}}]}}",
            ("components", "gateway", "handles", "chat"), "rounds", id="too many rounds",
        ),
        pytest.param(
            "{call: llm, on_failure: [{call: provider}]}", "{loop: {times: 3, steps: [call: lm]}}",
            ("components", "gateway", "handles", "chat", 2, "loop", "steps", 0, "call"),
            "unknown-target", id="a callee within a loop",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_at_its_place(
    old: str, new: str, path: tuple[str | int, ...], code: str
) -> None:
    text = ASKDOCS.replace("    client: {patience: 20s, retries: 1}\n", "").replace(old, new)

    found = problems(parts(text))

    assert [(each.path, each.code) for each in found if not each.is_warning] == [(path, code)]
