"""redis_exporter, exporter/exporter.go."""

from simulator.instruments.telemetry.exporters.model import Constant, Exporter, Metric, label
from simulator.plant.probes import ReplicaProbe as R

REDIS = Exporter(
    [
        Metric("redis_keyspace_hits_total", R.HITS),
        Metric("redis_keyspace_misses_total", R.MISSES),
        Metric("redis_evicted_keys_total", R.EVICTED),
        Metric("redis_expired_keys_total", R.EXPIRED),
        Metric("redis_db_keys", R.KEYS, 1.0, (("db", "db0"),)),
        Metric("redis_commands_processed_total", R.COMPLETED),
        Metric("redis_blocked_clients", R.QUEUED),
        Metric("redis_errors_total", R.FILLS_REFUSED, 1.0, label("err", "OOM")),
        # Redis knows nothing of these: the names are ours, for what a caching library counts.
        Metric("cache_stale_served_total", R.STALE),
        Metric("cache_refreshes_total", R.RENEWED),
        Metric("cache_negative_hits_total", R.NEGATIVE),
    ],
    constants=[Constant("redis_up")],
)
