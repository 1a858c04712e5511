import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from simulator import kinds
from simulator.plant import hardware
from simulator.plant.spec import Distribution, Llm, Work, Workers
from simulator.plant.spec_parts import Shedding
from simulator.system.topology.components._base import Component
from simulator.system.topology.request_class import RequestClass
from simulator.units import MS, SECOND
from tests.system.topology.worked import component

SMALL: dict[str, dict[str, Any]] = {
    "workers": {"workers": 2, "service": "1ms", "by_priority": True},
    "cpu": {"cores": 2, "service": "1ms", "threads_max": 9, "by_priority": True},
    "cache": {"keys_max": 10, "ttl": "1m"},
    "semantic_cache": {"keys_max": 10},
    "batch": {"batch_max": 8, "service": {"base": "6ms"}},
    "embedding": {},
    "rerank": {},
    "guardrail": {},
    "relational": {},
    "queue": {},
    "object_store": {},
    "vector_index": {"vectors": 1000, "dimensions": 128},
    "llm": {"hardware": "llama-3.1-8b/h100/tp1/bf16"},
    "external": {"latency": {"ttft": "400ms"}},
}
"""The least that each kind needs, and what its options need."""
_OURS = {"replicas", "requests", "release", "start", "weights", "limits"}

A_MODEL = "llama-3.1-70b/h100/tp4/bf16"


@pytest.mark.parametrize("kind", kinds.names("components"))
def test_every_kind_makes_do_with_little_and_says_what_its_fields_are(kind: str) -> None:
    of = component({"kind": kind, **SMALL[kind]})

    pool = of.pool_spec("it")

    assert (of.kind, pool.name, pool.replicas) == (kind, "it", 1)
    for name, field in type(of).model_fields.items():
        assert name == "kind" or (field.description and field.examples), f"{kind}.{name}"
    assert type(of).__doc__ != Component.__doc__


@pytest.mark.parametrize("kind", kinds.names("components"))
def test_examples_of_fields_can_be_written(kind: str) -> None:
    model: type[Component] = kinds.load("components", kind)
    for name, field in model.model_fields.items():
        for example in field.examples or ():
            if kind == "external" and name in _OURS:
                continue
            if name in {"kind", "node_pool", "handles"}:
                continue
            component({"kind": kind, **SMALL[kind], name: example})


