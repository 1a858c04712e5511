"""A rate from a file: CSV with the columns time,rate, in seconds and requests per second."""

import csv
import io
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvalidInput, Mistake
from simulator.system.workload.trace import MISTAKES_MAX, text_of

COLUMNS = ["time", "rate"]
RATE_MAX = 1e6
_TIME_MAX = 1e9


@dataclass(frozen=True, slots=True)
class RateFile:
    """Rates per second, each from its time on, in a round of `lasts` seconds."""

    times: NDArray[np.float64]
    rates: NDArray[np.float64]
    lasts: float

    @classmethod
    def read(cls, path: Path, speed: float = 1.0, scale: float = 1.0) -> Self:
        """Read a file; InvalidInput names every wrong row."""
        rows, mistakes = _rows(str(path), text_of(path))
        if not mistakes and len(rows) < 2:  # noqa: PLR2004  the last is held as long as its neighbour
            text = "a rate series needs two rows"
            mistakes = [Mistake(str(path), 1, 1, "trace-short", text)]
        if mistakes:
            raise InvalidInput(mistakes[:MISTAKES_MAX])
        times = (np.array([at for at, _ in rows]) - rows[0][0]) / speed
        rates = np.array([rate for _, rate in rows]) * scale
        return cls(times, rates, float(2 * times[-1] - times[-2]))

    def at(self, second: int, count: int) -> NDArray[np.float64]:
        """Say the rate in each of so many seconds from one on, at its middle."""
        middles = (second + 0.5 + np.arange(count)) % self.lasts
        return self.rates[np.searchsorted(self.times, middles, "right") - 1]


def _rows(file: str, text: str) -> tuple[list[tuple[float, float]], list[Mistake]]:
    lines = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(lines, [])]
    if header != COLUMNS:
        said = f"the first line must be time,rate; found {','.join(header) or 'nothing'}"
        return [], [Mistake(file, 1, 1, "trace-header", said)]
    rows: list[tuple[float, float]] = []
    mistakes: list[Mistake] = []
    places: list[int] = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            time, rate = (float(cell) for cell in cells)
        except ValueError:
            time = rate = -1.0
        if not (0.0 <= time <= _TIME_MAX and 0.0 <= rate <= RATE_MAX):
            said = f"a row is seconds and requests per second, such as 60,12.5; found {cells}"
            mistakes.append(Mistake(file, lines.line_num, 1, "trace-row", said))
            continue
        rows.append((time, rate))
        places.append(lines.line_num)
    for ((before, _), (after, _)), line in zip(pairwise(rows), places[1:], strict=True):
        if after <= before:
            said = "not later than the row before; sort the file by time"
            mistakes.append(Mistake(file, line, 1, "trace-order", said))
    return rows, mistakes
