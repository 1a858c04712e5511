"""Connection pools as a scenario writes them."""

import pytest

from simulator.plant.spec_parts import ConnectionPool
from simulator.system.topology.edge import Edge


def test_a_pool_waits_half_a_minute_unless_it_says_how_long() -> None:
    edge = Edge.model_validate({"pool": {"max": 20}})

    assert edge.edge_spec("api", "db").pool == ConnectionPool(20, 30_000_000_000)


@pytest.mark.parametrize("pool", [{"max": 0}, {"max": 5, "timeout": "0s"}, {"timeout": "1s"}])
def test_a_pool_must_have_connections_and_patience(pool: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="pool"):
        Edge.model_validate({"pool": pool})
