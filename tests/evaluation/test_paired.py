import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.evaluation.paired import Estimate, difference, estimate, t_975

FIGURES = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.mark.parametrize("freedom", [*range(1, 31), 40, 60, 120])
def test_quantiles_leave_two_and_a_half_percent_above(freedom: int) -> None:
    above = _share_above(t_975(freedom), freedom)

    assert above == pytest.approx(0.025, abs=3.5e-5)  # three decimals of t


@given(st.integers(1, 500))
def test_quantiles_between_rows_are_never_too_narrow(freedom: int) -> None:
    assert t_975(freedom) >= t_975(freedom + 1) >= 1.95


def test_interval_of_a_small_sample() -> None:
    found = estimate([1.0, 2.0, 3.0])

    assert found.mean == 2.0
    assert found.half == pytest.approx(4.303 / math.sqrt(3))


def test_one_run_has_no_interval() -> None:
    assert estimate([4.0]) == Estimate(4.0, math.inf)


def test_equal_runs_have_an_interval_of_no_width() -> None:
    assert estimate([0.1] * 3) == Estimate(0.1, 0.0)


def test_a_difference_is_as_sharp_as_its_pairs() -> None:
    baseline = [10.0, 90.0, 40.0, 70.0]

    found = difference([value + 2.0 for value in baseline], baseline)

    assert found == Estimate(2.0, 0.0)


@pytest.mark.parametrize(
    ("interval", "holds"),
    [
        pytest.param(Estimate(1.0, 2.0), True, id="around zero"),
        pytest.param(Estimate(2.0, 2.0), True, id="touches zero"),
        pytest.param(Estimate(-3.0, 2.0), False, id="below zero"),
        pytest.param(Estimate(5.0, math.inf), True, id="one run"),
    ],
)
def test_whether_an_interval_holds_zero(interval: Estimate, *, holds: bool) -> None:
    assert interval.holds_zero is holds


@given(st.lists(st.tuples(FIGURES, FIGURES), min_size=2, max_size=12))
def test_exchanging_the_policies_turns_the_difference_around(
    pairs: list[tuple[float, float]],
) -> None:
    ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]

    there, back = difference(ours, theirs), difference(theirs, ours)

    assert (back.mean, back.half) == (-there.mean, there.half)


def _share_above(t: float, freedom: int) -> float:
    """Integrate Student's density from 0 to t by Simpson's rule."""
    log_scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    scale = math.exp(log_scale) / math.sqrt(freedom * math.pi)
    steps = 20_000
    width = t / steps

    def density(x: float) -> float:
        return scale * math.pow(1 + x * x / freedom, -(freedom + 1) / 2)

    inner = math.fsum((4 if n % 2 else 2) * density(n * width) for n in range(1, steps))
    return 0.5 - width / 3 * (density(0) + inner + density(t))
