"""What an edge shows besides, by what guards it."""

from collections.abc import Sequence

from simulator.instruments.telemetry.exporters.model import NANO, Metric
from simulator.plant.probes import EdgeProbe as E

BREAKER_STATE = "resilience4j_circuitbreaker_state"
BREAKER_STATES = ("closed", "open", "half_open")
"""In the order the plant numbers them."""
_GRADIENT = "envoy_http_adaptive_concurrency_gradient_controller"
GUARDS: dict[str, Sequence[Metric]] = {
    # resilience4j, micrometer's tagged metrics; its state gauge is worked out by the scraper.
    "breaker": [Metric("resilience4j_circuitbreaker_not_permitted_calls_total", E.NOT_PERMITTED)],
    # Envoy, outlier detection statistics
    "outliers": [
        Metric("envoy_cluster_outlier_detection_ejections_enforced_total", E.EJECTIONS),
        Metric("envoy_cluster_outlier_detection_ejections_active", E.EJECTED),
        Metric("envoy_cluster_lb_healthy_panic", E.PANICS),
    ],
    # Envoy, statistics of its adaptive concurrency filter
    "adaptive": [
        Metric(f"{_GRADIENT}_rq_blocked", E.BLOCKED),
        Metric(f"{_GRADIENT}_concurrency_limit", E.LIMIT),
        Metric(f"{_GRADIENT}_gradient", E.GRADIENT),  # Envoy's gauges are whole: thousandths
        Metric(f"{_GRADIENT}_burst_queue_size", E.HEADROOM),
        Metric(f"{_GRADIENT}_min_rtt_msecs", E.MIN_RTT_US, 1e-3),
        Metric(f"{_GRADIENT}_sample_rtt_msecs", E.SAMPLE_RTT_US, 1e-3),
        Metric(f"{_GRADIENT}_min_rtt_calculation_active", E.MEASURING),
    ],
    # Our own name: no proxy counts hedges by themselves.
    "hedge": [Metric("hedged_requests_total", E.HEDGED)],
    # Envoy, statistics of its tcp_stats transport socket
    "network": [Metric("envoy_cluster_tcp_stats_cx_tx_retransmitted_segments", E.RETRANSMITTED)],
    # Our own name: gRPC counts DEADLINE_EXCEEDED where the call was, not where it is known.
    "deadline": [Metric("expired_requests_total", E.EXPIRED)],
    # HikariCP, as micrometer shows it (MicrometerMetricsTracker.java): all callers' pools together
    "pool": [
        Metric("hikaricp_connections_active", E.POOL_BUSY),
        Metric("hikaricp_connections_idle", E.POOL_IDLE),
        Metric("hikaricp_connections_pending", E.POOL_PENDING),
        Metric("hikaricp_connections_timeout_total", E.POOL_TIMEOUTS),
        Metric("hikaricp_connections_acquire_seconds_sum", E.POOL_WAIT_NS, NANO),
    ],
}
"""What an edge shows besides, by what guards it."""
