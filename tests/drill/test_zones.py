"""Zones: nodes stand in them one after the other, and pods take their node's."""

from simulator.drill.zones import Zones
from simulator.plant import layout as at
from simulator.plant.plant import Plant
from simulator.system.cluster.model import NodePool, zone_names
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
