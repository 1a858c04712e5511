"""text-embeddings-inference, docs/source/en/metrics."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

TEXT_EMBEDDINGS = Exporter(
    [
        Metric("te_request_count", R.ARRIVED),
        Metric("te_request_success", R.COMPLETED),
        Metric("te_request_failure", R.FAILED),
        Metric("te_queue_size", R.QUEUED),
    ],
    [Histogram("te_request_duration", H.RESPONSE, 1.0, R.RESPONSE_NS)],
)
