"""Quantiles of samples and of classic histograms, after Prometheus 3.5's quantile.go."""

import math
from bisect import bisect_left

import numpy as np

from simulator.instruments.series.block import Floats

# Cumulative counts closer than this are taken as equal: they differ by float noise.
TOLERANCE = 1e-12
# So many histograms are computed faster one by one than as columns.
_FEW = 16


def quantile_of(quantile: float, values: Floats) -> float:
    """Interpolated quantile of samples, NaNs counting as least."""
    count = len(values)
    if count == 0 or math.isnan(quantile):
        return math.nan
    if not 0 <= quantile <= 1:
        return math.copysign(math.inf, quantile)
    nans = int(np.count_nonzero(np.isnan(values)))
    # np.sort puts NaNs last; Prometheus puts them first.
    ordered = np.roll(np.sort(values), nans)
    rank = quantile * (count - 1)
    low = max(0, math.floor(rank))
    high = min(count - 1, low + 1)
    weight = rank - math.floor(rank)
    with np.errstate(invalid="ignore"):
        return float(ordered[low] * (1 - weight) + ordered[high] * weight)


def bucket_quantiles(quantile: float, bounds: Floats, counts: Floats) -> Floats:
    """Quantile of each histogram, interpolated linearly within its bucket.

    Bounds have shape (buckets,), ascending; cumulative counts (histograms, buckets).
    """
    histograms, buckets = counts.shape
    if math.isnan(quantile):
        return np.full(histograms, np.nan)
    if not 0 <= quantile <= 1:
        return np.full(histograms, math.copysign(math.inf, quantile))
    if buckets < 2 or bounds[-1] != np.inf:  # noqa: PLR2004 - one bound besides +Inf is needed
        return np.full(histograms, np.nan)
    if histograms <= _FEW and bounds[0] > 0:
        one_by_one = [_one_quantile(quantile, bounds.tolist(), row) for row in counts.tolist()]
        if None not in one_by_one:
            return np.array(one_by_one, np.float64)
    counts = monotonic(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        rank = quantile * counts[:, -1]
        reached = counts[:, :-1] >= rank[:, None]
        bucket = np.where(reached.any(axis=1), reached.argmax(axis=1), buckets - 1)
        found = _interpolated(rank, bucket, bounds, counts)
    found = np.where(bucket == buckets - 1, bounds[-2], found)
    if bounds[0] <= 0:
        found = np.where(bucket == 0, bounds[0], found)
    return np.where(counts[:, -1] == 0, np.nan, found)


def _one_quantile(quantile: float, bounds: list[float], counts: list[float]) -> float | None:
    """The same for one ordinary histogram, in the same steps; None when it is not ordinary."""
    total = counts[-1]
    if not 0 <= total < math.inf:
        return None
    before = 0.0
    for count in counts:
        if not (count == before or count - before >= TOLERANCE * (count + before)):
            return None
        before = count
    if not total:
        return math.nan
    rank = quantile * total
    bucket = bisect_left(counts, rank, 0, len(counts) - 1)
    if bucket == len(counts) - 1:
        return bounds[-2]
    start, below = (bounds[bucket - 1], counts[bucket - 1]) if bucket else (0.0, 0.0)
    inside = counts[bucket] - below
    return start + (bounds[bucket] - start) * ((rank - below) / inside) if inside else None


def _interpolated(rank: Floats, bucket: Floats, bounds: Floats, counts: Floats) -> Floats:
    rows = np.arange(len(counts))
    index = bucket.astype(np.intp)
    below = np.where(index > 0, counts[rows, index - 1], 0.0)
    start = np.where(index > 0, bounds[index - 1], 0.0)
    share = (rank - below) / (counts[rows, index] - below)
    found: Floats = start + (bounds[index] - start) * share
    return found


def monotonic(counts: Floats) -> Floats:
    """Level out cumulative counts that fall, or that rise by float noise only."""
    before, after = counts[:, :-1], counts[:, 1:]
    with np.errstate(invalid="ignore"):
        rises = after - before
        if ((rises == 0) | (rises >= TOLERANCE * (np.abs(after) + np.abs(before)))).all():
            return counts
        levelled = counts.copy()
        for bucket in range(1, counts.shape[1]):
            previous, current = levelled[:, bucket - 1], levelled[:, bucket]
            noise = np.abs(current - previous) < TOLERANCE * (np.abs(current) + np.abs(previous))
            np.copyto(current, previous, where=(current < previous) | noise)
    return levelled


def falls(counts: Floats) -> bool:
    """Whether cumulative counts of one histogram fall by more than float noise."""
    highest = -math.inf
    for count in counts.tolist():
        noise = TOLERANCE * (abs(count) + abs(highest))
        if count < highest and not abs(count - highest) < noise:
            return True
        highest = max(highest, count)
    return False
