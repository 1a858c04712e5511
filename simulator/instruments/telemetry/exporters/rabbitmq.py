"""RabbitMQ's own plugin, deps/rabbitmq_prometheus/metrics.md: queues, and its global counters."""

import math
from collections.abc import Sequence

from simulator.instruments.telemetry.exporters.model import NANO, Exporter, Metric
from simulator.plant.probes import ReplicaProbe as R

RABBITMQ = Exporter(
    [
        Metric("rabbitmq_queue_messages_ready", R.MESSAGES_READY),
        Metric("rabbitmq_queue_messages_unacked", R.MESSAGES_UNACKED),
        Metric("rabbitmq_queue_messages", R.MESSAGES_READY, and_columns=(R.MESSAGES_UNACKED,)),
        Metric("rabbitmq_global_messages_received_total", R.ARRIVED),
        Metric("rabbitmq_global_messages_confirmed_total", R.PUBLISHED),
        Metric("rabbitmq_global_messages_delivered_total", R.DELIVERED),
        Metric("rabbitmq_global_messages_redelivered_total", R.REDELIVERED),
        Metric("rabbitmq_global_messages_acknowledged_total", R.ACKNOWLEDGED),
        Metric("rabbitmq_global_messages_dead_lettered_delivery_limit_total", R.DEAD_LETTERS),
    ],
)

HEAD = "rabbitmq_queue_head_message_timestamp"
"""When the oldest waiting message came, in seconds of the calendar: worked out by the scraper."""


def head_timestamp(values: Sequence[int], now_ms: int) -> float:
    """Say when the oldest message came; not a number where none waits."""
    if values[R.MESSAGES_READY] == 0:
        return math.nan
    return now_ms / 1000 - values[R.AGE_NS] * NANO
