import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.evaluation.front import Point, beaten_by, beats
from simulator.evaluation.paired import Estimate

ESTIMATES = st.builds(Estimate, st.floats(0, 100), st.floats(0, 10) | st.just(math.inf))
POINTS = st.lists(st.tuples(ESTIMATES, ESTIMATES), min_size=1, max_size=8)


def at(cost: float, over: float, half: float = 1.0) -> Point:
    return Estimate(cost, half), Estimate(over, half)


@pytest.mark.parametrize(
    ("points", "beaten"),
    [
        pytest.param([at(10, 10), at(20, 20)], [None, 0], id="dearer and worse"),
        pytest.param([at(10, 20), at(20, 10)], [None, None], id="a choice"),
        pytest.param([at(10, 10), at(11.5, 20)], [None, None], id="cost intervals overlap"),
        pytest.param([at(10, 10), at(20, 12)], [None, None], id="harm intervals touch"),
        pytest.param([at(10, 10), at(20, 20, math.inf)], [None, None], id="one run proves nothing"),
        pytest.param([at(10, 10), at(10, 10)], [None, None], id="the same"),
        pytest.param([at(30, 30), at(20, 20), at(10, 10)], [1, 2, None], id="the first is named"),
    ],
)
def test_who_is_beaten(points: list[Point], beaten: list[int | None]) -> None:
    assert beaten_by(points) == beaten


@given(POINTS)
def test_somebody_is_always_on_the_front(points: list[Point]) -> None:
    assert None in beaten_by(points)


@given(POINTS)
def test_nobody_on_the_front_is_beaten_by_anybody(points: list[Point]) -> None:
    beaten = beaten_by(points)

    front = [point for point, winner in zip(points, beaten, strict=True) if winner is None]

    assert not any(beats(other, point) for point in front for other in points)
