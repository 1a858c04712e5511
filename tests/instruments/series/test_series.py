import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InvariantViolated
from simulator.instruments.series.archive import dump, load
from simulator.instruments.series.block import ABSENT, STALE, is_marker, is_stale
from simulator.instruments.series.labels import format_labels, go_float, labels_of, normalised
from simulator.instruments.series.matchers import Matcher
from simulator.instruments.series.store import SeriesStore


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e6, "1e+06"),
        (123456789.0, "1.23456789e+08"),
        (123456.5, "123456.5"),
        (1e-5, "1e-05"),
        (0.0001, "0.0001"),
        (100000.0, "100000"),
        (float("inf"), "+Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_floats_are_written_as_go_writes_them(value: float, text: str) -> None:
    assert go_float(value) == text


@pytest.mark.parametrize(
    ("written", "stored"),
    [("120", "120.0"), ("0.5", "0.5"), ("1e3", "1000.0"), ("+Inf", "+Inf"), ("inf", "+Inf")],
)
def test_bounds_are_stored_as_a_version_3_scrape_stores_them(written: str, stored: str) -> None:
    labels = normalised(labels_of({"le": written, "job": "1"}))

    assert labels == (("job", "1"), ("le", stored))


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [("=", "", ["b"]), ("!=", "", ["a"]), ("=~", "x|", ["a", "b"]), ("!~", "x", ["b"])],
)
def test_an_absent_label_is_an_empty_one(operator: str, value: str, found: list[str]) -> None:
    store = SeriesStore()
    store.append(labels_of({"__name__": "a", "zone": "x"}), 0, 1.0)
    store.append(labels_of({"__name__": "b"}), 0, 1.0)

    selection = store.select((Matcher("zone", operator, value),))

    assert [dict(labels)["__name__"] for labels in selection.frame.labels] == found


def test_a_selection_is_the_same_object_until_a_matching_series_joins() -> None:
    store, wanted = SeriesStore(), (Matcher("__name__", "=", "up"), Matcher("job", "=", "a"))
    block = store.table([labels_of({"__name__": "up", "job": "a", "pod": "1"})])
    first = store.select(wanted)

    store.append(labels_of({"__name__": "up", "job": "b"}), 0, 1.0)
    second = store.select(wanted)
    block.column(labels_of({"__name__": "up", "job": "a", "pod": "2"}))
    third = store.select(wanted)

    assert second is first
    assert third is not first
    assert len(third.frame) == 2


def test_stale_markers_are_not_ordinary_nans() -> None:
    values = np.array([STALE, ABSENT, np.nan, 1.0])

    assert is_stale(values).tolist() == [True, False, False, False]
    assert is_marker(values).tolist() == [True, True, False, False]


def test_a_sample_may_not_go_back_in_time() -> None:
    store = SeriesStore()
    store.append(labels_of({"__name__": "up"}), 1000, 1.0)

    with pytest.raises(InvariantViolated, match="1000 ms follows one at 1000 ms"):
        store.append(labels_of({"__name__": "up"}), 1000, 1.0)


def test_a_series_belongs_to_one_block() -> None:
    store, labels = SeriesStore(), labels_of({"__name__": "up"})
    store.block([labels])

    with pytest.raises(InvariantViolated, match="up is stored already"):
        store.block([labels])


@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.lists(st.lists(st.floats(), min_size=4, max_size=4), max_size=150),
        ),
        max_size=4,
    )
)
def test_what_is_dumped_loads_bit_for_bit(
    blocks: list[tuple[int, list[list[float]]]],
) -> None:
    store = SeriesStore()
    for number, (columns, rows) in enumerate(blocks):
        block = store.block(
            [labels_of({"__name__": f"m{number}", "x": f'"\n{c}é'}) for c in range(columns)]
        )
        for t_ms, row in enumerate(rows):
            block.append(t_ms, row[:columns])
        block.mark_stale(len(rows))

    again = load(dump(store))

    assert again.series() == store.series()
    for ours, theirs in zip(store.blocks, again.blocks, strict=True):
        assert ours.times == theirs.times
        assert ours.marked_ms == theirs.marked_ms
        assert ours.values.view(np.int64).tolist() == theirs.values.view(np.int64).tolist()


def test_labels_are_written_as_prometheus_writes_them() -> None:
    assert format_labels(labels_of({"__name__": "up", "a": 'x"y'})) == 'up{a="x\\"y"}'
    assert format_labels(()) == "{}"
