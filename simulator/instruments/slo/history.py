"""A healthy past for the counters that long windows read, extrapolated from the warm-up.

`rate(x[6h])` over ten minutes of samples is the rate of those ten minutes, so on a system without
a past a long window is as jumpy as a short one and burn-rate alerts fire far too early. What is
written here was never scraped; the store keeps it apart as `past`.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.selectors import range_selectors
from simulator.instruments.series.block import Floats, is_marker
from simulator.instruments.series.labels import NAME, Labels, value_of
from simulator.instruments.series.matchers import Matcher
from simulator.instruments.series.store import SeriesStore

COUNTER_ENDINGS = ("_total", "_bucket", "_count", "_sum")
_MINUTE_MS = 60_000
_STEPS = (
    (360 * _MINUTE_MS, _MINUTE_MS),
    (4320 * _MINUTE_MS, 5 * _MINUTE_MS),
    (2**62, 60 * _MINUTE_MS),
)
"""Up to which age samples stand how far apart: a range needs a handful, a month not a million."""


def extrapolate(store: SeriesStore, expressions: Iterable[str], start_ms: int, now_ms: int) -> int:
    """Write a past for counters that some expression looks further back at than warm-up lasts.

    They grow as they did in the second half of warm-up, which lasted from `start_ms` to `now_ms`,
    and begin anew at its start, as those of a process just started. Returns how many got one.
    """
    reach, selectors = 0, list[tuple[Matcher, ...]]()
    for expression in expressions:
        for selector in range_selectors(compile_query(expression).expr):
            back = selector.range_ms + max(selector.when.offset_ms, 0)
            if back > now_ms - start_ms:
                reach = max(reach, back)
                selectors.append(selector.matchers)
    rates = _rates(store, dict.fromkeys(selectors), (start_ms + now_ms) // 2, now_ms)
    if not rates:
        return 0
    times = _times(reach, start_ms)
    ages_s = (np.array(times) - times[0])[:, None] / 1000
    store.remember(list(rates), times, np.floor(ages_s * np.array(list(rates.values()))))
    return len(rates)


def _rates(
    store: SeriesStore, selectors: Iterable[tuple[Matcher, ...]], after_ms: int, until_ms: int
) -> dict[Labels, float]:
    """Measure each counter's growth per second."""
    found: dict[Labels, float] = {}
    for matchers in selectors:
        selection = store.select(matchers)
        for piece, out in selection.pieces:
            part = piece.part(after_ms, until_ms)
            times = part.times()
            for column, labels in enumerate(selection.frame.labels[out]):
                count = int(part.counts[column])
                if count > 1 and value_of(labels, NAME).endswith(COUNTER_ENDINGS):
                    values, at = part.values[:count, column], times[:count, column]
                    found[labels] = _growth(np.ascontiguousarray(values), at.tolist())
    return found


def _growth(values: Floats, times_ms: Sequence[int]) -> float:
    """Per second from first to last, over resets; nothing for what has gaps."""
    if is_marker(values).any():
        return 0.0
    steps = np.diff(values)
    grown = float(np.where(steps < 0, values[1:], steps).sum())
    return grown * 1000 / (times_ms[-1] - times_ms[0])


def _times(reach_ms: int, before_ms: int) -> list[int]:
    """When samples stand, oldest first, all before an instant and reaching back over `reach_ms`."""
    # The youngest stands right before, so that the change of process hides no growth.
    times, age = [before_ms - 1], 0
    for until, step in _STEPS:
        while age < min(until, reach_ms + step):
            age += step
            times.append(before_ms - age)
    return times[::-1]
