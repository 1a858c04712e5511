"""What a container and its process use: cAdvisor, the kubelet, client libraries, dcgm-exporter.

Sources: cAdvisor docs/storage/prometheus.md; kubelet's volume stats; process_* of the Prometheus
client libraries; dcgm-exporter etc/default-counters.csv (MiB).
"""

from collections.abc import Mapping, Sequence

from simulator.instruments.telemetry.exporters.model import Constant, Exporter, Metric
from simulator.plant.limits_spec import Limits
from simulator.plant.probes import ReplicaProbe as R

MIB = 2.0**-20

RESOURCES: Mapping[str, Sequence[Metric]] = {
    "memory": [
        Metric("container_memory_working_set_bytes", R.MEMORY_BYTES),
        Metric("process_resident_memory_bytes", R.MEMORY_BYTES),
    ],
    "fds": [Metric("process_open_fds", R.OPEN_FDS)],
    "disk": [Metric("kubelet_volume_stats_used_bytes", R.DISK_BYTES)],
    "gpu_memory": [Metric("DCGM_FI_DEV_FB_USED", R.GPU_MEMORY_BYTES, MIB)],
    "threads": [Metric("process_threads", R.THREADS)],
}
"""By what a scenario's `limits` speak of."""


def with_resources(own: Exporter, limits: Limits) -> Exporter:
    """Add what a replica uses, and the limits that exporters show as constants."""
    shown = limits.shown
    ceilings = {
        "memory": ("container_spec_memory_limit_bytes", limits.memory.most),
        "fds": ("process_max_fds", limits.fds.most),
        "disk": ("kubelet_volume_stats_capacity_bytes", limits.disk.most),
    }
    return Exporter(
        [*own.metrics, *(metric for name in shown for metric in RESOURCES[name])],
        own.histograms,
        [
            *own.constants,
            *(Constant(*ceilings[n]) for n in shown if n in ceilings and ceilings[n][1] > 0),
        ],
    )


def left(limits: Limits) -> list[tuple[str, int, float, float]]:
    """List what is shown as left: name, probe of what is used, of how much, and the scale."""
    disk, gpu = limits.disk.most, limits.gpu_memory.most
    found = [
        ("kubelet_volume_stats_available_bytes", int(R.DISK_BYTES), disk, 1.0),
        ("DCGM_FI_DEV_FB_FREE", int(R.GPU_MEMORY_BYTES), gpu, MIB),
    ]
    return [each for each in found if each[2] > 0]
