"""Changes within a window: rate and its relatives, after Prometheus 3.5's extrapolatedRate.

Each function takes a window and gives values and which of them exist.
"""

from typing import cast

import numpy as np

from simulator.instruments.promql.sums import compensated_sum
from simulator.instruments.promql.window import Window
from simulator.instruments.series.block import Bools, Floats, Ints

Result = tuple[Floats, Bools]
Edges = tuple[Bools, Floats, Floats, Floats]

# A gap wider than this many sample intervals means the series began or ended inside the window.
_THRESHOLD = 1.1
_TWO = 2


def rate(window: Window) -> Result:
    """Per-second growth of a counter."""
    values, present = increase(window)
    return values / ((window.end_ms - window.start_ms) / 1000), present


def increase(window: Window) -> Result:
    """Growth of a counter over the window, extrapolated to its edges."""
    grown = window.last() - window.values[0] + _lost_to_resets(window)
    return _extrapolated(window, grown, is_counter=True)


def delta(window: Window) -> Result:
    """Change of a gauge over the window, extrapolated to its edges."""
    return _extrapolated(window, window.last() - window.values[0], is_counter=False)


def irate(window: Window) -> Result:
    """Per-second growth of a counter between its last two samples."""
    last, before = window.last(), window.last(back=1)
    grown = np.where(last < before, last, last - before)
    seconds = (window.last_at - window.last_time(back=1)) / 1000
    present = (window.counts >= _TWO) & (seconds > 0)
    return np.divide(grown, seconds, out=np.zeros(len(grown)), where=present), present


def idelta(window: Window) -> Result:
    """Change of a gauge between its last two samples."""
    return window.last() - window.last(back=1), window.counts >= _TWO


def changes(window: Window) -> Result:
    """How often the value changed; NaN after NaN is no change."""
    before, after = window.values[:-1], window.values[1:]
    changed = (before != after) & ~(np.isnan(before) & np.isnan(after))
    return _counted(window, changed)


def resets(window: Window) -> Result:
    """How often a counter fell."""
    return _counted(window, window.values[1:] < window.values[:-1])


def deriv(window: Window) -> Result:
    """Per-second slope of a line through the samples (least squares)."""
    slope, _ = _line(window, window.first_at)
    return slope, window.counts >= _TWO


def predict_linear(window: Window, seconds: float) -> Result:
    """Where that line will be, counted from the instant asked about."""
    at = np.full(len(window.frame), window.evaluated_ms, np.int64)
    slope, intercept = _line(window, at)
    with np.errstate(invalid="ignore"):
        return slope * seconds + intercept, window.counts >= _TWO


def _counted(window: Window, happened: Bools) -> Result:
    happened = happened if window.is_full else happened & window.mask()[1:]
    return happened.sum(axis=0).astype(np.float64), window.counts > 0


def _lost_to_resets(window: Window) -> Floats | float:
    fell = window.values[1:] < window.values[:-1]
    if not fell.any():
        return 0.0
    if not window.is_full:
        fell &= window.mask()[1:]
    lost: Floats = np.where(fell, window.values[:-1], 0.0).sum(axis=0)
    return lost


def _extrapolated(window: Window, change: Floats, *, is_counter: bool) -> Result:
    if "edges" not in window.shared:
        window.shared["edges"] = _edges(window)
    present, sampled, to_start, to_end = cast("Edges", window.shared["edges"])
    if is_counter:
        to_start = _not_below_zero(window.values[0], change, sampled, to_start)
    return change * ((sampled + to_start + to_end) / sampled), present


def _edges(window: Window) -> Edges:
    """Which series have two samples, the seconds these span, and those to the window's edges."""
    present = window.counts >= _TWO
    first_at, last_at = window.first_at, window.last_at
    sampled = np.where(present, (last_at - first_at) / 1000, 1.0)
    between = sampled / np.maximum(window.counts - 1, 1)
    to_start = (first_at - window.start_ms) / 1000
    to_end = (window.end_ms - last_at) / 1000
    to_start = np.where(to_start >= between * _THRESHOLD, between / 2, to_start)
    to_end = np.where(to_end >= between * _THRESHOLD, between / 2, to_end)
    return present, sampled, to_start, to_end


def _not_below_zero(first: Floats, grown: Floats, sampled: Floats, to_start: Floats) -> Floats:
    """Cut the extrapolation where the counter would have been zero."""
    can_cut = (grown > 0) & (first >= 0)
    to_zero = sampled * np.divide(first, grown, out=np.full(len(first), np.inf), where=can_cut)
    cut: Floats = np.minimum(to_start, to_zero)
    return np.where(can_cut, cut, to_start)


def _line(window: Window, origin_ms: Ints) -> tuple[Floats, Floats]:
    """Slope per second and height at the origin; a constant series has exactly no slope."""
    held = None if window.is_full else window.mask()
    count = np.maximum(window.counts, 1)
    x = (window.times - origin_ms) / 1000
    y = window.values
    with np.errstate(invalid="ignore", divide="ignore"):
        sum_x, sum_y = compensated_sum(x, held), compensated_sum(y, held)
        covariance = compensated_sum(x * y, held) - sum_x * sum_y / count
        variance = compensated_sum(x * x, held) - sum_x * sum_x / count
        slope = covariance / variance
        intercept = sum_y / count - slope * sum_x / count
        same = y == y[0] if held is None else (y == y[0]) | ~held
        constant, level = same.all(axis=0), np.where(np.isinf(y[0]), np.nan, y[0])
    slope = np.where(constant, np.where(np.isnan(level), np.nan, 0.0), slope)
    return slope, np.where(constant, level, intercept)
