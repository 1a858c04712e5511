"""What a replica uses of memory, files, disk and the like, and how much it may, for the plant."""

from dataclasses import dataclass, field

RESOURCES = ("memory", "fds", "disk", "gpu_memory")
"""What runs out, in the order of the kernel's columns; bytes, and open files."""


@dataclass(frozen=True, slots=True)
class Use:
    """One resource of a replica: a base, so much per call inside, and what grows for good.

    0 `most` means no limit. What happens at it: of memory, the process is killed; of files, new
    connections are refused; of disk and GPU memory, calls fail or, if it `crashes`, the process
    dies. What has grown is gone with the process, on disk with the pod.
    """

    most: float = 0.0
    base: float = 0.0
    per_call: float = 0.0  # while it is inside
    leak_per_call: float = 0.0  # after it
    leak_per_second: float = 0.0
    crashes: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything a replica may run out of."""

    memory: Use = field(default_factory=Use)
    fds: Use = field(default_factory=Use)
    disk: Use = field(default_factory=Use)
    gpu_memory: Use = field(default_factory=Use)
    connections_max: int = 0  # calls inside at once; more are refused; 0: any
    threads_base: int = 0
    threads_per_call: int = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """What there is to show of a replica: resources of any use, and threads."""
        used = [name for name, use in zip(RESOURCES, self.uses, strict=True) if use != Use()]
        threads = ["threads"] if self.threads_base or self.threads_per_call else []
        return (*used, *threads)

    @property
    def uses(self) -> tuple[Use, ...]:
        """The resources in the order of RESOURCES."""
        return (self.memory, self.fds, self.disk, self.gpu_memory)
