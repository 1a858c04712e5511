"""The cluster's pods as rows of the plant, with their scrapes and the trouble that reaches them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count as counting
from itertools import islice

from simulator.clock import Clock
from simulator.drill.effects import Effects, Row
from simulator.drill.names import Names
from simulator.drill.zones import Zones
from simulator.instruments.telemetry.exporters.dcgm import Device
from simulator.instruments.telemetry.exporters.vllm import meta_labels
from simulator.instruments.telemetry.scraper import Scraper
from simulator.instruments.telemetry.trouble import Trouble
from simulator.plant.api import PlantPort
from simulator.plant.probes import ReplicaProbe
from simulator.plant.spec import Llm
from simulator.world import Home, Knob, Place


@dataclass(frozen=True, slots=True)
class Taken:
    """Which devices of each host are in use, lowest numbers first."""

    of_row: dict[int, tuple[str, tuple[int, ...]]] = field(default_factory=dict)

    def take(self, node: str, row: int, count: int) -> tuple[int, ...]:
        """Give a pod so many devices of its host."""
        used = {n for host, numbers in self.of_row.values() if host == node for n in numbers}
        free = tuple(islice((n for n in counting() if n not in used), count))
        self.of_row[row] = node, free
        return free

    def give_back(self, row: int) -> None:
        """Have a pod's devices free again."""
        self.of_row.pop(row, None)


@dataclass(frozen=True, slots=True)
class PlantReplicas:
    """Carries out what the cluster says about pods."""

    clock: Clock
    plant: PlantPort
    names: Names
    shown_as: Mapping[str, str]  # component to exporter
    devices: Mapping[str, tuple[Device, int]]  # component to what its pods compute on, how many
    effects: Effects
    scraper: Scraper
    zones: Zones
    features: Mapping[str, Sequence[str]]  # component to what its pods show besides
    taken: Taken = field(default_factory=Taken)
    left: dict[str, int] = field(default_factory=dict)  # core-ns of pods that have gone, by node

    def add(self, component: str, ordinal: int, pod: str, node: str | None, revision: str) -> int:
        """Make a row for a pod whose container starts now; it serves nothing yet."""
        zone = 0 if node is None else self.zones.number_of(node)
        number = self.plant.add_replica(self.names.pools[component], ordinal, zone)
        self.effects.attach(Row(number, component, ordinal, pod, node, revision))
        labels = {"job": component, "instance": pod, "pod": pod, "namespace": "default"}
        if node is not None:
            labels["node"] = node
            if zone:
                labels["zone"] = self.zones.name_of(node) or ""
        labels |= _own_labels(self.shown_as[component], component, revision)
        served = self.names.pool(component).discipline
        if isinstance(served, Llm):
            labels |= meta_labels(served)

        def slowdown() -> float:
            return 1.0 if node is None else self.effects.host_slowdown(node)

        effects = self.effects
        trouble = Trouble(
            lambda: effects.for_row(number, Knob.SCRAPE_FAILURE) > 0,
            lambda: int(effects.for_row(number, Knob.LABEL_VALUES)),
        )
        features = self.features.get(component, ())
        limits = self.names.pool(component).limits
        shown_as = self.shown_as[component]
        self.scraper.watch_pod(number, shown_as, labels, trouble, features, limits)
        if component in self.devices and node is not None:
            device, count = self.devices[component]
            taken = self.taken.take(node, number, count)
            shown = [device.labels(node, each, labels) for each in taken]
            self.scraper.watch_devices(number, device, shown, slowdown)
        return number

    def set_ready(self, row: int, *, ready: bool) -> None:
        self.plant.set_ready(row, ready=ready)

    def set_reachable(self, row: int, *, reachable: bool) -> None:
        """Turn the host's network and processors off, or on again."""
        held = self.effects.rows[row]
        held.is_reachable = reachable
        self.effects.refresh(held)
        if reachable:
            self.scraper.regain(row, restarted=False)
        else:
            self.scraper.lose(row, host=True)

    def drain(self, row: int) -> None:
        self.plant.drain(row)

    def kill(self, row: int) -> None:
        self.scraper.lose(row)
        self.plant.kill(row)
        self.effects.renew(Home.PROCESS, Place("pod", self.effects.rows[row].pod))

    def revive(self, row: int) -> None:
        self.plant.revive(row)
        self.effects.refresh(self.effects.rows[row])
        self.scraper.regain(row, restarted=True)

    def remove(self, row: int) -> None:
        self.scraper.forget(row, self.clock.now)
        self.taken.give_back(row)
        node = self.effects.rows[row].node
        if node is not None:
            used = int(self.plant.replica_row(row)[ReplicaProbe.CPU_NS])
            self.left[node] = self.left.get(node, 0) + used
        self.plant.remove(row)
        self.effects.renew(Home.PROCESS, Place("pod", self.effects.rows[row].pod))
        self.effects.detach(row)


def _own_labels(shown_as: str, component: str, revision: str) -> dict[str, str]:
    """Labels an exporter puts on everything it shows."""
    return {
        "llm": {"model_name": revision, "engine": "0"},
        "sglang": {"model_name": revision, "engine_type": "unified", "tp_rank": "0"},
        "triton": {"model": component, "version": "1"},
        "milvus": {"node_id": "1", "query_type": "search"},
    }.get(shown_as, {})
