"""Which policies are worth choosing between: nothing is clearly both cheaper and better."""

from collections.abc import Sequence

from simulator.evaluation.paired import Estimate

Point = tuple[Estimate, Estimate]
"""Cost and harm; less is better in both."""


def beats(one: Point, other: Point) -> bool:
    """Whether one's intervals lie entirely below the other's, in cost and in harm."""
    return all(a.high < b.low for a, b in zip(one, other, strict=True))


def beaten_by(points: Sequence[Point]) -> list[int | None]:
    """Give, for each point, the first that beats it; None stands for a place on the front."""
    return [
        next((n for n, other in enumerate(points) if beats(other, point)), None) for point in points
    ]
