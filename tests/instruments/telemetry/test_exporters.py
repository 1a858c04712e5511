"""Names, types, labels and buckets are those of the real exporters."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.instruments.series.labels import NAME, go_float
from simulator.instruments.telemetry.exporters import PODS, vllm
from simulator.instruments.telemetry.exporters.cadvisor import CFS
from simulator.instruments.telemetry.exporters.dcgm import NAMES, Device
from simulator.instruments.telemetry.exporters.envoy import ENVOY
from simulator.instruments.telemetry.exporters.guards import GUARDS
from simulator.instruments.telemetry.exporters.litellm import LITELLM, TENANT, TERMS
from simulator.instruments.telemetry.exporters.model import Constant, Exporter, Histogram, Metric
from simulator.instruments.telemetry.exporters.node import Host
from simulator.instruments.telemetry.exporters.resources import RESOURCES
from simulator.instruments.telemetry.exporters.route import ROUTE
from simulator.instruments.telemetry.target import Plan, plan
from simulator.plant import spec
from simulator.plant.histograms import histogram_bounds
from simulator.plant.probes import (
    REPLICA_GAUGES,
    ClassProbe,
    EdgeProbe,
    ProviderProbe,
    ReplicaProbe,
    TenantProbe,
)
from simulator.plant.provider_tables import LATENCY_BOUNDS_S
from simulator.system.topology.components.batch import Batch
from simulator.system.topology.components.cache import Cache
from simulator.system.topology.components.llm import Llm
from simulator.system.topology.components.vector_index import VectorIndex
from simulator.system.topology.exporters import ENVOY_S

REAL: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "real_exporters.yaml").read_text("utf-8")
)
LLM = {"kind": "llm", "hardware": "llama-3.1-8b/h100/tp1/bf16"}
BATCH = {"kind": "batch", "batch_max": 8, "service": {"base": "6ms"}}
INDEX = {"kind": "vector_index", "vectors": 1000, "dimensions": 8}
COMPONENTS = {
    "llm": Llm.model_validate(LLM),
    "sglang": Llm.model_validate({**LLM, "exporter": "sglang"}),
    "tgi": Llm.model_validate({**LLM, "exporter": "tgi"}),
    "triton": Llm.model_validate({**LLM, "exporter": "triton"}),
    "batch": Batch.model_validate(BATCH),
    "vector_index": VectorIndex.model_validate(INDEX),
    "milvus": VectorIndex.model_validate({**INDEX, "exporter": "milvus"}),
    "cache": Cache.model_validate({"kind": "cache", "keys_max": 10}),
}


def _more(exporter: Exporter, rest: Mapping[str, Any]) -> Exporter:
    """An exporter with all that it may show besides."""
    more = [metric for metrics in rest.values() for metric in metrics]
    return Exporter([*exporter.metrics, *more], exporter.histograms, exporter.constants)


EXPORTERS = {
    **PODS,
    "llm": _more(PODS["llm"], vllm.FEATURES),
    "resources": _more(Exporter(CFS), {**RESOURCES, "gpu_memory": []}),
    "envoy": _more(ENVOY, GUARDS),
    "litellm": _more(LITELLM, TERMS),
    "tenant": TENANT,
    "route": ROUTE,
}
LIKE_ANOTHER = {"cpu": "workers", "embedding": "batch", "rerank": "batch"}
SUBSETS = {"guardrail": "batch"}
"""What shows all that another does, and more."""
EDGE_GAUGES = {
    EdgeProbe.ACTIVE, EdgeProbe.EJECTED, EdgeProbe.BREAKER, EdgeProbe.POOL_BUSY,
    EdgeProbe.POOL_IDLE, EdgeProbe.POOL_PENDING, EdgeProbe.MEMBERS, EdgeProbe.HEALTHY,
    *range(EdgeProbe.LIMIT, EdgeProbe.POOL_BUSY),
}  # fmt: skip
GAUGES: dict[str, set[int]] = {
    "envoy": {int(column) for column in EDGE_GAUGES},
    "litellm": set(range(ProviderProbe.REQUESTS_LEFT, len(ProviderProbe))),
    "tenant": {TenantProbe.IN_FLIGHT},
    "route": {ClassProbe.IN_FLIGHT},
}
TESTED = sorted(set(EXPORTERS) - set(LIKE_ANOTHER))
BOUNDS = {
    "envoy_cluster_upstream_rq_time": tuple(bound * 1000 for bound in ENVOY_S),
    "litellm_llm_api_latency_metric": LATENCY_BOUNDS_S,
    "litellm_llm_api_time_to_first_token_metric": LATENCY_BOUNDS_S,
}
"""Of what is no replica."""


def parts(exporter: Exporter) -> list[Metric | Constant | Histogram]:
    return [*exporter.metrics, *exporter.constants, *exporter.histograms]


def real(name: str) -> dict[str, dict[str, Any]]:
    return {**REAL.get(SUBSETS.get(name, ""), {}), **REAL[name]}


def shown(name: str) -> Plan:
    """The series of one target, as the scraper makes them."""
    pool = COMPONENTS[name].pool_spec("it")
    return plan(PODS[name], {}, histogram_bounds(pool), len(ReplicaProbe))


def bounds(name: str, family: str) -> list[str]:
    labels = [dict(each) for each in shown(name).labels]
    return [each["le"] for each in labels if each[NAME] == f"{family}_bucket"]


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_a_component_shows_whose_metrics_it_says(name: str) -> None:
    assert COMPONENTS[name].shown_as == name


@pytest.mark.parametrize(("name", "same"), LIKE_ANOTHER.items())
def test_kinds_that_show_the_same_are_tested_as_one(name: str, same: str) -> None:
    assert PODS[name] is PODS[same]


@pytest.mark.parametrize("name", TESTED)
def test_nothing_is_shown_that_the_real_exporter_has_not(name: str) -> None:
    assert {part.name for part in parts(EXPORTERS[name])} <= set(real(name))


@pytest.mark.parametrize("name", TESTED)
def test_gauges_are_gauges_and_counters_count(name: str) -> None:
    gauges = GAUGES.get(name, set(REPLICA_GAUGES))
    for metric in EXPORTERS[name].metrics:
        wanted = real(name)[metric.name]["type"]
        assert (metric.column in gauges) == (wanted == "gauge"), metric.name
    for constant in EXPORTERS[name].constants:
        assert real(name)[constant.name]["type"] == "gauge"
    for histogram in EXPORTERS[name].histograms:
        assert real(name)[histogram.name]["type"] == "histogram"


@pytest.mark.parametrize("name", TESTED)
def test_labels_are_the_real_ones(name: str) -> None:
    for part in parts(EXPORTERS[name]):
        labels = sorted(label for label, value in part.labels if value)
        assert labels == sorted(real(name)[part.name].get("labels", [])), part.name


HISTOGRAMS = [
    (name, family)
    for name in COMPONENTS
    for family in sorted({each.name for each in PODS[name].histograms})
]


@pytest.mark.parametrize(("name", "family"), HISTOGRAMS)
def test_buckets_are_the_real_ones(name: str, family: str) -> None:
    wanted = REAL[name][family]

    found = bounds(name, family)

    assert found[-1] == "+Inf"
    if "buckets" in wanted:
        assert found[:-1] == [go_float(float(bound)) for bound in wanted["buckets"]]
    else:
        assert len(found) - 1 == wanted["count"]
        assert float(found[0]) == pytest.approx(wanted["first"])


@pytest.mark.parametrize("family", BOUNDS)
def test_buckets_of_callers_are_the_real_ones(family: str) -> None:
    exporter = "envoy" if family.startswith("envoy") else "litellm"

    assert list(BOUNDS[family]) == REAL[exporter][family]["buckets"]


def test_geometric_buckets_are_each_half_as_long_again() -> None:
    found = [float(bound) for bound in bounds("batch", "te_request_duration")[:-1]]

    assert [b / a for a, b in pairwise(found)] == pytest.approx([1.5] * 34)


def test_a_device_has_dcgm_exporters_labels() -> None:
    pod = {"job": "llm", "namespace": "default", "pod": "llm-0"}

    labels = Device.named("h100", 81559).labels("gpu-1", 0, pod)

    real = "gpu UUID device modelName Hostname DCGM_FI_DRIVER_VERSION container namespace pod"
    assert set(labels) == {*real.split(), "job", "instance"}
    assert set(NAMES) == set(REAL["dcgm"])


def test_a_device_shows_how_busy_it_was_and_how_fast_it_runs() -> None:
    device = Device.named("h100", 80000)

    assert device.values(0.5, 2.0, is_running=True) == [50, 0.5, 990, 72000, 8000]
    assert device.values(0.0, 1.0, is_running=False) == [0, 0.0, 1980, 0, 80000]


@pytest.mark.parametrize("knows_memory", [True, False])
def test_a_host_shows_what_node_exporter_does(knows_memory: bool) -> None:  # noqa: FBT001 - a case
    host = Host("cpu-0", cores=4, memory_bytes=100, knows_memory=knows_memory)

    series = [dict(labels) for labels in host.series]
    row = host.row(60.0, 20.0, 40.0, 120.0, 30.0)

    for labels in series:
        own = sorted(set(labels) - {NAME, "job", "instance", "namespace"})
        said = {**REAL["node"], **REAL["prometheus"]}[labels[NAME]]
        assert own == sorted(said.get("labels", [])), labels
    available = [70.0] if knows_memory else []
    assert row.tolist() == [1.0, 60.0, 20.0, 1.0, 100.0, *available, *[10.0] * 4, *[30.0] * 4]


def test_a_server_tells_its_cache_and_not_its_model() -> None:
    served = COMPONENTS["llm"].discipline()
    assert isinstance(served, spec.Llm)
    base = {"pod": "llm-0", "model_name": "2026-02", "engine": "0", **vllm.meta_labels(served)}

    made = plan(PODS["llm"], base, histogram_bounds(COMPONENTS["llm"].pool_spec("it")), 99)

    series = [dict(labels) for labels in made.labels]
    info = next(each for each in series if each[NAME] == "vllm:cache_config_info")
    blocks = str(served.kv_tokens // 16)
    cache = {"block_size": "16", "num_gpu_blocks": blocks, "enable_prefix_caching": "True"}
    assert info == {NAME: "vllm:cache_config_info", "pod": "llm-0", "engine": "0", **cache}
    assert not any(name.startswith("__") and name != NAME for each in series for name in each)
