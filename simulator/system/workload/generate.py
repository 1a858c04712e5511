"""Compiled loops that make arrivals: what a shape says of each second, and renewals through it."""

import itertools

import numpy as np
from numpy.typing import NDArray

from simulator.plant import arithmetic
from simulator.plant.chance import mix, uniform
from simulator.plant.jit import compiled
from simulator.system.workload.shape import Shape
from simulator.units import SECOND

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEP, _RAMP, _DIURNAL, _FLASH = range(4)
_LN2 = 0.6931471805599453
_HALF_TURN = 3.141592653589793
_NS = 1_000_000_000
_LAST_NS = _NS - 1


@compiled
def cosine_of_turns(turns: float) -> float:
    """Cosine of an angle in turns, the same on every processor, to 1e-14."""
    x = abs(turns - np.floor(turns + 0.5))
    sign = 1.0
    if x > 0.25:  # noqa: PLR2004  a quarter turn: mirror, so that few terms suffice
        x = 0.5 - x
        sign = -1.0
    z = 4.0 * _HALF_TURN * _HALF_TURN * x * x
    r = 1.0
    for n in (19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        r = 1.0 - r * z / (n * (n + 1.0))
    return sign * r


@compiled
def _flash(since: float, rise: float, extra: float, half_life: float) -> float:
    if since < 0.0:
        return 1.0
    if since < rise:
        return 1.0 + extra * since / rise
    return 1.0 + extra * arithmetic.exp(-_LN2 * (since - rise) / half_life)


@compiled
def _factor(kind: int, row: Floats, t: float) -> float:
    since = t - row[1]
    if kind == _STEP:
        return float(row[3]) if 0.0 <= since < row[2] else 1.0
    if kind == _RAMP:
        share = 1.0 if since >= row[2] else since / row[2]
        return float(1.0 + (row[3] - 1.0) * max(share, 0.0))
    if kind == _DIURNAL:
        return float(1.0 + row[3] * cosine_of_turns(since / row[2]))
    return _flash(since, row[2], row[3], row[4])


@compiled
def fill_factors(rows: Floats, first_second: int, out: Floats) -> None:
    """Multiply each second of `out` by its factors; a second counts by its middle."""
    for i in range(out.shape[0]):
        for k in range(rows.shape[0]):
            out[i] *= _factor(int(rows[k, 0]), rows[k], first_second + i + 0.5)


def shape_rows(shape: Shape) -> Floats:
    """Write a shape as rows that `fill_factors` reads, times in seconds."""
    rows = []
    ends = [step.at for step in shape.steps[1:]]
    for step, end in itertools.zip_longest(shape.steps, ends):
        lasts = np.inf if end is None else (end - step.at) / SECOND
        rows.append((_STEP, step.at / SECOND, lasts, step.factor, 0.0))
    if (ramp := shape.ramp) is not None:
        rows.append((_RAMP, ramp.at / SECOND, ramp.lasts / SECOND, ramp.to, 0.0))
    if (day := shape.diurnal) is not None:
        rows.append((_DIURNAL, day.peak_at / SECOND, day.period / SECOND, day.peak - 1.0, 0.0))
    if (crowd := shape.flash_crowd) is not None:
        rows.append(
            (_FLASH, crowd.at / SECOND, crowd.rise / SECOND, crowd.peak - 1.0,
             crowd.decay / SECOND)
        )  # fmt: skip
    return np.array(rows, dtype=np.float64).reshape(len(rows), 5)


@compiled
def _gap(phases: Floats, column: int, key: int, place: int) -> float:
    """Draw a gap: column 0 holds the cumulated weights of ordinary gaps, 1 those of first gaps."""
    chosen = 0
    if phases.shape[0] > 1:
        u = uniform(mix(key, 2 * place))
        while chosen < phases.shape[0] - 1 and u >= phases[chosen, column]:
            chosen += 1
    return float(-arithmetic.log(uniform(mix(key, 2 * place + 1))) * phases[chosen, 2])


@compiled
def renewals(key: int, phases: Floats, speeds: Floats, first: int, out: Ints) -> int:
    """Walk gaps through a block of seconds; write the arrivals from second `first` on.

    `phases` has a row (cumulated weight, cumulated weight of a first gap, mean) for each
    exponential; `speeds` says how much of a gap passes in each second. Times are ns after second
    `first`. Returns how many there are; where `out` is shorter, the rest is not written.
    """
    second = 0
    x = 0.0  # how far into the second
    made = 0
    drawn = 0
    left = _gap(phases, 1, key, drawn)
    while True:
        while left > (1.0 - x) * speeds[second]:
            left -= (1.0 - x) * speeds[second]
            second += 1
            x = 0.0
            if second == speeds.shape[0]:
                return made
        x = min(x + left / speeds[second], 1.0)
        if second >= first:
            if made < out.shape[0]:
                out[made] = (second - first) * _NS + min(int(x * _NS), _LAST_NS)
            made += 1
        drawn += 1
        left = _gap(phases, 0, key, drawn)


@compiled
def copies(
    key: int, times: Ints, low: int, scale: float, window: Ints, out: Ints, which: Ints
) -> int:
    """Copy traced requests a Poisson number of times, each moved at random; keep the window's.

    `times[i]` is the instant of traced request `low + i`; `window` holds (from, until, furthest
    move). Writes instants and the place in `times`; returns how many there are, as `renewals` does.
    """
    made = 0
    for i in range(times.shape[0]):
        own = mix(key, low + i)
        copy = 0
        total = -arithmetic.log(uniform(mix(own, 0)))
        while total < scale:
            move = (2.0 * uniform(mix(own, 2 * copy + 1)) - 1.0) * window[2]
            at = times[i] + int(np.floor(move))
            if window[0] <= at < window[1]:
                if made < out.shape[0]:
                    out[made] = at
                    which[made] = i
                made += 1
            copy += 1
            total -= arithmetic.log(uniform(mix(own, 2 * copy)))
    return made
