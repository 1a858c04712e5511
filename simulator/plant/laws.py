"""Laws to draw durations and counts from."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Distribution:
    """A law to draw from; results are rounded to whole numbers (ns, tokens) as they are drawn.

    fixed: a · exponential: mean a · uniform: a to b · lognormal: median a, sigma b ·
    erlang: mean a, stages b · hyperexponential: mean a, squared variation b (balanced means) ·
    pareto: scale a, shape b, bounded by c · quantiles: `points` of (probability, value), linear in
    log(value) between, flat outside; 0 % defaults to half the first value.
    """

    law: Literal[
        "fixed",
        "exponential",
        "uniform",
        "lognormal",
        "erlang",
        "hyperexponential",
        "pareto",
        "quantiles",
    ]
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    points: tuple[tuple[float, float], ...] = ()
