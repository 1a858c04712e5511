"""The array code against plain loops that follow Prometheus's own functions line by line."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.quantiles import TOLERANCE, bucket_quantiles
from simulator.instruments.series.labels import labels_of
from simulator.instruments.series.store import SeriesStore

Samples = list[tuple[int, float]]


def plain_rate(samples: Samples, start: int, end: int) -> float | None:
    if len(samples) < 2:
        return None
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    grown, previous = last - first, first
    for _, value in samples[1:]:
        if value < previous:
            grown += previous
        previous = value
    to_start, to_end = (first_at - start) / 1000, (end - last_at) / 1000
    sampled = (last_at - first_at) / 1000
    between = sampled / (len(samples) - 1)
    if to_start >= between * 1.1:
        to_start = between / 2
    to_zero = to_start
    if grown > 0 and first >= 0:
        to_zero = sampled * (first / grown)
    to_start = min(to_start, to_zero)
    if to_end >= between * 1.1:
        to_end = between / 2
    return grown * ((sampled + to_start + to_end) / sampled) / ((end - start) / 1000)


def plain_bucket_quantile(quantile: float, bounds: list[float], counts: list[float]) -> float:
    levelled = counts[:1]
    for count in counts[1:]:
        before = levelled[-1]
        is_noise = abs(count - before) < TOLERANCE * (count + before)
        levelled.append(before if count < before or is_noise else count)
    if levelled[-1] == 0:
        return math.nan
    rank = quantile * levelled[-1]
    last = len(bounds) - 1
    bucket = next((i for i in range(last) if levelled[i] >= rank), last)
    if bucket == last:
        return bounds[last - 1]
    if bucket == 0 and bounds[0] <= 0:
        return bounds[0]
    start, below = (bounds[bucket - 1], levelled[bucket - 1]) if bucket else (0.0, 0.0)
    if levelled[bucket] == below:  # no observation where the rank is: zero by zero
        return math.nan
    return start + (bounds[bucket] - start) * ((rank - below) / (levelled[bucket] - below))


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 40_000), st.integers(0, 1000)), max_size=90
    ),
    st.integers(1, 500_000),
)
def test_rates_are_extrapolated_as_prometheus_does(
    writes: list[tuple[int, int, int]], end: int
) -> None:
    store, start = SeriesStore(), end - 60_000
    names = [labels_of({"__name__": "total", "t": str(t)}) for t in range(3)]
    blocks = [store.block([name]) for name in names]
    plain: list[Samples] = [[], [], []]
    for target, gap, value in writes:
        at = (blocks[target].times[-1] if blocks[target].times else 0) + gap
        blocks[target].append(at, [float(value)])
        plain[target].append((at, float(value)))

    found = dict(compile_query("rate(total[1m])").vector(store, end).samples())

    wanted = {
        name[1:]: plain_rate([s for s in samples if start < s[0] <= end], start, end)
        for name, samples in zip(names, plain, strict=True)
    }
    assert found == {name: rate for name, rate in wanted.items() if rate is not None}


@given(
    st.lists(st.lists(st.floats(0, 1e6), min_size=5, max_size=5), min_size=1, max_size=6),
    st.floats(0, 1),
    st.sampled_from([-1.0, 0.0, 0.5]),
)
def test_bucket_quantiles_are_found_as_prometheus_does(
    counts: list[list[float]], quantile: float, lowest: float
) -> None:
    bounds = [lowest, 1.0, 2.0, 5.0, math.inf]

    found = bucket_quantiles(quantile, np.array(bounds), np.array(counts))

    wanted = [plain_bucket_quantile(quantile, bounds, row) for row in counts]
    np.testing.assert_array_equal(found, wanted)
