"""cAdvisor, metrics/prometheus.go: what it shows of a container that has a CPU limit."""

from simulator.instruments.telemetry.exporters.model import NANO, Metric
from simulator.plant.probes import ReplicaProbe as R

CFS = (
    Metric("container_cpu_cfs_periods_total", R.CFS_PERIODS),
    Metric("container_cpu_cfs_throttled_periods_total", R.CFS_THROTTLED),
    Metric("container_cpu_cfs_throttled_seconds_total", R.CFS_THROTTLED_NS, NANO),
)
