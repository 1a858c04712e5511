"""The one term of a step's time that is not a plain sum."""

from simulator.plant import arithmetic


def knee_ns(w_ms: float, s_us: float, p: float, tokens: int) -> float:
    """(w^p + (s T)^p)^(1/p), multiplied in the order the engine does."""
    weights = w_ms * 1e6
    if weights == 0:
        return s_us * 1e3 * tokens
    share = s_us * 1e3 * tokens / weights
    return weights * arithmetic.power(1.0 + arithmetic.power(share, p), 1.0 / p)
