"""Old rows are packed, and nobody who asks can tell."""

import numpy as np
import pytest

from simulator.instruments.promql.plan import compile_query
from simulator.instruments.series import lane, packed
from simulator.instruments.series.archive import dump, load
from simulator.instruments.series.block import STALE
from simulator.instruments.series.labels import NAME, labels_of
from simulator.instruments.series.lane import Lane, LaneBlock
from simulator.instruments.series.store import SeriesStore
from simulator.plant.chance import mix, uniform

ROUNDS, PERIOD_MS, MISSED = 400, 15_000, 0.2
QUERIES = (
    "up", "work_total", "sum(rate(work_total[5m]))", "rate(work_total[1h])", "count(up)",
    "max_over_time(up[2h])", "work_total offset 1h", 'up{pod="late"}', "changes(up[20m])",
    "absent(nothing)",
)  # fmt: skip


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lane, packed):
        monkeypatch.setattr(module, "CHUNK_ROWS", 8)
        monkeypatch.setattr(module, "KEPT_ROWS", 16)


def _drawn(pod: str, number: int) -> float:
    return uniform(mix(len(pod), number))


def _scrape(block: LaneBlock, pod: str, number: int, t_ms: int) -> None:
    if pod == "flaky" and _drawn(pod, number) < MISSED:
        return
    if pod == "flaky" and number % 50 == 49:
        block.mark_stale(t_ms)
    else:
        block.append(t_ms, [1.0, float(number * 7 + int(5 * _drawn(pod, number)))])


def _filled() -> SeriesStore:
    """Three targets at offsets of their own: one misses scrapes and restarts, one comes late."""
    store = SeriesStore()
    blocks: dict[str, LaneBlock] = {}
    for number in range(ROUNDS):
        for place, pod in enumerate(("steady", "flaky", "late")):
            if pod == "late" and number < ROUNDS // 2:
                continue
            if pod not in blocks:
                names = [labels_of({NAME: name, "pod": pod}) for name in ("up", "work_total")]
                blocks[pod] = store.block(names)
            _scrape(blocks[pod], pod, number, number * PERIOD_MS + place * 4_000)
    return store


def _answers(store: SeriesStore) -> list[str]:
    ends = range(PERIOD_MS, ROUNDS * PERIOD_MS + 400_000, 7 * PERIOD_MS)
    plans = [compile_query(text) for text in QUERIES]
    return [f"{sorted(plan.vector(store, t_ms).samples())}" for plan in plans for t_ms in ends]


def _lane_of(store: SeriesStore) -> Lane:
    return store._lane  # noqa: SLF001  how its rows are kept is what this is about


@pytest.mark.usefixtures("small")
def test_queries_of_any_time_find_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    tight = _filled()
    found = _answers(tight)
    monkeypatch.setattr(lane, "KEPT_ROWS", 1 << 40)
    roomy = _filled()

    assert _lane_of(tight).base > ROUNDS // 2
    assert _lane_of(roomy).base == 0
    assert found == _answers(roomy)
    assert all(
        np.array_equal(ours.view(np.uint8), theirs.view(np.uint8))
        for ours, theirs in zip(dump(tight).values(), dump(roomy).values(), strict=True)
    )


@pytest.mark.usefixtures("small")
def test_what_was_packed_is_stored_and_read_back() -> None:
    store = _filled()

    again = load(dump(store))

    assert _answers(again) == _answers(store)


def test_old_rows_take_a_fraction_of_the_memory() -> None:
    store = SeriesStore()
    block = store.block([labels_of({NAME: f"m{i}"}) for i in range(50)])
    for number in range(1200):
        block.append(number * PERIOD_MS, np.arange(50.0) * (number // 4))

    rows = _lane_of(store)

    assert rows.base == 480
    assert len(rows.values) <= 1024
    assert rows._packed.nbytes < 480 * 50 * 8 / 8  # noqa: SLF001  what is packed
    assert block.values[100].tolist() == (np.arange(50.0) * 25).tolist()


def test_markers_survive() -> None:
    store = SeriesStore()
    block = store.block([labels_of({NAME: "m"})])
    for number in range(1200):
        block.append(number * PERIOD_MS, [STALE if number == 7 else 1.0])

    assert len(compile_query("m").vector(store, 7 * PERIOD_MS)) == 0
    assert len(compile_query("m").vector(store, 8 * PERIOD_MS)) == 1
