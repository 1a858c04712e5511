"""Chance without counters: every draw is a hash of who asks and what for.

Keys are whole numbers from 0 to 2^63 - 1. A key is mixed from its parent's and a place; a draw is
mixed from a key and a purpose; nothing that happens elsewhere shifts it.
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.plant import arithmetic
from simulator.plant.jit import compiled, hashing, inlined_entry
from simulator.plant.spec import Distribution

# Purposes: what a draw is for.
SERVICE, PROMPT, OUTPUT, CACHE_KEY, PATIENCE, QUALITY, BALANCE, BACKOFF, CHANCE, ERROR = range(10)
THIN, SHED, MIX, JUDGE, JUDGE_ERROR, THUMBS, DIVERT, TTFT, NOISE, WORKLOAD = range(10, 20)
PREFIX, HEDGE = 20, 21
EVICT, USE, EARLY, JITTER, RENEWAL, TOPIC, ALIKE, ACROSS = range(80, 88)
OBJECT, OBJECT_SIZE, SPECULATION = range(25, 28)
HOT_ROW, POISON, PERIOD, MESSAGE = range(28, 32)
HEALTHY = 32  # and the draws after it
CUT, CUT_AT, ROOM, OTHERS, ITEM, VERDICT, UNSAFE = range(48, 55)
FIRST_PATIENCE, RELOAD, COME_BACK, STOP, TURNS, TURN, THINK, GIVE_UP, RETURN = range(60, 69)
LOOP, GROWS, TENANT = 69, 70, 71
TRIP, CONNECTION = 40, 41
FIRST_FREE_PURPOSE = 100
"""Purposes from here on belong to whoever mixes keys outside the plant."""

LAWS = (
    "fixed",
    "exponential",
    "uniform",
    "lognormal",
    "erlang",
    "hyperexponential",
    "pareto",
    "quantiles",
)
_FIXED, _EXPONENTIAL, _UNIFORM, _LOGNORMAL, _ERLANG, _HYPER, _PARETO, _QUANTILES = range(8)
_COUNT, _POINTS = 4, 8  # columns of a law's row: kind, a, b, c, count, -, -, -, then points
# of (probability, value, slope to the next: of log(value) where both are positive, else of value)
_LARGEST = 4e18  # ns: what is drawn stays a whole number of 63 bits

_A = np.uint64(0x9E3779B97F4A7C15)
_B = np.uint64(0xD1B54A32D192ED03)
_C = np.uint64(0xBF58476D1CE4E5B9)
_D = np.uint64(0x94D049BB133111EB)
_S1, _S30, _S27, _S31 = np.uint64(1), np.uint64(30), np.uint64(27), np.uint64(31)


@hashing
def mix(a: int, b: int) -> int:
    """Make a key of a key and a place; both 0 to 2^63 - 1, and so is the result.

    A multiply-add, then the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
    """
    x = np.uint64(a) * _A + np.uint64(b) * _B + _C
    x = (x ^ (x >> _S30)) * _C
    x = (x ^ (x >> _S27)) * _D
    x = x ^ (x >> _S31)
    return np.int64(x >> _S1)  # type: ignore[return-value]  # an int to every caller


@inlined_entry
def uniform(key: int) -> float:
    """A number strictly between 0 and 1; the key must come from `mix`."""
    return ((key >> 11) + 0.5) * 2.220446049250313e-16  # 2^-52


@compiled
def fill_uniform(key: int, out: NDArray[np.float64]) -> None:
    """Fill an array with `uniform(mix(key, i))` at place i."""
    for i in range(out.shape[0]):
        out[i] = uniform(mix(key, i))


@compiled
def fill_exponential(key: int, first: int, out: NDArray[np.float64]) -> None:
    """Fill an array with exponentials of mean 1 drawn by `mix(key, first + i)` at place i."""
    for i in range(out.shape[0]):
        out[i] = -arithmetic.log(uniform(mix(key, first + i)))


@compiled
def _between_points(row: NDArray[np.float64], u: float) -> float:
    at = _POINTS
    last = _POINTS + 3 * (int(row[_COUNT]) - 1)
    while at < last and row[at + 3] <= u:
        at += 3
    since, value, slope = u - row[at], row[at + 1], row[at + 2]
    if since <= 0.0 or slope == 0.0:
        return float(value)
    if row[at + 1] <= 0.0 or row[at + 4] <= 0.0:
        return float(value + slope * since)
    return float(value * arithmetic.exp(slope * since))


@compiled
def _erlang(mean: float, stages: int, key: int) -> float:
    product = 1.0
    total = 0.0
    for i in range(stages):
        product *= uniform(mix(key, i))
        if product < 1e-200:  # noqa: PLR2004  before it can vanish
            total -= arithmetic.log(product)
            product = 1.0
    return (total - arithmetic.log(product)) * mean / stages


@compiled
def _hyperexponential(mean: float, squared_variation: float, key: int) -> float:
    share = 0.5 * (1.0 + math.sqrt(max(squared_variation - 1.0, 0.0) / (squared_variation + 1.0)))
    first = uniform(mix(key, 1)) < share
    branch_mean = 0.5 * mean / (share if first else 1.0 - share)
    return -arithmetic.log(uniform(mix(key, 2))) * branch_mean


@inlined_entry
def draw(laws: NDArray[np.float64], row: int, key: int) -> int:
    """Draw a whole number (ns, tokens), never below 0, from the law in that row of the table.

    The key is already mixed with a purpose.
    """
    law = laws[row]
    kind = int(law[0])
    a = law[1]
    if kind == _FIXED:
        value = a
    elif kind == _EXPONENTIAL:
        value = -arithmetic.log(uniform(key)) * a
    elif kind == _UNIFORM:
        value = a + (law[2] - a) * uniform(key)
    elif kind == _LOGNORMAL:
        value = a * arithmetic.exp(law[2] * arithmetic.normal_quantile(uniform(key)))
    elif kind == _ERLANG:
        value = _erlang(a, int(law[2]), key)
    elif kind == _HYPER:
        value = _hyperexponential(a, law[2], key)
    elif kind == _PARETO:
        u = uniform(key)
        if law[3] > a:  # bounded: the share above the bound is taken out
            u = 1.0 - (1.0 - u) * (1.0 - arithmetic.power(a / law[3], law[2]))
        value = a * arithmetic.power(u, -1.0 / law[2])
    else:
        value = _between_points(law, uniform(key))
    return int(min(max(value, 0.0), _LARGEST) + 0.5)


def law_table(laws: Sequence[Distribution]) -> NDArray[np.float64]:
    """Write distributions as rows that `draw` reads, in their order (at least one row)."""
    filled = [_with_origin(law) for law in laws]
    width = _POINTS + 3 * max((len(points) for points in filled), default=0)
    table = np.zeros((max(len(laws), 1), width))
    for row, (law, points) in enumerate(zip(laws, filled, strict=True)):
        table[row, :_COUNT] = LAWS.index(law.law), law.a, law.b, law.c
        table[row, _COUNT] = len(points)
        table[row, _POINTS : _POINTS + 3 * len(points)] = [x for point in points for x in point]
    return table


def _with_origin(law: Distribution) -> tuple[tuple[float, float, float], ...]:
    if law.law != "quantiles":
        return ()
    points = tuple(sorted(law.points))
    if points[0][0] > 0.0:
        points = ((0.0, points[0][1] / 2), *points)
    slopes = [_slope(*pair) for pair in itertools.pairwise(points)]
    return tuple((p, v, slope) for (p, v), slope in zip(points, [*slopes, 0.0], strict=True))


def _slope(before: tuple[float, float], after: tuple[float, float]) -> float:
    (p0, v0), (p1, v1) = before, after
    if p1 <= p0:
        return 0.0
    if v0 <= 0.0 or v1 <= 0.0:
        return (v1 - v0) / (p1 - p0)
    return arithmetic.log(v1 / v0) / (p1 - p0)
