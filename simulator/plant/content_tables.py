"""The tables of connection pools, relational stores, message queues and object stores."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant.brokering import brokering_tables
from simulator.plant.contents import Objects, Queue, Relational
from simulator.plant.layout import Ints
from simulator.plant.object_tables import object_tables
from simulator.plant.pooling import pooling_tables
from simulator.plant.spec import EdgeSpec, PoolSpec
from simulator.plant.storing import storing_tables

CODES: dict[type, int] = {Relational: at.STORE, Queue: at.BROKER, Objects: at.OBJECTS}
"""How a pool's row says what it keeps."""


def content_tables(
    edges: Ints, specs: Sequence[EdgeSpec], pools: Sequence[PoolSpec], replicas: int
) -> dict[str, NDArray[Any]]:
    """Make them all."""
    return {
        **pooling_tables(edges, specs, replicas),
        **brokering_tables(specs, pools),
        **object_tables(pools, replicas),
        **storing_tables(edges, specs, pools, replicas),
    }
