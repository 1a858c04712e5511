"""A service's own middleware, in the OpenMetrics habit."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric, label
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

SERVICE = Exporter(
    [
        Metric("http_server_requests_total", R.COMPLETED, 1.0, label("code", "200")),
        Metric("http_server_requests_total", R.FAILED, 1.0, label("code", "500")),
        Metric("http_server_requests_total", R.REJECTED, 1.0, label("code", "503")),
        Metric("http_server_active_requests", R.RUNNING),
        Metric("http_server_queued_requests", R.QUEUED),
    ],
    per_request="http_server_requests_total",
    histograms=[Histogram("http_server_request_duration_seconds", H.RESPONSE, 1.0, R.RESPONSE_NS)],
)
