"""What of a step is not plain sums: a term of its time, and how many drafts are right."""

from simulator.plant import arithmetic


def knee_ns(w_ms: float, s_us: float, p: float, tokens: int) -> float:
    """(w^p + (s T)^p)^(1/p), multiplied in the order the engine does."""
    weights = w_ms * 1e6
    if weights == 0:
        return s_us * 1e3 * tokens
    share = s_us * 1e3 * tokens / weights
    return weights * arithmetic.power(1.0 + arithmetic.power(share, p), 1.0 / p)


def rightly_drafted(u: float, acceptance: float, drafted: int) -> int:
    """How many drafts in a row are right, by one draw: each only after those before it."""
    bars = [acceptance]
    while len(bars) < drafted:
        bars.append(bars[-1] * acceptance)
    return sum(u < bar for bar in bars)
