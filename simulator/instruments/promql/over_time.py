"""Summaries of a window: the `*_over_time` family. Each gives values and which of them exist."""

import numpy as np

from simulator.instruments.promql.kahan import mean
from simulator.instruments.promql.quantiles import quantile_of
from simulator.instruments.promql.rates import Result
from simulator.instruments.promql.sums import compensated_sum
from simulator.instruments.promql.window import Window
from simulator.instruments.series.block import Bools, Floats


def sum_over_time(window: Window) -> Result:
    """Sum of the samples."""
    return compensated_sum(window.values, _held(window)), window.counts > 0


def avg_over_time(window: Window) -> Result:
    """Mean of the samples."""
    return _mean(window, window.values), window.counts > 0


def min_over_time(window: Window) -> Result:
    """Least sample; NaN only when all are."""
    least = np.fmin.reduce(_filled(window, np.inf), axis=0)
    return _signed(window, least), window.counts > 0


def max_over_time(window: Window) -> Result:
    """Greatest sample; NaN only when all are."""
    greatest = np.fmax.reduce(_filled(window, -np.inf), axis=0)
    return _signed(window, greatest), window.counts > 0


def count_over_time(window: Window) -> Result:
    """How many samples there are."""
    return window.counts.astype(np.float64), window.counts > 0


def last_over_time(window: Window) -> Result:
    """Newest sample."""
    return window.last(), window.counts > 0


def present_over_time(window: Window) -> Result:
    """One for every series that has samples."""
    return np.ones(len(window.frame)), window.counts > 0


def stdvar_over_time(window: Window) -> Result:
    """Population variance of the samples, by Welford's steps with compensation."""
    size = len(window.frame)
    average, lost, spread, spread_lost = np.zeros((4, size))
    held = window.mask()
    with np.errstate(invalid="ignore", over="ignore"):
        for count, values in enumerate(window.values, start=1):
            here = held[count - 1]
            delta = values - (average + lost)
            moved, moved_lost = _added(delta / count, average, lost)
            average, lost = np.where(here, moved, average), np.where(here, moved_lost, lost)
            product = delta * (values - (average + lost))
            wider, wider_lost = _added(product, spread, spread_lost)
            spread = np.where(here, wider, spread)
            spread_lost = np.where(here, wider_lost, spread_lost)
        return (spread + spread_lost) / np.maximum(window.counts, 1), window.counts > 0


def stddev_over_time(window: Window) -> Result:
    """Population standard deviation of the samples."""
    variance, present = stdvar_over_time(window)
    return np.sqrt(variance), present


def quantile_over_time(window: Window, quantile: float) -> Result:
    """Quantile of the samples, interpolated."""
    values = np.zeros(len(window.frame))
    for column, count in enumerate(window.counts.tolist()):
        values[column] = quantile_of(quantile, window.values[:count, column])
    return values, window.counts > 0


def _held(window: Window) -> Bools | None:
    return None if window.is_full else window.mask()


def _filled(window: Window, filler: float) -> Floats:
    if window.is_full:
        return window.values
    # A lone NaN must stay NaN, so the filler is NaN where the column's first sample is.
    first = np.where(np.isnan(window.values[0]), np.nan, filler)
    return np.where(window.mask(), window.values, first)


def _signed(window: Window, found: Floats) -> Floats:
    """Of zeros with different signs the first one is kept."""
    if not (found == 0).any():
        return found
    zeros = window.values == 0
    if not window.is_full:
        zeros &= window.mask()
    first = window.values[zeros.argmax(axis=0), np.arange(len(found))]
    return np.where(found == 0, first, found)


def _added(value: Floats, total: Floats, lost: Floats) -> tuple[Floats, Floats]:
    """One step of Neumaier's sum, for every column."""
    result = total + value
    missing = np.where(
        np.abs(total) >= np.abs(value), (total - result) + value, (value - result) + total
    )
    return result, np.where(np.isinf(result), 0.0, lost + missing)


def _mean(window: Window, values: Floats) -> Floats:
    count = np.maximum(window.counts, 1)
    average: Floats = compensated_sum(values, _held(window)) / count
    for column in np.flatnonzero(~np.isfinite(average)).tolist():
        if window.counts[column]:
            column_values = values[: window.counts[column], column].tolist()
            average[column] = mean(column_values, skips_infinite=True)
    return average
