"""MinIO's own metrics, docs/metrics/prometheus/list.md."""

from simulator.instruments.telemetry.exporters.model import Exporter, Metric, label
from simulator.plant.probes import ReplicaProbe as R

_GET = label("api", "getobject")

MINIO = Exporter(
    [
        Metric("minio_s3_requests_total", R.ARRIVED, 1.0, _GET),
        Metric("minio_s3_requests_5xx_errors_total", R.FAILED, 1.0, _GET, (R.RATE_LIMITED,)),
        Metric("minio_s3_requests_canceled_total", R.CANCELLED, 1.0, _GET),
        Metric("minio_s3_traffic_sent_bytes", R.BYTES_SENT),
    ],
)
