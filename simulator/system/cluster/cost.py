"""What the nodes cost, by the time they were there and by the time they held pods."""

from dataclasses import dataclass

from simulator.system.cluster.state import Node, State
from simulator.units import HOUR


@dataclass(frozen=True, slots=True)
class Cost:
    """Hours and prices of all nodes in a span, and of the part of it in which they held pods.

    `price` is the bill for nodes that are kept; `held_price` the one where a node without pods is
    given back at once, which is what tells two autoscaling policies on one pool apart.
    """

    node_hours: float
    gpu_hours: float
    price: float
    held_gpu_hours: float
    held_price: float


def cost_of(state: State, until: int, since: int = 0) -> Cost:
    """Add up every node from `since` (or when it joined) to `until`, in ns.

    A lost node is still billed: nobody told the provider. The free pool for pods without GPUs
    counts hours and costs nothing.
    """
    nodes = gpus = price = held_gpus = held_price = 0.0
    for node in state.nodes.values():
        pool = state.pools[node.pool]
        hours = max(0, until - max(since, node.created_at)) / HOUR
        held = _held_ns(node, since, until) / HOUR
        nodes += hours
        gpus += hours * pool.gpus
        price += hours * pool.price_per_hour
        held_gpus += held * pool.gpus
        held_price += held * pool.price_per_hour
    return Cost(nodes, gpus, price, held_gpus, held_price)


def _held_ns(node: Node, since: int, until: int) -> int:
    spans = list(node.held)
    if node.held_since is not None:
        spans.append((node.held_since, until))
    return sum(max(0, min(end, until) - max(start, since)) for start, end in spans)
