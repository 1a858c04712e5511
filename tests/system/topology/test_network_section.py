"""A scenario's network in the plant's terms."""

from dataclasses import replace

import pytest

from simulator.errors import InvalidInput
from simulator.system.topology.compiler import compile_system
from simulator.system.topology.edge import Edge
from simulator.system.topology.network import Network
from simulator.units import MS
from tests.system.topology.worked import ASKDOCS, parts

NODES = ("eu-1a", "eu-1b", "us-1a")
REGIONS = {"eu": ["eu-1a", "eu-1b"], "us": ["us-1a", "us-home"]}


def _network(**fields: object) -> Network:
    return Network.model_validate({"regions": REGIONS, **fields})


def test_distance_follows_from_zones_and_regions() -> None:
    network = _network(same_zone="1ms", cross_zone="2ms", cross_region="30ms")

    delays = network.network_spec(NODES).delays_ns

    assert network.zones(NODES) == ("eu-1a", "eu-1b", "us-1a", "us-home")
    assert [[delay / MS for delay in row] for row in delays] == [
        [1, 1, 1, 1, 1],
        [1, 1, 2, 30, 30],
        [1, 2, 1, 30, 30],
        [1, 30, 30, 1, 2],
        [1, 30, 30, 2, 1],
    ]


def test_what_is_written_of_zones_goes_before_what_is_written_of_regions() -> None:
    network = _network(
        delays={"eu <-> us": "40ms", "eu-1a -> us-1a": "35ms", "eu-1a <-> eu-1a": "0.1ms"},
        loss={"us -> eu": "1%"},
    )

    spec = network.network_spec(NODES)

    assert spec.delays_ns[1][3] == 35 * MS
    assert spec.delays_ns[3][1] == spec.delays_ns[1][4] == spec.delays_ns[2][3] == 40 * MS
    assert spec.delays_ns[1][1] == 0.1 * MS
    assert spec.loss[3] == (0.0, 0.01, 0.01, 0.0, 0.0)
    assert spec.loss[1] == (0.0,) * 5


def test_zones_that_no_region_has_are_neighbours() -> None:
    network = Network.model_validate({"cross_zone": "2ms"})

    assert network.network_spec(("a", "b")).delays_ns[1][2] == 2 * MS


def test_a_system_with_a_network_has_no_delays_but_written_ones() -> None:
    system = parts(ASKDOCS)
    edges = {"gateway -> llm": Edge(), "gateway -> embed": Edge.model_validate({"delay": "2ms"})}
    network = _network(places={"users": "us-home"})

    spec = compile_system(replace(system, edges=edges, network=network, zones=NODES))

    delays = {f"{edge.caller} -> {edge.callee}": edge.delay_ns for edge in spec.edges}
    assert delays.pop("gateway -> embed") == 2 * MS
    assert set(delays.values()) == {0}
    assert spec.network is not None
    assert {each.zone for each in spec.classes} == {4}


def test_users_without_a_place_are_at_the_door() -> None:
    assert _network().user_zone("chat", NODES) == -1
    assert _network(places={"users": "eu-1b"}).user_zone("chat", NODES) == 2
    both = _network(places={"users": "eu-1b", "class/chat": "us-1a"})
    assert both.user_zone("chat", NODES) == 3
    assert both.user_zone("other", NODES) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"delays": {"eu <-> asia": "1ms"}}, "no zone or region 'asia'", id="delay"),
        pytest.param({"loss": {"mars -> eu": "1%"}}, "no zone or region 'mars'", id="loss"),
        pytest.param({"places": {"nobody": "eu-1a"}}, "no place to fill 'nobody'", id="who"),
        pytest.param({"places": {"users": "eu-9z"}}, "no zone 'eu-9z'", id="where"),
    ],
)
def test_unknown_names_are_mistakes(fields: dict[str, object], message: str) -> None:
    system = replace(parts(ASKDOCS), network=_network(**fields), zones=NODES)

    with pytest.raises(InvalidInput, match=message):
        compile_system(system)


def test_a_pair_is_written_with_an_arrow() -> None:
    with pytest.raises(ValueError, match="write eu-1a <-> eu-1b"):
        _network(delays={"eu, us": "1ms"})
