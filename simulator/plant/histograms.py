"""Which bounds each histogram has, and the table of them that the kernel reads."""

import numpy as np

from simulator.plant import layout as at
from simulator.plant.layout import Ints
from simulator.plant.llm_tables import INTER_TOKEN_BOUNDS_S
from simulator.plant.probes import ReplicaHistogram
from simulator.plant.spec import Llm, PoolSpec

_SECOND = 1_000_000_000

# Upper bounds of vLLM's request_queue_time_seconds, time_to_first_token_seconds and token counts.
QUEUE_TIME_BOUNDS_S = (
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0,
    480.0, 960.0, 1920.0, 7680.0,
)  # fmt: skip
TTFT_BOUNDS_S = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    20.0, 40.0, 80.0, 160.0, 640.0, 2560.0,
)  # fmt: skip
TOKEN_BOUNDS = (
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0, 20000.0,
    50000.0, 100000.0,
)  # fmt: skip


class Bounds:
    """Numbers the rows of the table of histogram bounds."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, ...]] = []

    def seconds(self, bounds: tuple[float, ...]) -> int:
        """Add bounds in seconds, as ns."""
        return self.whole(tuple(round(bound * _SECOND) for bound in bounds))

    def whole(self, bounds: tuple[int, ...]) -> int:
        """Add bounds as they are."""
        if bounds not in self.rows:
            self.rows.append(bounds)
        return self.rows.index(bounds)

    def table(self) -> Ints:
        """Write them as rows that `count_in` reads."""
        width = at.BOUND_0 + max((len(row) for row in self.rows), default=0)
        table = np.zeros((max(len(self.rows), 1), width), dtype=np.int64)
        octaves = 1 << np.arange(at.BOUND_0 - at.BOUND_BEGINS - 1, dtype=np.int64)
        for row, bounds in enumerate(self.rows):
            table[row, 0] = len(bounds)
            # Of an octave's values none is below its first, so none is in a bucket that ends there.
            table[row, at.BOUND_BEGINS : at.BOUND_0 - 1] = np.searchsorted(bounds, octaves)
            table[row, at.BOUND_0 : at.BOUND_0 + len(bounds)] = bounds
        return table


def histogram_bounds(pool: PoolSpec) -> tuple[tuple[float, ...], ...]:
    """Say the bounds of each replica histogram of a pool, empty where it has none."""
    if not isinstance(pool.discipline, Llm):
        return (pool.latency_bounds_s, *((),) * (len(ReplicaHistogram) - 1))
    vllm = (QUEUE_TIME_BOUNDS_S, TTFT_BOUNDS_S, TOKEN_BOUNDS, TOKEN_BOUNDS)
    queue, ttft, prompt, output = pool.engine_bounds or vllm
    # Gaps between tokens are counted in closed form, by bounds that are compiled in.
    tokens = pool.per_token_bounds_s or INTER_TOKEN_BOUNDS_S
    return (pool.latency_bounds_s, queue, ttft, tokens, prompt, output)


def histogram_width(pool: PoolSpec) -> int:
    """Count the columns of a pool's replica histograms."""
    return sum(len(bounds) + 1 for bounds in histogram_bounds(pool) if bounds)
