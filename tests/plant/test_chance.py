"""Own arithmetic against the platform's, and draws that depend on nothing but their key."""

import math
import os
import subprocess
import sys
from pathlib import Path
from statistics import NormalDist, fmean, pstdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant import arithmetic
from simulator.plant.chance import draw, fill_uniform, law_table, mix, uniform
from simulator.plant.spec import Distribution

KEYS = st.integers(0, (1 << 63) - 1)
WITHIN = 1e-15


@settings(derandomize=True, deadline=None)
@given(st.floats(1e-300, 1e300))
def test_logarithm_is_right_to_the_last_digits(x: float) -> None:
    assert arithmetic.log(x) == pytest.approx(math.log(x), rel=WITHIN, abs=1e-300)


@settings(derandomize=True, deadline=None)
@given(st.floats(-700, 700))
def test_exponential_is_right_to_the_last_digits(x: float) -> None:
    assert arithmetic.exp(x) == pytest.approx(math.exp(x), rel=WITHIN)


def test_what_is_no_number_stays_none() -> None:
    assert math.isnan(arithmetic.log(math.nan))
    assert math.isnan(arithmetic.exp(math.nan))
    assert arithmetic.log(math.inf) == arithmetic.exp(math.inf) == math.inf


@settings(derandomize=True, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(-20, 20))
def test_power_is_right_to_the_last_digits(x: float, y: float) -> None:
    assert arithmetic.power(x, y) == pytest.approx(math.pow(x, y), rel=WITHIN)


@settings(derandomize=True, deadline=None)
@given(st.floats(1e-12, 1 - 1e-12))
def test_normal_quantile_is_right(p: float) -> None:
    expected = NormalDist().inv_cdf(p)
    assert arithmetic.normal_quantile(p) == pytest.approx(expected, rel=4e-15, abs=1e-15)


@settings(derandomize=True, deadline=None)
@given(KEYS, KEYS)
def test_keys_stay_keys_and_uniforms_strictly_between(a: int, b: int) -> None:
    key = mix(a, b)

    assert 0 <= key < 1 << 63
    assert 0.0 < uniform(key) < 1.0


@pytest.mark.parametrize(
    ("law", "mean", "variation"),
    [
        (Distribution("fixed", 7000), 7000, 0.0),
        (Distribution("exponential", 7000), 7000, 1.0),
        (Distribution("uniform", 1000, 3000), 2000, 1 / math.sqrt(12)),
        (Distribution("lognormal", 1000, 0.5), 1000 * math.exp(0.125), 0.5329),
        (Distribution("erlang", 9000, 4), 9000, 0.5),
        (Distribution("hyperexponential", 9000, 4.0), 9000, 2.0),
        (Distribution("pareto", 1000, 3.0), 1500, 1 / math.sqrt(3)),
    ],
)
def test_laws_have_the_moments_they_promise(
    law: Distribution, mean: float, variation: float
) -> None:
    laws = law_table([law])

    draws = [int(draw(laws, 0, mix(mix(3, i), 1))) for i in range(40_000)]

    # Four standard errors of a mean of 40,000; the fourth moment of the widest allows 10 %.
    assert fmean(draws) == pytest.approx(mean, rel=4 * max(variation, 0.001) / 200)
    assert pstdev(draws) / fmean(draws) == pytest.approx(variation, rel=0.1, abs=1e-9)


def test_quantiles_are_met_where_they_are_given() -> None:
    laws = law_table([Distribution("quantiles", points=((0.5, 1020), (0.99, 4142)))])

    draws = sorted(int(draw(laws, 0, mix(mix(4, i), 1))) for i in range(40_000))

    assert draws[20_000] == pytest.approx(1020, rel=0.02)
    assert draws[39_600] == pytest.approx(4142, rel=0.05)
    assert (draws[0] >= 510, draws[-1] <= 4142) == (True, True)


def _sample() -> str:
    laws = law_table([Distribution("lognormal", 1e6, 1.0), Distribution("pareto", 5, 1.2, 1e6)])
    rows = [[int(draw(laws, row, mix(key, 2**62 + key))) for row in (0, 1)] for key in range(200)]
    return repr(rows)


def test_interpreted_draws_are_the_same() -> None:
    source = "from tests.plant.test_chance import _sample; print(_sample())"

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": "."},
    )  # fmt: skip

    assert ran.stdout.strip() == _sample()


def test_filled_uniforms_are_those_drawn_one_by_one() -> None:
    out = np.zeros(5)
    fill_uniform(9, out)

    assert out.tolist() == [uniform(mix(9, i)) for i in range(5)]
