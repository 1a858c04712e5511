"""Which key a request asks for: Zipf popularity, drawn in constant time."""

import numpy as np

from simulator.plant.arithmetic import power
from simulator.plant.jit import compiled
from simulator.plant.layout import Floats, Ints


@compiled
def _fill_weights(weights: Floats, exponent: float) -> float:
    total = 0.0
    for rank in range(weights.shape[0]):
        weights[rank] = power(rank + 1.0, -exponent)
        total += weights[rank]
    return total


@compiled
def _fill_alias(weights: Floats, total: float, table: Floats, poor: Ints, rich: Ints) -> None:
    """Vose's method: every cell holds its own key and what it borrows from a richer one."""
    n = weights.shape[0]
    n_poor, n_rich = 0, 0
    for i in range(n):
        table[i, 0] = weights[i] * n / total
        table[i, 1] = i
        if table[i, 0] < 1.0:
            poor[n_poor] = i
            n_poor += 1
        else:
            rich[n_rich] = i
            n_rich += 1
    while n_poor > 0 and n_rich > 0:
        n_poor -= 1
        i, giver = poor[n_poor], rich[n_rich - 1]
        table[i, 1] = giver
        table[giver, 0] -= 1.0 - table[i, 0]
        if table[giver, 0] < 1.0:
            n_rich -= 1
            poor[n_poor] = giver
            n_poor += 1
    for k in range(n_poor):
        table[poor[k], 0] = 1.0
    for k in range(n_rich):
        table[rich[k], 0] = 1.0


def alias_table(count: int, exponent: float) -> Floats:
    """Make the table [key, (share kept, key lent)] of `count` keys weighing rank^-exponent."""
    weights = np.zeros(count)
    total = _fill_weights(weights, float(exponent))
    table = np.zeros((count, 2))
    scratch = np.zeros((2, count), dtype=np.int64)
    _fill_alias(weights, total, table, scratch[0], scratch[1])
    return table
