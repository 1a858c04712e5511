"""Exemplars of kept traces: each beside the bucket that its root span's duration fell into."""

from collections.abc import Iterable, Iterator

from simulator.instruments.series.exemplars import Exemplar
from simulator.instruments.series.labels import NAME, Labels, value_of
from simulator.instruments.series.matchers import Matcher
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.traces.model import Trace

FAMILY = "http_request_duration_seconds"
"""The histogram of requests by route, at the entry."""


def exemplars(store: SeriesStore, traces: Iterable[Trace]) -> Iterator[Exemplar]:
    """Give one for every request of every trace, in the order of the traces."""
    buckets = _buckets(store)
    for trace in traces:
        for root in trace.roots:
            lasted_s = root.lasted_ns * 1e-9
            for bound, labels in buckets.get(trace.route, ()):
                if lasted_s <= bound:
                    yield Exemplar(labels, trace.trace_id, lasted_s, root.end_ns)
                    break


def _buckets(store: SeriesStore) -> dict[str, list[tuple[float, Labels]]]:
    """Bounds and series of the histogram, by route, ascending."""
    matchers = (Matcher(NAME, "=", f"{FAMILY}_bucket"),)
    found: dict[str, list[tuple[float, Labels]]] = {}
    for labels in store.select(matchers).frame.labels:
        bound = float(value_of(labels, "le").replace("+Inf", "inf"))
        found.setdefault(value_of(labels, "route"), []).append((bound, labels))
    return {route: sorted(rows) for route, rows in found.items()}
