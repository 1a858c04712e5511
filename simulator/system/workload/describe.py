"""What arrivals are like: rate, burstiness, lengths, and what of their prompts repeats."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.plant import arithmetic
from simulator.system.workload.unrolled import Unrolled
from simulator.units import SECOND

Ints = NDArray[np.int64]
SHARES = (0.5, 0.9, 0.99)
PEAK_S = 10
BLOCK_TOKENS = 512
"""Tokens of one of Mooncake's prefix blocks."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens: mean and the quantiles of SHARES."""

    mean: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How unequal tenants are: shares of the largest and of the five largest."""

    tenants: int
    largest: float
    five_largest: float


@dataclass(frozen=True, slots=True)
class Description:
    """Figures of a sequence of arrivals.

    `gaps_cv` is the standard deviation of the gaps over their mean, 1 for Poisson arrivals;
    `dispersion` the variance over the mean of counts per second and per minute, 1 for Poisson too.
    `peak` is the most in one of the
    spans of 10 s, as a rate. `prefix_hit` is the share of prompt tokens that an
    endless prefix cache would have, None where prompts are not known. `counts` are arrivals in
    equal spans. `turns` are those of sessions, where there are any: what is said is then of their
    requests, as if every answer came at once. `rounds` are those of the loops of one request's
    handlers, as drawn: limits of tokens and time may end them sooner.
    """

    requests: int
    lasts_s: float
    rate: float
    peak: float
    gaps_cv: float
    dispersion_second: float
    dispersion_minute: float
    prompt: Lengths | None
    output: Lengths | None
    prefix_hit: float | None
    counts: tuple[int, ...]
    turns: Lengths | None = None
    tenants: Sizes | None = None
    rounds: Lengths | None = None


def describe(
    times: Ints,
    prompts: Ints | None = None,
    outputs: Ints | None = None,
    blocks: Sequence[Sequence[int]] = (),
    spans: int = 60,
) -> Description:
    """Describe arrivals in order of time (ns); there must be two or more, not all at once."""
    seconds = (times - times[0]) / SECOND
    lasts = max(float(seconds[-1]), 1e-9)
    gaps = np.diff(seconds)
    peak = int(np.bincount((seconds // PEAK_S).astype(np.int64)).max()) / PEAK_S
    counts, _ = np.histogram(seconds, bins=spans, range=(0.0, lasts))
    return Description(
        requests=int(times.size),
        lasts_s=lasts,
        rate=gaps.size / lasts,
        peak=peak,
        gaps_cv=float(gaps.std() / gaps.mean()) if gaps.mean() > 0 else 0.0,
        dispersion_second=_dispersion(seconds, 1.0),
        dispersion_minute=_dispersion(seconds, 60.0),
        prompt=_lengths(prompts),
        output=_lengths(outputs),
        prefix_hit=_prefix_hit(blocks, prompts),
        counts=tuple(int(count) for count in counts),
    )


def describe_sessions(found: Unrolled) -> Description:
    """Describe what sessions ask; there must be two requests or more, not all at once."""
    one = describe(found.times, found.prompts, found.outputs)
    share = float(found.repeated.sum() / max(int(found.prompts.sum()), 1))
    return replace(one, prefix_hit=share, turns=_lengths(found.turns))


def sizes(count: int, zipf: float) -> Sizes:
    """Say how requests are spread over tenants of Zipf sizes."""
    weights = np.array([arithmetic.power(rank + 1.0, -zipf) for rank in range(count)])
    shares = weights / weights.sum()
    return Sizes(count, float(shares[0]), float(shares[:5].sum()))


def lengths_of(counts: Ints) -> Lengths | None:
    """Say mean and quantiles of counts, None of none."""
    return _lengths(counts)


def _dispersion(seconds: NDArray[np.float64], span: float) -> float:
    """Variance over mean of the counts in whole spans; not a number with fewer than two."""
    whole = int(seconds[-1] // span)
    if whole < 2:  # noqa: PLR2004  a variance needs two
        return float("nan")
    counts = np.bincount((seconds // span).astype(np.int64))[:whole]
    return float(counts.var() / counts.mean())


def _lengths(tokens: Ints | None) -> Lengths | None:
    known = tokens[tokens >= 0] if tokens is not None else np.zeros(0, np.int64)
    if known.size == 0:
        return None
    return Lengths(float(known.mean()), tuple(float(q) for q in np.quantile(known, SHARES)))


def _prefix_hit(blocks: Sequence[Sequence[int]], prompts: Ints | None) -> float | None:
    if not blocks or prompts is None:
        return None
    seen: set[int] = set()
    found = 0
    for ids, prompt in zip(blocks, prompts, strict=True):
        known = next((at for at, block in enumerate(ids) if block not in seen), len(ids))
        found += min(known * BLOCK_TOKENS, int(prompt))
        seen.update(ids)
    return found / max(int(prompts.sum()), 1)
