"""Healthy chatter: what components log when nothing is wrong, at a stated rate."""

from simulator.clock import Phase
from simulator.drill.drill import Drill
from simulator.drill.watch import every
from simulator.instruments.series.logs import LogEntry, Severity
from simulator.plant.probes import ClassProbe, ReplicaProbe
from simulator.units import SECOND

PERIOD_NS = 30 * SECOND
"""One line per pod and one per route."""


class Chatter:
    """Writes what each process knows of its own work since its last line."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._served: dict[int, int] = {}
        self._answered: dict[int, int] = {}

    def start(self) -> None:
        """Chatter from now on."""
        clock = self._drill.clock
        clock.spawn(every(clock, PERIOD_NS, PERIOD_NS, Phase.SCRAPE, "chatter", self._speak))

    def _speak(self) -> None:
        drill, now = self._drill, self._drill.clock.now
        for row in list(drill.effects.rows.values()):
            if not (row.is_alive and row.is_reachable):
                continue
            probes = drill.plant.replica_row(row.number)
            done = int(probes[ReplicaProbe.COMPLETED])
            served = max(0, done - self._served.get(row.number, 0))
            self._served[row.number] = done
            message = f"{served} calls served in 30 s, {probes[ReplicaProbe.RUNNING]} running"
            drill.logs.append(LogEntry(now, Severity.INFO, row.component, row.pod, message))
        for number, each in enumerate(drill.names.spec.classes):
            probes = drill.plant.class_row(number)
            done = int(probes[ClassProbe.ANSWERED_2XX])
            message = f"{each.name}: {done - self._answered.get(number, 0)} answers in 30 s"
            self._answered[number] = done
            drill.logs.append(LogEntry(now, Severity.INFO, each.entry, "", message))
