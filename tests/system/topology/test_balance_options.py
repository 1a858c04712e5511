"""Balancing as scenarios write it: a policy's name, or a policy with options; splits; weights."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from simulator.errors import InvalidInput
from simulator.plant.spec import EdgeSpec
from simulator.system.topology.compiler import compile_system
from simulator.system.topology.edge import Edge
from simulator.system.topology.exporters import ENVOY_S
from simulator.system.topology.weights import Weights
from tests.system.topology.worked import ASKDOCS, parts

CANARY = ASKDOCS.replace(
    "  provider: {",
    "  canary: {kind: llm, hardware: llama-3.1-8b/h100/tp1/bf16}\n  provider: {",
).replace("timeout: 20s, balance", "timeout: 20s, split: {to: canary, share: 5%}, balance")


PLAIN = EdgeSpec("a", "b", 300_000, backoff_ns=25_000_000, jitter="full", latency_bounds_s=ENVOY_S)


@pytest.mark.parametrize(
    ("balance", "expected"),
    [
        pytest.param(
            "random", replace(PLAIN, balance="random"),
            id="a name alone",
        ),
        pytest.param(
            {"policy": "least_loaded", "refresh": "5s", "same_zone_until": 1.5},
            replace(PLAIN, balance="least_loaded",
                     load_refresh_ns=5_000_000_000, near_until=1.5),
            id="old news, near by",
        ),
        pytest.param(
            "prefix_aware",
            replace(PLAIN, balance="prefix_aware",
                     load_bound=1.25),
            id="prefixes have a bound of their own",
        ),
    ],
)  # fmt: skip
def test_a_balance_says_what_the_plant_does(balance: object, expected: EdgeSpec) -> None:
    assert Edge.model_validate({"balance": balance}).edge_spec("a", "b") == expected


@pytest.mark.parametrize(
    ("balance", "message"),
    [
        ({"policy": "random", "refresh": "5s"}, "random compares no loads; leave refresh out"),
        ({"policy": "least_loaded", "refresh": "0"}, "refresh 0 is no age"),
        ({"policy": "random", "load_bound": 2}, "only consistent_hash and prefix_aware do"),
        ({"policy": "consistent_hash", "load_bound": 0.5}, "greater than or equal to 1"),
        ({"policy": "prefix_aware", "same_zone_until": 2}, "prefix_aware looks at no zones"),
        ("fastest", "Input should be 'round_robin'"),
    ],
)
def test_options_that_mean_nothing_are_refused(balance: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Edge.model_validate({"balance": balance})


def test_a_split_reaches_the_canary() -> None:
    spec = compile_system(parts(CANARY))

    pairs = {(edge.caller, edge.callee): edge for edge in spec.edges}
    split = pairs["gateway", "llm"]
    assert (split.split_to, split.split_share) == ("canary", 0.05)
    assert ("gateway", "canary") in pairs


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("cannary", "no component 'cannary' (did you mean 'canary'?)"),
        ("llm", "gateway -> llm cannot give a share to llm; write another component"),
    ],
)
def test_a_split_to_nowhere_is_a_mistake_at_its_place(to: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        compile_system(parts(CANARY.replace("{to: canary,", f"{{to: {to},")))

    (mistake,) = caught.value.mistakes
    assert mistake.file == "edges.gateway -> llm.split.to"
    assert message in mistake.message


@pytest.mark.parametrize(
    ("fields", "ordinal", "revision", "weight"),
    [
        ({}, 0, "1", 1.0),
        ({"replicas": [1, 0.5]}, 1, "1", 0.5),
        ({"replicas": [1, 0.5]}, 2, "1", 1.0),
        ({"replicas": [1, 0.5], "releases": {"2": 0.1}}, 1, "2", 0.05),
    ],
)
def test_weights_of_replicas_and_releases_multiply(
    fields: dict[str, Any], ordinal: int, revision: str, weight: float
) -> None:
    assert Weights.model_validate(fields).of(ordinal, revision) == weight
