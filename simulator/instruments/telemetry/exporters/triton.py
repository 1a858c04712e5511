"""Triton Inference Server, docs/user_guide/metrics.md: counters, no histogram by default."""

from simulator.instruments.telemetry.exporters.model import Exporter, Metric, label
from simulator.plant.probes import ReplicaProbe as R

_MICRO = 1e-3
"""Nanoseconds to microseconds."""

TRITON = Exporter(
    [
        Metric("nv_inference_request_success", R.COMPLETED),
        Metric("nv_inference_request_failure", R.FAILED, 1.0, label("reason", "BACKEND")),
        Metric("nv_inference_request_failure", R.REJECTED, 1.0, label("reason", "REJECTED")),
        Metric("nv_inference_request_failure", R.CANCELLED, 1.0, label("reason", "CANCELED")),
        Metric("nv_inference_count", R.COMPLETED),
        Metric("nv_inference_exec_count", R.STEPS),
        Metric("nv_inference_pending_request_count", R.QUEUED),
        Metric("nv_inference_request_duration_us", R.RESPONSE_NS, _MICRO),
        Metric("nv_inference_queue_duration_us", R.WAIT_NS, _MICRO),
    ],
)
