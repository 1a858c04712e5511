"""Whatever a drill scrapes is on the list of what the real exporters show."""

from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.drill.run import take_off
from simulator.instruments.series.labels import NAME
from tests.drill.small import small

LIST = Path(__file__).parents[1] / "instruments" / "telemetry" / "real_exporters.yaml"
OF_TARGETS = {"job", "instance", "namespace", "pod", "node", "zone", "route", "le", "team"}
"""Labels that come from where a series was scraped, not from who shows it."""
OF_SERVERS = {"model_name", "engine", "envoy_cluster_name", "api_provider"}
"""Labels an exporter puts on all that it shows."""
OF_DCGM = {
    "gpu", "UUID", "device", "modelName", "Hostname", "DCGM_FI_DRIVER_VERSION", "container",
}  # fmt: skip
OF_ALERTS = {"ALERTS", "ALERTS_FOR_STATE"}


def listed() -> dict[str, list[dict[str, Any]]]:
    """By name, what each exporter that has it says of it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for families in yaml.safe_load(LIST.read_text("utf-8")).values():
        for name, said in families.items():
            endings = ("_bucket", "_sum", "_count") if said["type"] == "histogram" else ("",)
            for ending in endings:
                found.setdefault(name + ending, []).append(said)
    return found


@pytest.fixture(scope="module")
def series() -> list[dict[str, str]]:
    flight = take_off(small("lasts=1m", "warm_up=30s"), seed=1)
    flight.session.idle_to_end()
    flight.land()
    return [dict(labels) for labels in flight.drill.store.series()]


def test_every_name_is_on_the_list(series: list[dict[str, str]]) -> None:
    recorded = {labels[NAME] for labels in series if ":" in labels[NAME]}
    known = set(listed()) | OF_ALERTS | {name for name in recorded if "vllm:" not in name}

    assert {labels[NAME] for labels in series} - known == set()


def test_every_label_is_on_the_list(series: list[dict[str, str]]) -> None:
    known = listed()
    for labels in series:
        said = known.get(labels[NAME], [])
        own = set(chain.from_iterable(each.get("labels", []) for each in said))
        if said:
            more = OF_DCGM if labels["job"] == "dcgm-exporter" else OF_SERVERS
            assert set(labels) - {NAME} - OF_TARGETS - more - own == set(), labels
