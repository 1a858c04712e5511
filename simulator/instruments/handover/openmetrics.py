"""Writes a series store as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`.

Times are epoch seconds on every line and ascend within a series, as the tool needs. The format has
no stale markers: a series that ended lingers for the 5 minutes of the look-back after backfilling.
"""

from collections.abc import Iterator

import numpy as np

from simulator.instruments.series.block import Floats, Ints, is_marker
from simulator.instruments.series.labels import NAME, Labels, go_float, value_of
from simulator.instruments.series.store import SeriesStore

_ENDINGS = ("_bucket", "_sum", "_count")
_MS = 1000


def lines(store: SeriesStore) -> Iterator[str]:
    """Write every sample, one family after the other in order of names, without line ends."""
    tables = [(block.stamps, block.values) for block in store.blocks]
    families = _families(store)
    for family in sorted(families):
        kind, series = families[family]
        yield f"# TYPE {family} {kind}"
        for labels, block, column in series:
            if store.past is not None and labels in store.past.columns:
                past = np.ascontiguousarray(store.past.values[:, store.past.columns[labels]])
                yield from _samples(labels, store.past.stamps, past)
            stamps, values = tables[block]
            yield from _samples(labels, stamps, np.ascontiguousarray(values[:, column]))
    yield "# EOF"


def _families(store: SeriesStore) -> dict[str, tuple[str, list[tuple[Labels, int, int]]]]:
    """Group series by family: its type and, for each, its block and column."""
    names = set(store.names())
    found: dict[str, tuple[str, list[tuple[Labels, int, int]]]] = {}
    for number, block in enumerate(store.blocks):
        for column, labels in enumerate(block.labels):
            family, kind = _family(value_of(labels, NAME), names)
            found.setdefault(family, (kind, []))[1].append((labels, number, column))
    return found


def _family(name: str, names: set[str]) -> tuple[str, str]:
    """Name a series' family and its type, which the names alone tell."""
    for ending in _ENDINGS:
        base = name.removesuffix(ending)
        if base != name and f"{base}_bucket" in names and base not in names:
            return base, "histogram"
    base = name.removesuffix("_total")
    if base not in (name, *names) and f"{base}_bucket" not in names:
        return base, "counter"
    return name, "unknown"


def _samples(labels: Labels, stamps: Ints, values: Floats) -> Iterator[str]:
    inner = ",".join(f'{n}="{_escaped(v)}"' for n, v in labels if n != NAME)
    head = value_of(labels, NAME) + (f"{{{inner}}}" if inner else "")
    kept = ~is_marker(values)
    for t_ms, value in zip(stamps[kept].tolist(), values[kept].tolist(), strict=True):
        yield f"{head} {go_float(value)} {t_ms // _MS}.{t_ms % _MS:03d}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
