"""Every law a scenario can write has the mean that theory gives it."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from simulator.plant.chance import draw, law_table, mix
from simulator.plant.spec import Distribution, Work
from simulator.system.topology.distribution import durations
from simulator.system.topology.work_time import work_time
from simulator.units import MS

DRAWS = 20_000


def bounded_pareto(low: float, shape: float, high: float) -> float:
    """Mean of a Pareto law cut off at `high` (what is above it is taken out)."""
    cut = 1 - (low / high) ** shape
    tail = low ** (1 - shape) - high ** (1 - shape)
    return float(low**shape / cut * shape / (shape - 1) * tail)


def between(points: list[tuple[float, float]]) -> float:
    """Mean of a law that is linear in log(value) between quantiles, and flat above the last."""
    found = (1 - points[-1][0]) * points[-1][1]
    for (p0, v0), (p1, v1) in itertools.pairwise(points):
        found += (p1 - p0) * (v1 - v0) / math.log(v1 / v0)
    return found


@pytest.mark.parametrize(
    ("written", "mean_ms"),
    [
        ("5ms", 5),
        ({"fixed": "5ms"}, 5),
        ({"exponential": "5ms"}, 5),
        ({"uniform": ["1ms", "7ms"]}, 4),
        ({"erlang": {"mean": "5ms", "stages": 3}}, 5),
        ({"hyperexponential": {"mean": "5ms", "cv": 3}}, 5),
        ({"lognormal": {"mean": "5ms", "cv": 1.5}}, 5),
        ({"lognormal": {"50%": "5ms", "84.1344746%": "10ms"}}, 5 * math.exp(math.log(2) ** 2 / 2)),
        (
            {"pareto": {"at_least": "1ms", "shape": 1.5, "at_most": "1s"}},
            bounded_pareto(1, 1.5, 1000),
        ),
        (
            {"quantiles": {"50%": "4ms", "99%": "40ms"}},
            between([(0, 2), (0.5, 4), (0.99, 40)]),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_law_has_the_mean_of_theory(written: Any, mean_ms: float) -> None:
    table = law_table([durations(written)])

    drawn = np.array([draw(table, 0, mix(11, i)) for i in range(DRAWS)]) / MS

    # Four standard errors.
    assert drawn.mean() == pytest.approx(mean_ms, abs=4 * drawn.std() / math.sqrt(DRAWS) + 1e-6)


def test_a_lognormal_may_be_written_by_mean_and_variation() -> None:
    table = law_table([durations({"lognormal": {"mean": "5ms", "cv": 0.5}})])

    drawn = np.array([draw(table, 0, mix(12, i)) for i in range(DRAWS)])

    assert drawn.std() / drawn.mean() == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3ms", Work(Distribution("fixed", 3 * MS))),
        ({"exponential": "3ms"}, Work(Distribution("exponential", 3 * MS))),
        (
            {"base": {"exponential": "1ms"}, "per_prompt_token": "2us", "per_output_token": "5ns"},
            Work(Distribution("exponential", MS), 2000, 5),
        ),
        ({"per_output_token": "1us"}, Work(Distribution("fixed", 0), 0, 1000)),
    ],
)
def test_work_may_grow_with_tokens(written: Any, said: Work) -> None:
    assert work_time(written) == said


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"base": "1ms"}, "base alone is no work by tokens"),
        ({"base": "1ms", "per_token": "2us"}, "not per_token: write"),
        ({"per_prompt_token": 2}, "per_prompt_token: '2' needs a unit here"),
        ({"lognormal": {"mean": "5ms"}}, "write {lognormal: {mean: 5ms, cv: 1.5}}"),
        ({"lognormal": {"mean": "5ms", "cv": 0}}, "cv must be above 0"),
    ],
)
def test_work_that_cannot_be_read_says_what_to_write(written: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("{", r"\{")):
        work_time(written)
