"""A semantic cache's own counts: no exporter has names for them, so these are ours."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

SEMANTIC_CACHE = Exporter(
    [
        Metric("semantic_cache_hits_total", R.HITS),
        Metric("semantic_cache_misses_total", R.MISSES),
        Metric("semantic_cache_evictions_total", R.EVICTED),
        Metric("semantic_cache_expirations_total", R.EXPIRED),
        Metric("semantic_cache_entries", R.KEYS),
        Metric("semantic_cache_queued_searches", R.QUEUED),
    ],
    [Histogram("semantic_cache_search_duration_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS)],
)
