"""One hex number for everything that happened: equal records, equal digests, to the byte.

It covers entries and numbers, never paths, versions, commands or wall times, and is compared
between runs, never committed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.record.model import Entry, Json

STALE_BITS = 0x7FF0000000000002
PLAIN_NAN_BITS = 0x7FF8000000000000


def canonical(value: Json) -> str:
    """JSON with sorted keys and no spaces; floats as Python's shortest form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(
    head: Mapping[str, Json],
    entries: Iterable[Entry],
    arrays: Mapping[str, NDArray[np.generic]],
) -> str:
    """Sixteen bytes of SHA-256 over head, entries and arrays (in name order), in hex."""
    total = hashlib.sha256(canonical(dict(head)).encode())
    for entry in entries:
        total.update(
            canonical([entry.seq, entry.at, entry.kind, entry.subject, entry.detail]).encode()
        )
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name}{array.shape}{array.dtype.str}".encode())
        total.update(_plain(array).tobytes())
    return total.hexdigest()[:32]


def _plain(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Make bytes independent of how a NaN came about, but keep stale markers apart."""
    if array.dtype.kind != "f":
        return np.ascontiguousarray(array)
    bits = np.ascontiguousarray(array).view(np.int64).copy()
    marked = (bits == STALE_BITS) | (bits == STALE_BITS + 1)
    bits[np.isnan(array) & ~marked] = PLAIN_NAN_BITS
    return bits
