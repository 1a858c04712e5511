"""Means with 95 % intervals, and differences on the same seeds.

Policies run on the same requests, so the spread of a difference, seed by seed, is what counts; the
spread of each alone says little about it.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

NO_CLEAR_DIFFERENCE = "no clear difference"

_T_975 = (
    (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (6, 2.447), (7, 2.365),
    (8, 2.306), (9, 2.262), (10, 2.228), (11, 2.201), (12, 2.179), (13, 2.160), (14, 2.145),
    (15, 2.131), (16, 2.120), (17, 2.110), (18, 2.101), (19, 2.093), (20, 2.086), (21, 2.080),
    (22, 2.074), (23, 2.069), (24, 2.064), (25, 2.060), (26, 2.056), (27, 2.052), (28, 2.048),
    (29, 2.045), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980),
)  # fmt: skip
"""Degrees of freedom and Student's t quantile at 97.5 %: NIST/SEMATECH e-Handbook of Statistical
Methods, section 1.3.6.7.2."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the half-width of its 95 % interval; infinite when one run says nothing of it."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return self.mean + self.half

    @property
    def holds_zero(self) -> bool:
        """Whether zero lies in the interval."""
        return self.low <= 0.0 <= self.high


def t_975(freedom: int) -> float:
    """Student's t quantile at 97.5 %; between rows of the table, the wider one before it."""
    row = bisect_right(_T_975, freedom, key=lambda pair: pair[0]) - 1
    return _T_975[row][1]


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of at least one value and Student's 95 % interval for it."""
    count = len(values)
    if all(value == values[0] for value in values):
        # Their mean, summed and divided, might differ from each in its last digit.
        return Estimate(values[0], 0.0 if count > 1 else math.inf)
    mean = math.fsum(values) / count
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    return Estimate(mean, t_975(count - 1) * math.sqrt(variance / count))


def difference(values: Sequence[float], baseline: Sequence[float]) -> Estimate:
    """Return by how much values exceed the baseline's, run by run on the same seeds."""
    return estimate([a - b for a, b in zip(values, baseline, strict=True)])
