"""postgres_exporter: its collectors, and queries.go for settings and locks."""

from collections.abc import Sequence

from simulator.instruments.telemetry.exporters.model import NANO, Constant, Exporter, Metric, label
from simulator.plant.probes import ReplicaProbe as R

_IN = label("datname", "app")

POSTGRES = Exporter(
    [
        Metric("pg_stat_database_xact_commit", R.COMPLETED, 1.0, _IN),
        Metric("pg_stat_database_xact_rollback", R.FAILED, 1.0, _IN),
        Metric("pg_stat_database_numbackends", R.BACKENDS, 1.0, _IN),
        Metric("pg_settings_max_connections", R.BACKENDS_MAX),
        Metric("pg_locks_count", R.LOCKS, 1.0, (*_IN, *label("mode", "rowexclusivelock"))),
        Metric("pg_replication_lag_seconds", R.LAG_NS, NANO),
        Metric("pg_replication_is_replica", R.IS_REPLICA),
    ],
    constants=[Constant("pg_up")],
)

BACKENDS = "pg_stat_activity_count"
BACKEND_STATES = ("active", "idle", "idle in transaction")
"""What the scraper works out of a row: how many connections are in each."""
_ENDS = (R.COMPLETED, R.FAILED, R.REJECTED, R.CANCELLED)


def backends(values: Sequence[int]) -> list[float]:
    """Count a server's connections by BACKEND_STATES."""
    held = values[R.HELD_OPEN]
    active = values[R.ARRIVED] - sum(values[column] for column in _ENDS) - held
    return [active, values[R.BACKENDS] - active - held, held]
