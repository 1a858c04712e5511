"""Buckets of time on a log scale, 20 per decade from 1 ms to 1000 s, found without a logarithm."""

import numpy as np

from simulator.plant import arithmetic
from simulator.plant import layout as at
from simulator.plant.jit import inlined
from simulator.plant.layout import NEVER

_MILLISECOND = 1_000_000
_PER_DECADE = 20
_PER_OCTAVE_MAX = 7  # 20 log10(2) is a little above 6
_EXPONENT_BITS = 52

_BEGINS_NS = np.array(
    [
        0,
        *(
            round(_MILLISECOND * arithmetic.power(10.0, (bucket - 1) / _PER_DECADE))
            for bucket in range(1, at.TTFT_BUCKETS)
        ),
        *[NEVER] * _PER_OCTAVE_MAX,
    ],
    dtype=np.int64,
)
_LAST_BEFORE = np.searchsorted(_BEGINS_NS, 1 << np.arange(62, dtype=np.int64), side="right") - 1


@inlined
def ttft_bucket(ns: int) -> int:
    """Say in which bucket a time falls: 0 is below 1 ms, the last from 1000 s on."""
    octave = (np.float64(max(ns, 1)).view(np.int64) >> _EXPONENT_BITS) - 1023
    first = _LAST_BEFORE[octave]
    bucket = first
    for i in range(first + 1, first + 1 + _PER_OCTAVE_MAX):
        bucket += ns >= _BEGINS_NS[i]
    return int(bucket)
