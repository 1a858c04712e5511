"""From what a spec says of breakers, ejection, hedging and retries to the kernel's tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        "guards": guards,
        "guard_floats": floats,
        "outliers": np.zeros((watched, replicas, at.OUTLIER_COLUMNS), dtype=np.int64),
    }
