"""Qdrant, src/common/metrics.rs."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

_SEARCH = (("endpoint", "/collections/{name}/points/search"), ("method", "POST"))

QDRANT = Exporter(
    [
        Metric("rest_responses_total", R.COMPLETED, 1.0, (*_SEARCH, ("status", "200"))),
        Metric("rest_responses_total", R.FAILED, 1.0, (*_SEARCH, ("status", "500"))),
        Metric("rest_responses_total", R.REJECTED, 1.0, (*_SEARCH, ("status", "429"))),
    ],
    [Histogram("rest_responses_duration_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS)],
)
