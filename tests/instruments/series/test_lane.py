import math
import struct

from hypothesis import given
from hypothesis import strategies as st

from simulator.instruments.promql.selectors import LOOKBACK_MS
from simulator.instruments.promql.window import collect
from simulator.instruments.series.archive import dump, load
from simulator.instruments.series.block import STALE, Block
from simulator.instruments.series.labels import labels_of
from simulator.instruments.series.lane import LaneBlock
from simulator.instruments.series.matchers import Matcher
from simulator.instruments.series.store import SeriesStore

UP = (Matcher("__name__", "=", "up"),)

Samples = list[tuple[int, float]]

scrapes = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(1, 40_000), st.sampled_from([1.0, 2.0, math.nan, -1.0])
    ),
    max_size=120,
)
"""Who is scraped, how long after that target's last scrape, and the value; -1 marks the end."""


def filled(
    writes: list[tuple[int, int, float]],
) -> tuple[SeriesStore, list[list[tuple[int, float]]]]:
    """A store, and the same samples as plain lists; two series per target, the second odd."""
    store = SeriesStore()
    blocks: list[Block | LaneBlock] = [
        store.block([labels_of({"__name__": "up", "t": str(t), "c": c}) for c in "ab"])
        for t in range(3)
    ]
    blocks.append(store.table([labels_of({"__name__": "up", "t": "3", "c": c}) for c in "ab"]))
    plain: list[Samples] = [[] for _ in range(8)]
    for target, gap, value in writes:
        block = blocks[target]
        at = (block.times[-1] if block.times else 0) + gap
        written = STALE if value == -1.0 else value
        block.append(at, [written, 7.0])
        plain[2 * target].append((at, written))
        plain[2 * target + 1].append((at, 7.0))
    return store, plain


def shown(samples: Samples) -> list[tuple[int, str]]:
    return [(at, repr(value)) for at, value in samples]


def is_stale(value: float) -> bool:
    return struct.pack("<d", value) == struct.pack("<d", STALE)


@given(scrapes, st.integers(0, 900_000), st.sampled_from([15_000, 60_000, LOOKBACK_MS]))
def test_a_window_holds_exactly_the_samples_of_its_range(
    writes: list[tuple[int, int, float]], until: int, span: int
) -> None:
    store, plain = filled(writes)

    window = collect(store.select(UP), until - span, until, until)

    for column, samples in enumerate(plain):
        wanted = [(t, v) for t, v in samples if until - span < t <= until and not is_stale(v)]
        count = int(window.counts[column])
        times = window.times[:count, column].tolist()
        found = list(zip(times, window.values[:count, column].tolist(), strict=True))
        assert shown(found) == shown(wanted)
        if wanted:
            assert (window.first_at[column], window.last_at[column]) == (times[0], times[-1])


@given(scrapes, st.integers(0, 900_000))
def test_the_newest_sample_is_found_whatever_the_order_of_scrapes(
    writes: list[tuple[int, int, float]], until: int
) -> None:
    store, plain = filled(writes)

    for reread in (store, load(dump(store))):
        pieces = [p.newest(until - LOOKBACK_MS, until) for p, _ in reread.select(UP).pieces]
        found = [
            (int(t), repr(float(v))) if here else None
            for piece in pieces
            for v, t, here in zip(piece.values, piece.times, piece.present, strict=True)
        ]
        wanted = []
        for samples in plain:
            inside = [(t, v) for t, v in samples if until - LOOKBACK_MS < t <= until]
            is_there = bool(inside) and not is_stale(inside[-1][1])
            wanted.append((inside[-1][0], repr(inside[-1][1])) if is_there else None)
        assert found == wanted
