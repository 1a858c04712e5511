"""Axes: round ticks and how their values are written."""

import math
from dataclasses import dataclass

TICKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values to pixels, linearly."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Pixel of a value, cut to the drawing."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + (self.end - self.start) * min(max(share, 0.0), 1.0)


def ticks(high: float) -> tuple[float, ...]:
    """Round values from 0 to the first at or above `high`."""
    if high <= 0:
        return (0.0, 1.0)
    rough = high / TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= rough * (1 - 1e-9))
    return tuple(round(step * n, 12) for n in range(math.ceil(high / step - 1e-9) + 1))


def written(value: float, unit: str) -> str:
    """Write a value with its unit, short."""
    if unit == "share":
        return f"{100 * value:.3g} %"
    if unit == "s":
        return f"{value:.3g} s" if value >= 1 or value == 0 else f"{1000 * value:.3g} ms"
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if suffix == 'k' else size):.3g}{suffix}"
    return f"{value:.3g}"


def minutes(span_s: float) -> tuple[float, ...]:
    """Ticks of a time axis in seconds: at most a dozen, on whole minutes."""
    steps = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400)
    step = next((s for s in steps if span_s / s <= 12), steps[-1])  # noqa: PLR2004 - fits a page
    return tuple(float(step * n) for n in range(int(span_s // step) + 1))
