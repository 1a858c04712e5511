"""From what a spec says of balancing to the kernel's tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant.layout import Ints
from simulator.plant.spec import EdgeSpec, PoolSpec

_BALANCE = {
    "round_robin": at.ROUND_ROBIN,
    "least_request": at.LEAST_REQUEST,
    "least_loaded": at.LEAST_LOADED,
    "random": at.RANDOM,
    "consistent_hash": at.CONSISTENT_HASH,
    "prefix_aware": at.PREFIX_AWARE,
}
_HASHING = ("consistent_hash", "prefix_aware")
CELLS = 1 << 14
"""Cells of a hash: shares of 10 replicas then differ by 2.5 %, of 100 by 8 %."""


def routing_tables(
    edges: Ints, specs: Sequence[EdgeSpec], pools: Sequence[PoolSpec]
) -> dict[str, NDArray[Any]]:
    """Write how each edge balances into its row, and make the tables that balancers keep."""
    routes = np.full((len(specs), at.ROUTE_COLUMNS), -1, dtype=np.int64)
    floats = np.zeros((len(specs), at.ROUTE_FLOATS))
    views = 0
    for number, spec in enumerate(specs):
        row = edges[number]
        row[at.E_BALANCE] = _BALANCE[spec.balance]
        hashes = spec.balance in _HASHING
        row[at.E_ROUTED] = hashes or spec.load_refresh_ns > 0 or spec.near_until > 0.0
        routes[number, at.T_REFRESH_NS] = spec.load_refresh_ns
        floats[number] = spec.load_bound, spec.near_until
        if spec.load_refresh_ns > 0:
            routes[number, at.T_VIEW] = views
            views += 1
        if spec.split_to:
            pair = (spec.caller, spec.split_to)
            row[at.E_DIVERT_TO] = [(each.caller, each.callee) for each in specs].index(pair)
    ready = np.zeros((len(pools), at.B_ZONES + 2), dtype=np.int64)
    return {
        "routes": routes,
        "route_floats": floats,
        "ready": ready,
        "trees": np.zeros((3 * len(pools), 2)),
        "views": np.zeros((max(views, 1), 2)),
        "cells": _cells(ready, specs, pools),
    }


def _cells(ready: Ints, specs: Sequence[EdgeSpec], pools: Sequence[PoolSpec]) -> Ints:
    """Make a row of cells for every pool that is hashed to; nobody has shared them out yet."""
    hashed = {spec.callee for spec in specs if spec.balance in _HASHING}
    rows = [number for number, pool in enumerate(pools) if pool.name in hashed]
    ready[rows, at.B_CELLS] = np.arange(len(rows))
    return np.full((max(len(rows), 1), CELLS), -1, dtype=np.int64)
