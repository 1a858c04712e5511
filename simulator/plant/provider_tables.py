"""The tables of providers outside: what each has left, and what its callers see of it.

`providers` [pool, column] are the accounts, `provider_hours` two rows of 24 factors a pool: of its
times, and of what others want of it. `provider_rows` [edge, column] count what came back, as a
client library does; probes from V_PROBE on, then two histograms.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant.histograms import Bounds
from simulator.plant.layout import Floats, Ints
from simulator.plant.probes import ProviderProbe
from simulator.plant.provider_spec import BUCKETS
from simulator.plant.spec import EdgeSpec, External, PoolSpec

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
HOURS = 24

# Columns of `providers`; four rates per ns and four levels, in the order of BUCKETS.
REQUESTS, TOKENS, INPUT, OUTPUT = range(len(BUCKETS))
RATE, LEVEL = 0, 4
(
    BURST_NS, FILLED_AT, AT_END, MAX_TOKENS, COUNTS_REFUSED, TOKENS_PER_NS, NANO_PER_INPUT,
    NANO_PER_OUTPUT, BUDGET_NANO, SPENT_NANO, STREAMS_MAX, STREAMS, OTHERS, SWING, SWING_NS,
    SLOWER_WHEN_FULL, CUT_SHARE, DAY_NS, BY_HOUR,
) = range(8, 27)  # fmt: skip
PROVIDER_FLOATS = 27

# Columns of `provider_rows`.
LATENCY_BOUNDS, TTFT_BOUNDS, V_PROBE = 0, 1, 2
V_HISTOGRAM = V_PROBE + len(ProviderProbe)

LATENCY_BOUNDS_S = (
    0.005, 0.00625, 0.0125, 0.025, 0.05, 0.1, *(0.5 * n for n in range(1, 21)), 15.0, 20.0, 25.0,
    30.0, 60.0, 120.0, 180.0, 240.0, 300.0,
)  # fmt: skip
"""LiteLLM's LATENCY_BUCKETS (litellm/types/integrations/prometheus.py), of both histograms."""


def provider_tables(
    edges: Ints,
    specs: Sequence[EdgeSpec],
    pools: Sequence[PoolSpec],
    bounds: Bounds,
    day_ns: int,
) -> dict[str, NDArray[Any]]:
    """Open every account full, and mark the edges that lead to one."""
    providers = np.zeros((len(pools), PROVIDER_FLOATS))
    hours = np.ones((2 * len(pools), HOURS))
    for number, pool in enumerate(pools):
        if isinstance(pool.discipline, External):
            _account(providers[number], hours[2 * number :], pool.discipline, day_ns)
    outside = [isinstance(pool.discipline, External) for pool in pools]
    bought = [number for number, row in enumerate(edges) if outside[row[at.E_POOL]]]
    width = V_HISTOGRAM + 2 * (len(LATENCY_BOUNDS_S) + 1) if bought else V_HISTOGRAM
    rows = np.zeros((len(specs) if bought else 1, width), dtype=np.int64)
    for number in bought:
        edges[number, at.E_GUARDED] |= at.BUYS
        rows[number, [LATENCY_BOUNDS, TTFT_BOUNDS]] = bounds.seconds(LATENCY_BOUNDS_S)
        _first_headers(rows[number], providers[edges[number, at.E_POOL]])
    return {"providers": providers, "provider_hours": hours, "provider_rows": rows}


def _account(row: Floats, hours: Floats, spec: External, day_ns: int) -> None:
    terms = spec.terms
    quotas = (
        spec.requests_per_minute,
        spec.tokens_per_minute,
        terms.input_tokens_per_minute,
        terms.output_tokens_per_minute,
    )
    row[BURST_NS] = terms.burst_s * _SECOND
    for bucket, quota in enumerate(quotas):
        row[RATE + bucket] = quota / _MINUTE
        row[LEVEL + bucket] = row[RATE + bucket] * row[BURST_NS]
    row[AT_END], row[MAX_TOKENS] = terms.counts_at_end, terms.max_tokens
    row[COUNTS_REFUSED] = terms.counts_refused
    row[TOKENS_PER_NS] = spec.tokens_per_second / _SECOND
    row[NANO_PER_INPUT], row[NANO_PER_OUTPUT] = 1e3 * terms.price_input, 1e3 * terms.price_output
    row[BUDGET_NANO] = 1e9 * terms.budget
    row[STREAMS_MAX], row[OTHERS] = terms.streams_max, terms.others
    row[SWING], row[SWING_NS] = terms.swing, terms.swing_ns
    row[SLOWER_WHEN_FULL], row[CUT_SHARE] = terms.slower_when_full, terms.cut_share
    row[DAY_NS] = day_ns
    for place, factors in enumerate((terms.slower_at, terms.others_at)):
        if factors:
            hours[place] = factors
            row[BY_HOUR] = 1.0


def _first_headers(row: Ints, account: Floats) -> None:
    """Write what is left before anything was used."""
    quotas = [bucket for bucket in (TOKENS, INPUT, OUTPUT) if account[RATE + bucket] > 0.0]
    tokens = min((account[LEVEL + bucket] for bucket in quotas), default=0.0)
    row[V_PROBE + ProviderProbe.REQUESTS_LEFT] = account[LEVEL + REQUESTS]
    row[V_PROBE + ProviderProbe.TOKENS_LEFT] = tokens
    row[V_PROBE + ProviderProbe.BUDGET_LEFT_NANO] = account[BUDGET_NANO] or -1
