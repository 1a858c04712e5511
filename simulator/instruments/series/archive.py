"""Writes a series store as plain arrays and reads it back, bit for bit."""

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from simulator.errors import InvariantViolated
from simulator.instruments.series.store import SeriesStore


def dump(store: SeriesStore) -> dict[str, npt.NDArray[np.generic]]:
    """Arrays for an `.npz`: labels as bytes of JSON, and times and values end to end.

    Blocks keep the store's order, because sums follow it.
    """
    blocks = store.blocks
    text = json.dumps(store.series(), ensure_ascii=False)
    times = [block.stamps for block in blocks] or [np.zeros(0, np.int64)]
    values = [block.values.ravel() for block in blocks] or [np.zeros(0)]
    return {
        "labels": np.frombuffer(text.encode(), np.uint8),
        "columns": np.array([len(block.labels) for block in blocks], np.int64),
        "rows": np.array([len(block) for block in blocks], np.int64),
        "times_ms": np.concatenate(times),
        "values": np.concatenate(values),
    }


def load(arrays: Mapping[str, npt.NDArray[np.generic]]) -> SeriesStore:
    """Rebuild a store from what `dump` made."""
    written = json.loads(arrays["labels"].tobytes())
    labels = [tuple((name, value) for name, value in pairs) for pairs in written]
    times = np.asarray(arrays["times_ms"], np.int64)
    values = np.asarray(arrays["values"], np.float64)
    store, series, row, cell = SeriesStore(), 0, 0, 0
    for columns, rows in zip(arrays["columns"].tolist(), arrays["rows"].tolist(), strict=True):
        block = store.block(labels[series : series + columns])
        table = values[cell : cell + rows * columns].reshape(rows, columns)
        for t_ms, samples in zip(times[row : row + rows].tolist(), table, strict=True):
            block.append(t_ms, samples)
        series, row, cell = series + columns, row + rows, cell + rows * columns
    if series != len(labels) or cell != len(values):
        raise InvariantViolated("the arrays of a series store do not fit together")
    return store
