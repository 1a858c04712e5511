"""Qdrant, src/common/metrics.rs and its part on collections; its vectors have no name."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric, label
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

_SEARCH = (("endpoint", "/collections/{name}/points/search"), ("method", "POST"))
_COLLECTION = label("id", "default")

QDRANT = Exporter(
    [
        Metric("rest_responses_total", R.COMPLETED, 1.0, (*_SEARCH, ("status", "200"))),
        Metric("rest_responses_total", R.FAILED, 1.0, (*_SEARCH, ("status", "500"))),
        Metric("rest_responses_total", R.REJECTED, 1.0, (*_SEARCH, ("status", "429"))),
        Metric("collection_points", R.KEYS, 1.0, _COLLECTION),
        Metric("collection_indexed_only_excluded_points", R.UNINDEXED, 1.0, _COLLECTION),
        Metric("collection_running_optimizations", R.OPTIMIZING, 1.0, _COLLECTION),
        Metric("collection_dead_replicas", R.SHARDS_MISSING),
        Metric("process_major_page_faults_total", R.PAGE_FAULTS),
    ],
    [Histogram("rest_responses_duration_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS)],
)
