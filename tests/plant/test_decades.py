"""Buckets on a log scale: each begins where the power of ten says."""

import numpy as np

from simulator.plant.arithmetic import power
from simulator.plant.decades import ttft_bucket
from simulator.plant.jit import compiled
from simulator.plant.layout import TTFT_BUCKETS, Ints
from tests.plant.systems import MS, SECOND

BEGINS = [round(MS * power(10.0, number / 20)) for number in range(TTFT_BUCKETS - 1)]


@compiled
def _put(times: Ints, found: Ints) -> None:
    for place in range(len(times)):
        found[place] = ttft_bucket(times[place])


def buckets(times: list[int]) -> list[int]:
    found = np.zeros(len(times), dtype=np.int64)
    _put(np.array(times, dtype=np.int64), found)
    return found.tolist()


def test_a_bucket_begins_on_the_nanosecond() -> None:
    assert buckets(BEGINS) == list(range(1, TTFT_BUCKETS))
    assert buckets([begin - 1 for begin in BEGINS]) == list(range(TTFT_BUCKETS - 1))


def test_between_them_and_beyond_as_well() -> None:
    times = [0, 1, 999_999, *range(MS, 30 * MS, 9973), 999 * SECOND, 10_000 * SECOND, 1 << 60]

    assert buckets(times) == np.searchsorted(BEGINS, times, side="right").tolist()
