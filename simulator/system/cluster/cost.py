"""What the nodes cost, by the time they were there."""

from dataclasses import dataclass

from simulator.system.cluster.state import State
from simulator.units import HOUR


@dataclass(frozen=True, slots=True)
class Cost:
    """Node-hours, GPU-hours and their price, from joining until an instant, used or not."""

    node_hours: float
    gpu_hours: float
    price: float


def cost_of(state: State, until: int, since: int = 0) -> Cost:
    """Add up every node from `since` (or when it joined) to `until`, in ns.

    A lost node is still billed: nobody told the provider. The free pool for pods without GPUs
    counts hours and costs nothing.
    """
    nodes = gpus = price = 0.0
    for node in state.nodes.values():
        pool = state.pools[node.pool]
        hours = max(0, until - max(since, node.created_at)) / HOUR
        nodes += hours
        gpus += hours * pool.gpus
        price += hours * pool.price_per_hour
    return Cost(nodes, gpus, price)