@pytest.mark.parametrize(
    ("fields", "loc", "message"),
    [
        pytest.param(
            {"kind": "workers", "workers": 2}, (),
            "nothing says what a call does: write service: 5ms, or handles: {CLASS: [...]}",
            id="workers without work",
        ),
        pytest.param(
            {"kind": "workers", "workers": 2, "service": "1ms", "requests": {"cpu": "1x"}},
            ("requests", "cpu"),
            "'1x' is not a quantity; write a number with an optional suffix, such as 500m",
            id="a quantity that is none",
        ),
        pytest.param(
            {"kind": "workers", "workers": 2, "service": "1ms", "release": {"revision": 1.14}},
            ("release", "revision"), "1.14 is not a text here; put it in quotes",
            id="a version that YAML reads as a number",
        ),
        pytest.param(
            {"kind": "workers", "workers": 2, "service": "1ms",
             "release": {"revision": "1", "model": "2"}},
            ("release",), "write revision or model, not both", id="two names for a release",
        ),
        pytest.param(
            {"kind": "workers", "workers": 2, "handles": {"Chat": [{"work": "1ms"}]}},
            ("handles", "Chat", "[key]"),
            "'Chat' is not a name; write lower-case letters, digits, - and _, starting with a "
            "letter, such as gateway",
            id="a class that is no name",
        ),
        pytest.param(
            {"kind": "cache", "keys_max": 1, "ttl": 10}, ("ttl",),
            "'10' needs a unit here: write 10s, 10m or 10h", id="a time without unit",
        ),
        pytest.param(
            {"kind": "batch", **SMALL["batch"], "handles": {"chat": [{"work": "1ms"}]}}, (),
            "batch components answer by themselves and take no handles; write the steps on the "
            "component that calls this one",
            id="steps where there can be none",
        ),
        pytest.param(
            {"kind": "llm", "hardware": A_MODEL, "requests": {"nvidia.com/gpu": 1}}, (),
            f"{A_MODEL} spans 4 GPUs; write requests: {{nvidia.com/gpu: 4}}", id="too few GPUs",
        ),
        pytest.param(
            {"kind": "external", **SMALL["external"], "quota": {"tokens": 400}},
            ("quota", "tokens"),
            "400 is not a rate; write a number per s, m, h or d, such as 40/s", id="no rate",
        ),
        pytest.param(
            {"kind": "external", **SMALL["external"], "replicas": 3, "release": {"quality": 0.9}},
            (), "a provider runs elsewhere: leave out replicas, release and write quality: 95%",
            id="pods of a provider",
        ),
        pytest.param(
            {
                "kind": "external", **SMALL["external"],
                "bill": {"price": {"input": 0, "output": 0}, "budget": 9},
            },
            ("bill",), "nothing is charged, so no budget is ever spent; write a price",
            id="a budget nothing is taken from",
        ),
        pytest.param(
            {"kind": "cache", "keys_max": 9, "limits": {"memory": {"max": "1Gi", "base": "1Gi"}}},
            ("limits", "memory"), "base is no less than max, so no process would ever start",
            id="a process that never starts",
        ),
        pytest.param(
            {"kind": "cache", "keys_max": 9, "limits": {"disk": {"max": "1Gi", "base": "2Gi"}}},
            ("limits", "disk"), "base is no less than max, so the volume is full from the start",
            id="a volume that is full",
        ),
        pytest.param(
            {"kind": "embedding", "item_tokens_max": 8192, "batch_tokens_max": 4096}, (),
            "an item of 8192 tokens fits into no batch of 4096; write batch_tokens_max: 8192 or "
            "more",
            id="a batch too small for an item",
        ),
        pytest.param(
            {"kind": "external", "latency": {"ttft": "1s", "by_hour": {24: 2}}},
            ("latency", "by_hour"), "24 is not a full hour; write 0 to 23", id="no hour",
        ),
        pytest.param(
            {"kind": "external", "latency": {"ttft": "1s", "by_hour": [1.0, 2.0]}},
            ("latency", "by_hour"),
            "a day has 24 hours; found 2 factors; write {3: 0.8, 15: 1.6}, or 24 factors from "
            "midnight on",
            id="a short day",
        ),
    ],
)  # fmt: skip
def test_a_wrong_field_says_what_to_write(
    fields: dict[str, Any], loc: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        component(fields)

    found = [(of["loc"], of["msg"].removeprefix("Value error, ")) for of in refused.value.errors()]
    assert found == [(loc, message)]


def test_unknown_hardware_names_the_nearest() -> None:
    with pytest.raises(ValidationError, match=r"mean 'llama-3\.1-8b/h100/tp1/bf16'"):
        component({"kind": "llm", "hardware": "llama-3.1-8b/h10/tp1/bf16"})


def test_a_model_server_asks_for_the_gpus_it_spans() -> None:
    of = component({"kind": "llm", "hardware": A_MODEL, "requests": {"cpu": 4}})

    assert (of.requests.gpus, of.requests.cpu) == (4, 4000)


def test_what_a_model_server_leaves_out_is_its_hardwares() -> None:
    row = hardware.lookup(A_MODEL)

    plain = component({"kind": "llm", "hardware": A_MODEL, "step_noise": 0})
    other = component({"kind": "llm", "hardware": A_MODEL, "kv_tokens": 4096})

    assert plain.discipline() == row
    assert other.discipline().kv_tokens == 4096  # type: ignore[union-attr]  # an llm


def test_a_warm_pod_of_a_model_server_starts_within_the_measured_range() -> None:
    start = component({"kind": "llm", **SMALL["llm"]}).start

    assert start.weights_load == Distribution("uniform", 33 * SECOND, 60 * SECOND)
    assert start.warm_up == Distribution("fixed", 49 * SECOND)


def test_service_is_the_work_of_classes_without_steps() -> None:
    of = component({"kind": "workers", "workers": 1, "service": {"exponential": "5ms"}})

    assert of.own_work() == (Work(Distribution("exponential", 5 * MS)),)


def test_a_class_needs_only_a_place_to_arrive() -> None:
    of = RequestClass.model_validate({"arrives_at": "gateway"})

    said = of.class_spec("chat", late_ttft_ns=SECOND)

    assert (said.entry, said.keys, said.patience_ns, said.late_ttft_ns) == ("gateway", 0, 0, SECOND)
    assert said.prompt_tokens == Distribution("fixed", 0)


def test_reading_a_system_imports_no_arrays() -> None:
    code = (
        "import sys\nfrom simulator import kinds\n"
        "import simulator.system.topology.checks, simulator.system.workload.model\n"
        "[kinds.load('components', kind) for kind in kinds.names('components')]\n"
        "print([m for m in ('numpy', 'numba', 'simpy', 'networkx') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_model_server_may_be_described_instead_of_named() -> None:
    row = {"w_ms": 20, "s_us_per_token": 70, "c_ns_per_kv_token": 105, "q_ns_per_pair": 5,
           "kv_tokens": 400_000, "gpus": 2, "max_num_seqs": 64}  # fmt: skip

    of = component({"kind": "llm", "hardware": row})

    discipline = of.pool_spec("it").discipline
    assert isinstance(discipline, Llm)
    assert (discipline.w_ms, discipline.kv_tokens, discipline.max_num_seqs) == (20.0, 400_000, 64)
    assert of.requests.gpus == 2


def test_shedding_reaches_the_plant() -> None:
    levels = [{"priority": 0, "load": 0.8}, {"priority": 5, "load": 1.5}]
    shedding = {"levels": levels, "retry_after": "1s"}

    of = component({"kind": "workers", "workers": 4, "service": "1ms", "shedding": shedding})

    discipline = of.pool_spec("it").discipline
    assert isinstance(discipline, Workers)
    assert discipline.shedding == Shedding(((0, 0.8), (5, 1.5)), SECOND)


def test_who_matters_more_is_refused_later() -> None:
    levels = [{"priority": 0, "load": 0.8}, {"priority": 5, "load": 0.7}]
    fields = {"kind": "workers", "workers": 4, "service": "1ms", "shedding": {"levels": levels}}

    with pytest.raises(ValidationError, match="loads must rise with priority"):
        component(fields)
