"""Which adapters are loaded where, as two lists with the least recently used first."""

from simulator.plant.llm_spec import Adapters


class Loaded:
    def __init__(self, spec: Adapters | None) -> None:
        self.spec = spec
        self.on_gpu: list[int] = []
        self.on_host: list[int] = []

    def load_ns(self, batch: set[int]) -> float:
        """What the adapters of the batch take to come where they are computed."""
        if self.spec is None:
            return 0.0
        lasts = 0.0
        for adapter in sorted(batch):
            if adapter in self.on_gpu:
                continue
            if adapter not in self.on_host:
                lasts += self.spec.load_from_disk_ns
                _make_room(self.on_host, batch, self.spec.on_host_max)
                self.on_gpu = [each for each in self.on_gpu if each in self.on_host]
                self.on_host.append(adapter)
            lasts += self.spec.load_from_host_ns
            _make_room(self.on_gpu, batch, self.spec.on_gpu_max)
            self.on_gpu.append(adapter)
        for kept in (self.on_gpu, self.on_host):  # those of the batch are the latest, by number
            kept.sort(key=lambda each: each if each in batch else -1)
        return lasts


def _make_room(kept: list[int], batch: set[int], room: int) -> None:
    others = [each for each in kept if each not in batch]
    if len(kept) >= room and others:
        kept.remove(others[0])
