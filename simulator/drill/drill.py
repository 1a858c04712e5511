"""One drill: every part of a simulated system, wired and standing at some instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from simulator.calendar import Calendar
from simulator.clock import Clock
from simulator.drill.driver import Driver
from simulator.drill.effects import Effects
from simulator.drill.names import Names
from simulator.drill.replicas import PlantReplicas
from simulator.drill.world import SimulatedWorld
from simulator.instruments.alerting.group import RunningGroup
from simulator.instruments.alerting.model import ActiveAlert
from simulator.instruments.series.changes import ChangeEntry, ChangeStore
from simulator.instruments.series.events import EventStore
from simulator.instruments.series.logs import LogStore
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.series.tickets import TicketStore
from simulator.instruments.telemetry.scraper import Scraper
from simulator.instruments.telemetry.tracing import SpanExport
from simulator.instruments.traces.store import TraceStore
from simulator.plant.api import PlantPort
from simulator.record.recorder import Recorder
from simulator.scenario.model import Scenario
from simulator.system.cluster.cluster import Cluster
from simulator.units import SECOND

Twin = Literal["fault", "healthy", "noisy"]
DRAIN_STEP_NS = 5 * SECOND
DRAIN_AT_MOST_NS = 1800 * SECOND


@dataclass(slots=True)
class Drill:
    """The parts, for those who wire and step them; a responder gets a `Session` instead."""

    scenario: Scenario
    seed: int
    twin: Twin
    calendar: Calendar
    clock: Clock
    plant: PlantPort
    names: Names
    kinds: Mapping[str, str]  # component to kind
    effects: Effects
    scraper: Scraper
    replicas: PlantReplicas
    cluster: Cluster
    world: SimulatedWorld
    driver: Driver
    store: SeriesStore
    logs: LogStore
    changes: ChangeStore
    recorder: Recorder
    topology_lines: tuple[str, ...]
    spans: SpanExport
    traces: TraceStore
    events: EventStore
    tickets: TicketStore

    @property
    def shown_as(self) -> Mapping[str, str]:
        """Whose metrics each component shows: its kind, or another exporter's key."""
        return {name: each.shown_as for name, each in self.scenario.components.items()}

    @property
    def groups(self) -> tuple[RunningGroup, ...]:
        """Rule groups as they stand now."""
        return tuple(self.world.monitoring.groups)

    @property
    def warm_up(self) -> int:
        """Where the responder takes the seat (ns of drill time)."""
        return self.scenario.warm_up

    @property
    def horizon(self) -> int:
        """When arrivals stop (ns of drill time)."""
        return self.scenario.warm_up + self.scenario.lasts

    @property
    def strike_at(self) -> int:
        """When the first fault strikes, or would have (ns of drill time)."""
        faults = [fault for fault in self.scenario.faults if not fault.is_there_before]
        return self.warm_up + min((fault.at for fault in faults), default=0)

    @property
    def entries(self) -> frozenset[str]:
        """Components that users reach."""
        return frozenset(each.arrives_at for each in self.scenario.classes.values())

    @property
    def brief(self) -> tuple[str, ...]:
        """What the responder is told."""
        return (self.scenario.title, *self.scenario.brief.strip().splitlines())

    @property
    def hints(self) -> tuple[str, ...]:
        return tuple(self.scenario.hints)

    @property
    def now_ms(self) -> int:
        """This instant as Prometheus stamps it."""
        return self.calendar.ms(self.clock.now)

    def active_alerts(self) -> list[ActiveAlert]:
        """Alerts pending or firing at the last evaluation, group by group."""
        return [alert for group in self.groups for alert in group.alerts()]

    def note_change(self, component: str, text: str, by: str) -> None:
        """Write a line of the change log."""
        self.changes.append(ChangeEntry(self.clock.now, component, by, text))
        self.recorder.add(self.clock.now, "changed", component, text=text, by=by)

    def run_out(self) -> None:
        """Run to the horizon, then on without arrivals until every request is answered."""
        self.driver.run_to(max(self.horizon, self.clock.now))
        limit = self.horizon + DRAIN_AT_MOST_NS
        while self.plant.in_flight() and self.clock.now < limit:
            self.driver.run_to(self.clock.now + DRAIN_STEP_NS)
        self.scraper.collect()
        self.spans.export(self.clock.now)
