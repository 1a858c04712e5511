"""Token buckets: so many a second, and no more than a burst at once."""

from simulator.plant.jit import rare
from simulator.plant.layout import Floats


@rare
def take_token(floats: Floats, rate: int, left: int, filled: int, burst: float, now: int) -> bool:
    """Take one token from a bucket that fills at floats[rate] per ns and holds `burst`."""
    level = floats[left] + (now - floats[filled]) * floats[rate]
    floats[filled] = now
    level = min(level, burst)
    taken = level >= 1.0 - 1e-9
    floats[left] = level - 1.0 if taken else level
    return taken
