"""Writes a series store as plain arrays and reads it back, bit for bit.

What the store has packed is unpacked for it; compressing is for who stores the arrays.
"""

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from simulator.errors import InvariantViolated
from simulator.instruments.series.block import Block
from simulator.instruments.series.lane import LaneBlock
from simulator.instruments.series.store import SeriesStore


def dump(store: SeriesStore) -> dict[str, npt.NDArray[np.generic]]:
    """Arrays for an `.npz`: labels as bytes of JSON, and times and values end to end.

    Blocks keep the store's order, because sums follow it.
    """
    blocks = store.blocks
    text = json.dumps(store.series(), ensure_ascii=False)
    times = [block.stamps for block in blocks] or [np.zeros(0, np.int64)]
    values = [block.values.ravel() for block in blocks] or [np.zeros(0)]
    return _past(store.past) | {
        "labels": np.frombuffer(text.encode(), np.uint8),
        "is_table": np.array([isinstance(block, Block) for block in blocks], np.bool_),
        "columns": np.array([len(block.labels) for block in blocks], np.int64),
        "rows": np.array([len(block) for block in blocks], np.int64),
        "times_ms": np.concatenate(times),
        "values": np.concatenate(values),
    }


def load(arrays: Mapping[str, npt.NDArray[np.generic]]) -> SeriesStore:
    """Rebuild a store from what `dump` made."""
    listed = json.loads(arrays["labels"].tobytes())
    labels = [tuple((name, value) for name, value in pairs) for pairs in listed]
    times = np.asarray(arrays["times_ms"], np.int64)
    values = np.asarray(arrays["values"], np.float64)
    is_table = arrays["is_table"].tolist()
    store, series, row, cell = SeriesStore(), 0, 0, 0
    written: list[tuple[int, int, Block | LaneBlock, npt.NDArray[np.float64]]] = []
    shapes = zip(arrays["columns"].tolist(), arrays["rows"].tolist(), strict=True)
    for number, (columns, rows) in enumerate(shapes):
        names = labels[series : series + columns]
        block = store.table(names) if is_table[number] else store.block(names)
        table = values[cell : cell + rows * columns].reshape(rows, columns)
        stamps = times[row : row + rows].tolist()
        written += [(t, number, block, v) for t, v in zip(stamps, table, strict=True)]
        series, row, cell = series + columns, row + rows, cell + rows * columns
    if series != len(labels) or cell != len(values):
        raise InvariantViolated("the arrays of a series store do not fit together")
    # In order of time, as they were written: lanes stay as dense as they were.
    for t_ms, _, block, samples in sorted(written, key=lambda each: each[:2]):
        block.append(t_ms, samples)
    if "past_labels" in arrays:
        past = json.loads(arrays["past_labels"].tobytes())
        past_times = np.asarray(arrays["past_times_ms"], np.int64)
        past_values = np.asarray(arrays["past_values"], np.float64)
        named = [tuple((name, value) for name, value in pairs) for pairs in past]
        store.remember(named, past_times.tolist(), past_values.reshape(len(past_times), len(named)))
    return store


def _past(past: Block | None) -> dict[str, npt.NDArray[np.generic]]:
    """Keep apart what was never scraped."""
    if past is None:
        return {}
    return {
        "past_labels": np.frombuffer(
            json.dumps(past.labels, ensure_ascii=False).encode(), np.uint8
        ),
        "past_times_ms": past.stamps,
        "past_values": past.values.ravel(),
    }
