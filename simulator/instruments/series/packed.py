"""Old rows of a lane, deflated: what a long run has behind it takes a quarter of the memory.

Rows are packed an hour at a time (at 15 s a round), each block's columns by themselves, so that
looking at some series far back unpacks those only. What was unpacked lately is kept.
"""

import zlib
from collections import OrderedDict

import numpy as np

from simulator.instruments.series.block import Floats

CHUNK_ROWS = 240
KEPT_ROWS = 2 * CHUNK_ROWS
"""So many of the newest rows stay as they are: most windows end within them."""
_OPEN_MAX = 64
_LEVEL = 1  # of zlib: the fastest; higher ones save a twentieth


class Packed:
    """Chunks of rows by number, and in each the columns of every block."""

    def __init__(self) -> None:
        self._bytes: dict[tuple[int, int], bytes] = {}
        self._open: OrderedDict[tuple[int, int], Floats] = OrderedDict()

    def put(self, chunk: int, block: int, values: Floats) -> None:
        """Pack the columns of one block, shape (CHUNK_ROWS, columns)."""
        # Down the columns: neighbours in time are alike.
        self._bytes[chunk, block] = zlib.compress(np.ascontiguousarray(values.T).tobytes(), _LEVEL)

    def get(self, chunk: int, block: int) -> Floats | None:
        """Unpack them; None for a block that came later."""
        key = (chunk, block)
        if key not in self._bytes:
            return None
        if key not in self._open:
            found = np.frombuffer(zlib.decompress(self._bytes[key]), np.float64)
            self._open[key] = found.reshape(-1, CHUNK_ROWS).T
            if len(self._open) > _OPEN_MAX:
                self._open.popitem(last=False)
        self._open.move_to_end(key)
        return self._open[key]

    @property
    def nbytes(self) -> int:
        """How much memory the packed rows take."""
        return sum(map(len, self._bytes.values()))
