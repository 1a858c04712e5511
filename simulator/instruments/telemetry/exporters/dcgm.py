"""dcgm-exporter, etc/default-counters.csv: one device's metrics, as its host's exporter shows them.

It answers whether the process on the device runs or not, and goes with its host.
"""

from collections.abc import Mapping
from dataclasses import dataclass

UTIL, ACTIVE, CLOCK = (
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    "DCGM_FI_DEV_SM_CLOCK",
)
USED, FREE = "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_FREE"
NAMES = (UTIL, ACTIVE, CLOCK, USED, FREE)

_DRIVER = "550.90.07"
_MODELS = {
    "a100": ("NVIDIA A100-SXM4-80GB", 1410.0),
    "h100": ("NVIDIA H100 80GB HBM3", 1980.0),
    "h200": ("NVIDIA H200", 1980.0),
    "l40s": ("NVIDIA L40S", 2520.0),
    "l4": ("NVIDIA L4", 2040.0),
    "rtx4090": ("NVIDIA GeForce RTX 4090", 2520.0),
    "rtxpro6000": ("NVIDIA RTX PRO 6000 Blackwell", 2617.0),
}
"""Name and boost clock in MHz (NVIDIA's data sheets)."""
MEMORY_SHARE = 0.9
"""What a model server takes of a device at its start (vLLM's gpu_memory_utilization)."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a device is: its name to people, its boost clock and memory (0: not known)."""

    model: str = "NVIDIA GPU"
    clock_mhz: float = 1980.0
    memory_mib: int = 0

    @classmethod
    def named(cls, gpu: str, memory_mib: int) -> "Device":
        """Look a device up by its short name."""
        model, clock = _MODELS.get(gpu, (cls().model, cls().clock_mhz))
        return cls(model, clock, memory_mib)

    def labels(self, node: str, number: int, pod: Mapping[str, str]) -> dict[str, str]:
        """Write the labels of the device with a number at a host, used by a pod."""
        return {
            "job": "dcgm-exporter",
            "instance": f"{node}:9400",
            "gpu": str(number),
            "UUID": f"GPU-{node}-{number}",
            "device": f"nvidia{number}",
            "modelName": self.model,
            "Hostname": node,
            "DCGM_FI_DRIVER_VERSION": _DRIVER,
            "container": pod["job"],
            "namespace": pod["namespace"],
            "pod": pod["pod"],
        }

    @property
    def names(self) -> tuple[str, ...]:
        """What it shows: memory only where it is known, and nothing else says how full it is."""
        return NAMES if self.memory_mib else NAMES[:3]

    def values(self, busy: float, slowdown: float, *, is_running: bool) -> list[float]:
        """Write what it shows after being busy for a share of the time; in the order of NAMES."""
        used = float(round(MEMORY_SHARE * self.memory_mib)) if is_running else 0.0
        free = self.memory_mib - used
        found = [round(100.0 * busy), busy, round(self.clock_mhz / slowdown), used, free]
        return found[: len(self.names)]
