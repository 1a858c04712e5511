"""Zones: nodes stand in them one after the other, and pods take their node's."""

import pytest

from simulator.drill.run import Flight
from simulator.drill.zones import Zones
from simulator.plant import layout as at
from simulator.plant.plant import Plant
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.system.cluster.model import NodePool, zone_names
from simulator.units import MS, SECOND
from tests.drill.small import seated


def test_nodes_stand_in_their_pools_zones_in_turn() -> None:
    pools = {
        "gpu": NodePool(count=3, zones=["b", "a"]),
        "cpu": NodePool(count=1, zones=["a"]),
        "old": NodePool(count=1),
    }
    zones = Zones(pools)

    assert zone_names(pools) == ("b", "a")
    assert [zones.name_of(f"gpu-{k}") for k in range(3)] == ["b", "a", "b"]
    assert [zones.number_of(node) for node in ("gpu-1", "cpu-0", "old-0", "general-7")] == [
        2,
        2,
        0,
        0,
    ]


def test_the_plant_knows_the_zone_of_every_pod() -> None:
    flight = seated("nodes.gpu.zones=[east, west]")
    drill = flight.drill
    plant = drill.plant

    assert isinstance(plant, Plant)
    for number, row in drill.effects.rows.items():
        zone = drill.replicas.zones.number_of(row.node) if row.node else 0
        assert int(plant._s.replicas[number, at.R_ZONE]) == zone  # noqa: SLF001  what it was told
    assert {drill.replicas.zones.name_of(row.node or "") for row in drill.effects.rows.values()} > {
        "east",
        "west",
    }


def test_calls_take_what_the_zones_of_pods_are_apart() -> None:
    far = "network={cross_zone: 40ms, jitter: 0%, places: {class/chat: west}}"
    near = "network={cross_zone: 1ms, jitter: 0%, places: {class/chat: west}}"
    nodes = (
        "nodes={gpu: {count: 3, gpus: 1, zones: [east], images_cached: true}, "
        "cpu: {count: 3, zones: [west]}}"
    )

    took = [_mean_ms(seated(nodes, network)) for network in (near, far)]

    # From the west to the model in the east and back; queues hardly differ.
    assert took[1] - took[0] == pytest.approx(2 * 39, rel=0.2)


def _mean_ms(flight: Flight) -> float:
    plant = flight.drill.plant
    assert isinstance(plant, Plant)
    row = plant.class_row(0)
    return float(row[ClassProbe.E2E_NS] / row[ClassProbe.ANSWERED_2XX] / MS)


def test_a_zone_cut_off_is_reached_by_nobody_outside_it() -> None:
    flight = seated(
        "nodes={gpu: {count: 3, gpus: 1, zones: [east, west], images_cached: true}, "
        "cpu: {count: 3, zones: [west]}}",
        "network={}",
        "edges.gateway -> llm.connect_timeout=1s",
        "faults=[{kind: network_partition, at: 1m, lasts: 1m, target: zone/east, located_at: llm}]",
    )
    rows = flight.drill.effects.rows.values()
    llm = {row.node: row.number for row in rows if row.component == "llm"}
    east, west = llm["gpu-0"], llm["gpu-1"]

    def arrived() -> tuple[int, int]:
        plant = flight.drill.plant
        found = [int(plant.replica_row(row)[ReplicaProbe.ARRIVED]) for row in (east, west)]
        return found[0], found[1]

    seen = []
    for second in (61, 119, 121, 180):
        flight.session.advance(second * SECOND)
        seen.append(arrived())

    during = [later - before for before, later in zip(seen[0], seen[1], strict=True)]
    after = [later - before for before, later in zip(seen[2], seen[3], strict=True)]
    assert during[0] == 0
    assert during[1] > 200
    assert min(after) > 200
