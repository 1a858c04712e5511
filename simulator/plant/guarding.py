"""From what a spec says of breakers, ejection, hedging and retries to the kernel's tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant import adaptive as adapts
from simulator.plant import layout as at
from simulator.plant.layout import Ints
from simulator.plant.spec import EdgeSpec, RetryOn

_RESULTS = {
    "connect": (at.NOT_CONNECTED,),
    "reset": (at.RESET,),
    "timeout": (at.TIMED_OUT,),
    "5xx": (at.FAILED, at.REJECTED, at.NOBODY),
    "429": (at.LIMITED,),
}


def retried_results(names: Sequence[RetryOn]) -> int:
    """Write what is tried again as bits of E_RETRY_ON."""
    return sum({1 << result for name in names for result in _RESULTS[name]})


def guarding_tables(
    edges: Ints, specs: Sequence[EdgeSpec], replicas: int
) -> dict[str, NDArray[Any]]:
    """Write how each edge is guarded into its row, and make the tables that guards keep."""
    guards = np.zeros((len(specs), at.GUARD_COLUMNS), dtype=np.int64)
    floats = np.zeros((len(specs), at.GUARD_FLOATS))
    watched = 0
    for number, spec in enumerate(specs):
        row = guards[number]
        row[at.G_OUTLIERS] = -1
        if (breaker := spec.breaker) is not None:
            edges[number, at.E_GUARDED] |= at.HAS_BREAKER
            floats[number, at.G_FAILURES] = breaker.failures
            row[[at.G_WINDOW, at.G_CALLS_MIN]] = breaker.window, breaker.calls_min
            row[[at.G_OPEN_NS, at.G_PROBES]] = breaker.open_ns, breaker.probes
        if (outliers := spec.outliers) is not None:
            edges[number, at.E_GUARDED] |= at.EJECTS
            row[[at.G_OUTLIERS, at.G_CONSECUTIVE]] = watched, outliers.consecutive
            row[[at.G_INTERVAL_NS, at.G_EJECT_NS]] = outliers.interval_ns, outliers.ejected_ns
            floats[number, at.G_EJECTED_MAX] = outliers.ejected_max
            floats[number, at.G_PANIC] = outliers.panic_below
            watched += 1
        if spec.hedge_after_ns > 0:
            edges[number, at.E_GUARDED] |= at.HEDGES
            row[[at.G_HEDGE_NS, at.G_HEDGES_MAX]] = spec.hedge_after_ns, spec.hedges_max
        if spec.honours_retry_after:
            edges[number, at.E_GUARDED] |= at.HONOURS
        if spec.deadline != "none":
            edges[number, at.E_GUARDED] |= at.PROPAGATES
        if spec.deadline == "propagate":
            edges[number, at.E_GUARDED] |= at.STOPS
    return {
        **_adaptive_tables(edges, specs),
        "guards": guards,
        "guard_floats": floats,
        "outliers": np.zeros((watched, replicas, at.OUTLIER_COLUMNS), dtype=np.int64),
    }


def _adaptive_tables(edges: Ints, specs: Sequence[EdgeSpec]) -> dict[str, NDArray[Any]]:
    """Make the tables of adaptive limits, by edge; empty where none adapts."""
    rows = len(specs) if any(spec.adaptive for spec in specs) else 0
    ints = np.zeros((rows, adapts.ADAPTIVE_COLUMNS), dtype=np.int64)
    floats = np.zeros((rows, adapts.ADAPTIVE_FLOATS))
    for number, spec in enumerate(specs):
        if (limit := spec.adaptive) is None:
            continue
        edges[number, at.E_GUARDED] |= at.ADAPTS
        edges[number, at.E_LIMIT] = limit.concurrency_min
        row = ints[number]
        row[[adapts.A_UPDATE_NS, adapts.A_INTERVAL_NS]] = limit.update_ns, limit.measured_every_ns
        row[[adapts.A_CALLS, adapts.A_LEAST]] = limit.measured_over, limit.concurrency_min
        row[[adapts.A_MOST, adapts.A_LIMIT]] = limit.concurrency_max, limit.concurrency_min
        floats[number] = limit.measured_jitter, limit.percentile, limit.buffer
    return {
        "adaptive": ints,
        "adaptive_floats": floats,
        "latencies": np.zeros((rows, adapts.LATENCY_BINS), dtype=np.int64),
    }
