"""node_exporter, collector/ (cpu, meminfo, stat, time, uname): a host as far as the plant knows it.

Pods share a host's cores evenly, so each core shows its part. No pod's memory is known unless its
component has limits; disks of hosts, their networks and what the system itself does are nowhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.instruments.series.labels import NAME, Labels, labels_of

JOB, PORT = "node-exporter", 9100
UP, TIME, BOOT, UNAME, TOTAL, AVAILABLE = NAMES = (
    "up",
    "node_time_seconds",
    "node_boot_time_seconds",
    "node_uname_info",
    "node_memory_MemTotal_bytes",
    "node_memory_MemAvailable_bytes",
)
CPU = "node_cpu_seconds_total"
MODES = ("user", "idle")
"""Of the modes a kernel tells apart, those the plant does."""


@dataclass(frozen=True, slots=True)
class Host:
    """What does not change of a host; `knows_memory`: of every pod that may come to it."""

    name: str
    cores: int
    memory_bytes: int
    knows_memory: bool

    @property
    def series(self) -> tuple[Labels, ...]:
        """Its series, in the order of `row`."""
        base = {"job": JOB, "instance": f"{self.name}:{PORT}", "namespace": "monitoring"}
        uname = {"nodename": self.name, "sysname": "Linux"}
        plain = NAMES if self.knows_memory else NAMES[:-1]
        cores = [{"cpu": str(core), "mode": mode} for mode in MODES for core in range(self.cores)]
        return (
            *(labels_of({**base, NAME: n, **(uname if n == UNAME else {})}) for n in plain),
            *(labels_of({**base, NAME: CPU, **core}) for core in cores),
        )

    def row(
        self, now_s: float, booted_s: float, user_s: float, idle_s: float, memory_bytes: float
    ) -> NDArray[np.float64]:
        """What it shows, given core-seconds since it booted and memory in use."""
        total = float(self.memory_bytes)
        plain = [1.0, now_s, booted_s, 1.0, total, max(0.0, total - memory_bytes)]
        modes = np.repeat((user_s / self.cores, idle_s / self.cores), self.cores)
        return np.concatenate((plain if self.knows_memory else plain[:-1], modes))
