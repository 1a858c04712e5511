"""The cluster's hosts as their node_exporters show them: a target each, all read at one instant."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from simulator.clock import Phase
from simulator.drill.drill import Drill
from simulator.drill.watch import every
from simulator.instruments.series.block import ABSENT, STALE
from simulator.instruments.telemetry.exporters.node import Host
from simulator.instruments.telemetry.scraper import PERIOD_NS
from simulator.plant.probes import ReplicaProbe
from simulator.units import SECOND, seconds

OFFSET_NS = 13 * SECOND


@dataclass(slots=True)
class _Seen:
    """One host between scrapes: where its series are, and its counters since it booted (ns)."""

    host: Host
    columns: slice
    booted_at: int
    at: int
    used: int = 0  # by its pods of all times, when last looked at
    user: int = 0
    idle: int = 0
    answers: bool = False

    def count(self, booted_at: int, now: int, used: int) -> None:
        """Add what was used since the last look; a host that has booted counts from zero."""
        if booted_at != self.booted_at:
            self.booted_at = self.at = booted_at
            self.used, self.user, self.idle = used, 0, 0
        grown = used - self.used
        self.user += grown
        self.idle += max(0, self.host.cores * (now - self.at) - grown)
        self.used, self.at = used, now


class Hosts:
    """Scrapes every host; one that is lost does not answer."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._block = drill.store.table()
        self._seen: dict[str, _Seen] = {}

    def start(self) -> None:
        """Scrape from now on."""
        clock, name = self._drill.clock, "node-exporter"
        clock.spawn(every(clock, PERIOD_NS, OFFSET_NS, Phase.SCRAPE, name, self._scrape))

    def _scrape(self) -> None:
        drill, now = self._drill, self._drill.clock.now
        if now < drill.scraper.server.down_until:
            return
        booted = drill.cluster.booted()
        shown = [(self._seen.get(name) or self._meet(name, at or 0), at) for name, at in booted]
        used, memory = self._uses()
        row = np.full(len(self._block.labels), ABSENT)
        for seen, at in shown:
            name = seen.host.name
            if at is not None:
                seen.count(at, now, used[name])
                calendar = drill.calendar
                row[seen.columns] = seen.host.row(
                    calendar.ms(now) / 1000,
                    calendar.ms(at) / 1000,
                    seconds(seen.user),
                    seconds(seen.idle),
                    memory[name],
                )
            else:
                row[seen.columns] = STALE if seen.answers else ABSENT
                row[seen.columns.start] = 0.0  # up
            seen.answers = at is not None
        self._block.append(drill.now_ms, row)

    def _uses(self) -> tuple[Counter[str], Counter[str]]:
        """Core-ns that each host's pods have used so far, gone ones too, and their memory."""
        drill = self._drill
        used, memory = Counter(drill.replicas.left), Counter[str]()
        knows_memory = any(seen.host.knows_memory for seen in self._seen.values())
        for held in drill.effects.rows.values():
            if held.node is not None:
                probes = drill.plant.replica_row(held.number)
                used[held.node] += int(probes[ReplicaProbe.CPU_NS])
                if knows_memory:
                    memory[held.node] += int(probes[ReplicaProbe.MEMORY_BYTES])
        return used, memory

    def _meet(self, name: str, booted_at: int) -> _Seen:
        """Open the series of a host seen for the first time."""
        cluster, components = self._drill.cluster, self._drill.scenario.components.values()
        view = cluster.node(name)
        pool = cluster.node_pool(view.pool)
        ours = [each for each in components if not each.is_outside]
        comes = [each for each in ours if each.node_pool in {None, view.pool}]
        known = all(each.limits is not None and each.limits.memory is not None for each in comes)
        host = Host(name, max(1, pool.cpu // 1000), pool.memory, known)
        first = len(self._block.labels)
        for labels in host.series:
            self._block.column(labels)
        columns = slice(first, len(self._block.labels))
        self._seen[name] = _Seen(host, columns, booted_at, booted_at)
        return self._seen[name]
