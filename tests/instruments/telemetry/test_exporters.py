"""Names, types, labels and buckets are those of the real exporters."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.instruments.series.labels import NAME, go_float
from simulator.instruments.telemetry.exporters import PODS
from simulator.instruments.telemetry.exporters.dcgm import NAMES, Device
from simulator.instruments.telemetry.target import Plan, plan
from simulator.plant.histograms import histogram_bounds
from simulator.plant.probes import REPLICA_GAUGES, ReplicaProbe
from simulator.system.topology.components.batch import Batch
from simulator.system.topology.components.cache import Cache
from simulator.system.topology.components.llm import Llm
from simulator.system.topology.components.vector_index import VectorIndex

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
GAUGES = REPLICA_GAUGES


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


@pytest.mark.parametrize("name", sorted(REAL))
def test_nothing_is_shown_that_the_real_exporter_has_not(name: str) -> None:
    exporter = PODS[name]

    own = {metric.name for metric in exporter.metrics} | {each for each, _ in exporter.constants}
    own |= {histogram.name for histogram in exporter.histograms}

    assert own <= set(REAL[name])


@pytest.mark.parametrize("name", sorted(REAL))
def test_gauges_are_gauges_and_counters_count(name: str) -> None:
    for metric in PODS[name].metrics:
        wanted = REAL[name][metric.name]["type"]
        assert (metric.column in GAUGES) == (wanted == "gauge"), metric.name
    for histogram in PODS[name].histograms:
        assert REAL[name][histogram.name]["type"] == "histogram"


@pytest.mark.parametrize("name", sorted(REAL))
def test_labels_are_the_real_ones(name: str) -> None:
    for metric in PODS[name].metrics:
        labels = sorted(label for label, _ in metric.labels)
        assert labels == sorted(REAL[name][metric.name].get("labels", [])), metric.name


HISTOGRAMS = [
    (name, family)
    for name, families in REAL.items()
    for family, real in families.items()
    if real["type"] == "histogram" and family in {each.name for each in PODS[name].histograms}
]


@pytest.mark.parametrize(("name", "family"), HISTOGRAMS)
def test_buckets_are_the_real_ones(name: str, family: str) -> None:
    real = REAL[name][family]

    found = bounds(name, family)

    assert found[-1] == "+Inf"
    if "buckets" in real:
        assert found[:-1] == [go_float(float(bound)) for bound in real["buckets"]]
    else:
        assert len(found) - 1 == real["count"]
        assert float(found[0]) == pytest.approx(real["first"])


def test_geometric_buckets_are_each_half_as_long_again() -> None:
    found = [float(bound) for bound in bounds("batch", "te_request_duration")[:-1]]

    assert [b / a for a, b in pairwise(found)] == pytest.approx([1.5] * 34)


def test_a_device_has_dcgm_exporters_labels() -> None:
    pod = {"job": "llm", "namespace": "default", "pod": "llm-0"}

    labels = Device.named("h100", 81559).labels("gpu-1", 0, pod)

    real = "gpu UUID device modelName Hostname DCGM_FI_DRIVER_VERSION container namespace pod"
    assert set(labels) == {*real.split(), "job", "instance"}
    assert all(name.startswith("DCGM_FI_") for name in NAMES)


def test_a_device_shows_how_busy_it_was_and_how_fast_it_runs() -> None:
    device = Device.named("h100", 80000)

    assert device.values(0.5, 2.0, is_running=True) == [50, 0.5, 990, 72000, 8000]
    assert device.values(0.0, 1.0, is_running=False) == [0, 0.0, 1980, 0, 80000]
