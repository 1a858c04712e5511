"""Where labels go in a picture so that none covers another, a marker, or leaves the page.

The rule: points in order from left to right, each label at the first free place among those beside
its point, nearest first; what finds none is listed in a column of its own, one line each, with a
line that leads to its point.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

RINGS = 6
"""How far out, in label heights, a place is looked for before the column is used."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left and top edge, width and height; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box") -> bool:
        """Whether they share any area."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: "Box") -> bool:
        """Whether the other lies inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A label's box; `is_apart` if a line must lead from it to its point."""

    box: Box
    is_apart: bool


def dodge(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    page: Box,
    radius: float,
    obstacles: Sequence[Box] = (),
) -> list[Placed]:
    """Place a label of each size near its point, on the page or in a column right of it.

    The markers are circles of `radius` around the points; no label touches any of them, nor any
    obstacle.
    """
    markers = [Box(x - radius, y - radius, 2 * radius, 2 * radius) for x, y in points]
    taken: list[Box] = []
    found: dict[int, Placed] = {}
    column = page.y
    for at in sorted(range(len(points)), key=lambda n: (points[n], n)):
        width, height = sizes[at]
        for ring, box in _places(*points[at], width, height, radius):
            if page.holds(box) and not any(
                box.overlaps(other) for other in (*taken, *markers, *obstacles)
            ):
                found[at] = Placed(box, is_apart=ring > 0)
                break
        else:
            found[at] = Placed(Box(page.x + page.width, column, width, height), is_apart=True)
            column += height
        taken.append(found[at].box)
    return [found[at] for at in range(len(points))]


def _places(
    x: float, y: float, width: float, height: float, radius: float
) -> Iterator[tuple[int, Box]]:
    """Yield places beside a point: right, left, above, below, then the same further out."""
    for ring in range(RINGS):
        out = ring * height
        gap = radius + 4
        for across in (0.0, -out, out) if ring else (0.0,):
            yield ring, Box(x + gap, y - height / 2 + across, width, height)
            yield ring, Box(x - gap - width, y - height / 2 + across, width, height)
        yield ring, Box(x - width / 2, y - gap - height - out, width, height)
        yield ring, Box(x - width / 2, y + gap + out, width, height)
