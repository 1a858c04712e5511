"""Writes a series store as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`.

Times are epoch seconds on every line and ascend within a series, as the tool needs. The format has
no stale markers: a series that ended lingers for the 5 minutes of the look-back after backfilling.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.instruments.series.block import Floats, Ints, is_marker
from simulator.instruments.series.exemplars import Exemplar
from simulator.instruments.series.labels import NAME, Labels, go_float, value_of
from simulator.instruments.series.store import SeriesStore


@dataclass(frozen=True, slots=True)
class Shown:
    """An exemplar and the epoch millisecond of its observation."""

    exemplar: Exemplar
    at_ms: int


_ENDINGS = ("_bucket", "_sum", "_count")
_GAUGES = frozenset({"envoy_cluster_membership_total"})
"""Gauges whose names end as counters' do."""
_MS = 1000


def lines(store: SeriesStore, exemplars: Iterable[Shown] = ()) -> Iterator[str]:
    """Write every sample, one family after the other in order of names, without line ends.

    An exemplar stands beside the first sample of its bucket that was scraped after it.
    """
    shown: dict[Labels, list[Shown]] = {}
    for each in sorted(exemplars, key=lambda each: each.at_ms):
        shown.setdefault(each.exemplar.bucket, []).append(each)
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
            column_values = np.ascontiguousarray(values[:, column])
            yield from _samples(labels, stamps, column_values, shown.get(labels, ()))
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
    if name in _GAUGES:
        return name, "gauge"
    base = name.removesuffix("_total")
    if base not in (name, *names) and f"{base}_bucket" not in names:
        return base, "counter"
    return name, "unknown"


def _samples(
    labels: Labels, stamps: Ints, values: Floats, exemplars: Sequence[Shown] = ()
) -> Iterator[str]:
    inner = ",".join(f'{n}="{_escaped(v)}"' for n, v in labels if n != NAME)
    head = value_of(labels, NAME) + (f"{{{inner}}}" if inner else "")
    kept, waiting = ~is_marker(values), list(reversed(exemplars))
    for t_ms, value in zip(stamps[kept].tolist(), values[kept].tolist(), strict=True):
        line = f"{head} {go_float(value)} {_stamp(t_ms)}"
        newest = None
        while waiting and waiting[-1].at_ms <= t_ms:
            newest = waiting.pop()
        if newest is not None:
            each = newest.exemplar
            about = f'{{trace_id="{each.trace_id}"}} {go_float(each.value)}'
            line = f"{line} # {about} {_stamp(newest.at_ms)}"
        yield line


def _stamp(t_ms: int) -> str:
    return f"{t_ms // _MS}.{t_ms % _MS:03d}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
