"""One line of the page: what theory or measurement says, what the plant does, and the verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure against a figure; `half_width` is three standard errors of the simulated one.

    It holds where both differ by no more than `half_width` plus `allowed` of what was expected.
    """

    setting: str
    expected: float
    simulated: float
    half_width: float = 0.0
    allowed: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the plant does what is expected of it."""
        room = self.half_width + self.allowed * abs(self.expected)
        return abs(self.simulated - self.expected) <= room + 1e-12


@dataclass(frozen=True, slots=True)
class Curve:
    """A line, or with `is_line` off points with their intervals, of a picture."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    half_widths: Sequence[float] = ()
    is_line: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """What a law looks like."""

    name: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """A section of the page."""

    title: str
    says: str
    unit: str
    rows: tuple[Row, ...]
    picture: Picture | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every line of it does."""
        return all(row.holds for row in self.rows)


def batch_means(values: Floats, batches: int = 30) -> tuple[float, float]:
    """Mean of a correlated series and three standard errors of it, by the method of batch means.

    `batches` stretches of equal length are taken as independent; what does not fill the last one
    is left out (Law, Simulation Modeling and Analysis, 9.5.3).
    """
    length = len(values) // batches
    means = values[: length * batches].reshape(batches, length).mean(axis=1)
    return float(means.mean()), 3.0 * float(means.std(ddof=1)) / math.sqrt(batches)
