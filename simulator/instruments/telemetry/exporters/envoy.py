"""Envoy, cluster_stats.rst of its documentation: an edge as its caller's proxy counts it.

Kubernetes tells it of ready replicas only; nothing here makes one degraded or excluded.
"""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric, label
from simulator.plant.probes import EdgeProbe as E

MILLI = 1e3
"""Envoy's histograms count milliseconds; the plant's bounds are seconds."""

_OWN_5XX = (E.TIMED_OUT, E.CONNECT_FAILED, E.NO_REPLICA, E.OVERFLOWED, E.BLOCKED)

ENVOY = Exporter(
    [
        Metric("envoy_cluster_upstream_rq_total", E.CALLS),
        Metric("envoy_cluster_upstream_rq_xx", E.OK, 1.0, label("envoy_response_code_class", "2")),
        Metric(
            "envoy_cluster_upstream_rq_xx",
            E.RATE_LIMITED,
            1.0,
            label("envoy_response_code_class", "4"),
        ),
        # Envoy charges its own 504s and 503s here too.
        Metric(
            "envoy_cluster_upstream_rq_xx",
            E.FAILED,
            1.0,
            label("envoy_response_code_class", "5"),
            _OWN_5XX,
        ),
        Metric(
            "envoy_cluster_upstream_rq", E.RATE_LIMITED, 1.0, label("envoy_response_code", "429")
        ),
        Metric("envoy_cluster_upstream_rq", E.OK, 1.0, label("envoy_response_code", "200")),
        Metric("envoy_cluster_upstream_rq", E.TIMED_OUT, 1.0, label("envoy_response_code", "504")),
        Metric(
            "envoy_cluster_upstream_rq_completed",
            E.OK,
            and_columns=(E.RATE_LIMITED, E.FAILED, *_OWN_5XX),
        ),
        Metric("envoy_cluster_upstream_rq_timeout", E.TIMED_OUT),
        Metric("envoy_cluster_upstream_cx_connect_fail", E.CONNECT_FAILED),
        Metric("envoy_cluster_upstream_cx_none_healthy", E.NO_REPLICA),
        Metric("envoy_cluster_upstream_rq_pending_overflow", E.OVERFLOWED),
        Metric("envoy_cluster_upstream_rq_retry", E.RETRIES),
        Metric("envoy_cluster_upstream_rq_retry_overflow", E.RETRIES_REFUSED),
        Metric("envoy_cluster_upstream_rq_cancelled", E.CANCELLED),
        Metric("envoy_cluster_upstream_rq_active", E.ACTIVE),
        Metric("envoy_cluster_membership_total", E.MEMBERS),
        Metric("envoy_cluster_membership_healthy", E.HEALTHY),
    ],
    [Histogram("envoy_cluster_upstream_rq_time", 0, MILLI, E.LATENCY_NS, 1e-6)],
)
