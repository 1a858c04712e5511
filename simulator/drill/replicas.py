"""The cluster's pods as rows of the plant, with their scrapes and the trouble that reaches them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.clock import Clock
from simulator.drill.effects import Effects, Row
from simulator.drill.names import Names
from simulator.drill.zones import Zones
from simulator.instruments.telemetry.scraper import Scraper
from simulator.plant.api import PlantPort
from simulator.world import Home, Place


@dataclass(frozen=True, slots=True)
class PlantReplicas:
    """Carries out what the cluster says about pods."""

    clock: Clock
    plant: PlantPort
    names: Names
    kinds: Mapping[str, str]  # component to kind
    effects: Effects
    scraper: Scraper
    zones: Zones
    features: Mapping[str, Sequence[str]]  # component to what its pods show besides

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
        if self.kinds[component] == "llm":
            labels["model_name"] = revision

        def slowdown() -> float:
            return 1.0 if node is None else self.effects.host_slowdown(node)

        self.scraper.watch_pod(
            number,
            self.kinds[component],
            labels,
            slowdown,
            self.features.get(component, ()),
            self.names.pool(component).limits,
        )
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
            self.scraper.lose(row)

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
        self.plant.remove(row)
        self.effects.renew(Home.PROCESS, Place("pod", self.effects.rows[row].pod))
        self.effects.detach(row)
