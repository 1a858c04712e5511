"""Summaries of a window: the `*_over_time` family. Each gives values and which of them exist."""

import numpy as np

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
    return np.fmin.reduce(_filled(window, np.inf), axis=0), window.counts > 0


def max_over_time(window: Window) -> Result:
    """Greatest sample; NaN only when all are."""
    return np.fmax.reduce(_filled(window, -np.inf), axis=0), window.counts > 0


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
    """Population variance of the samples."""
    with np.errstate(invalid="ignore"):
        deviations = window.values - _mean(window, window.values)
        return _mean(window, deviations * deviations), window.counts > 0


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


def _mean(window: Window, values: Floats) -> Floats:
    held, count = _held(window), np.maximum(window.counts, 1)
    mean: Floats = compensated_sum(values, held) / count
    overflown = np.isinf(mean) & ~(np.isinf(values) & window.mask()).any(axis=0)
    if overflown.any():
        mean = np.where(overflown, compensated_sum(values / count, held), mean)
    return mean
