"""Places mark labels in rows so that none overlaps another.

Labels extend to the right of their line and earlier ones stand higher, so a line, which runs down
from its own row, never crosses the label of an earlier mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.debrief.postmortem.drawing.marks import Mark

CHARACTER = 6.4
GAP = 14.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark's pixel, row, and the extent of its label; `is_left` hangs it left of its line."""

    mark: Mark
    x: float
    row: int
    start: float
    end: float
    is_left: bool


def place(marks: Sequence[Mark], xs: Sequence[float], right: float) -> tuple[Placed, ...]:
    """Give every mark a row; marks and their pixels come in order of time."""
    placed: list[Placed] = []
    for mark, x in zip(marks, xs, strict=True):
        width = CHARACTER * (len(mark.kind) + 1 + len(mark.label)) + GAP
        is_left = x + width > right
        start, end = (x - width, x) if is_left else (x, x + width)
        if is_left:
            row = _free(placed, start, end)
        else:
            row = max((p.row + 1 for p in placed if p.end > start and p.start < end), default=0)
        placed.append(Placed(mark, x, row, start, end, is_left))
    return tuple(placed)


def _free(placed: Sequence[Placed], start: float, end: float) -> int:
    taken = {p.row for p in placed if p.end > start and p.start < end}
    return next(row for row in range(len(placed) + 1) if row not in taken)
