"""What stands between the system and whoever looks: Prometheus, the log collector, their files.

Faults break it through `world`, responders restart it or roll it back; nothing here changes what a
user meets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from simulator.calendar import Calendar
from simulator.clock import Clock
from simulator.drill.effects import Effects
from simulator.drill.panels import edited as edited_dashboard
from simulator.edits import MONITORING_PROCESSES, PanelEdit, RuleEdit
from simulator.errors import ActionRefused
from simulator.instruments.alerting.editing import edited as edited_rules
from simulator.instruments.alerting.group import RunningGroup
from simulator.instruments.alerting.model import RuleGroup
from simulator.instruments.dashboards.panels import Dashboard
from simulator.instruments.series.logs import LogEntry, LogStore
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.telemetry.scraper import Scraper
from simulator.instruments.telemetry.server import RESTART_NS
from simulator.instruments.telemetry.trouble import Trouble
from simulator.plant.chance import FIRST_FREE_PURPOSE, mix, uniform
from simulator.system.workload.sources import text_key
from simulator.units import MS, format_duration
from simulator.world import Home, Knob, Place

PROMETHEUS, COLLECTOR = (Place("monitoring", name) for name in MONITORING_PROCESSES)


@dataclass(slots=True)
class GroupLoad:
    """What Prometheus knows of the work of one rule group; times in ns."""

    series: int = 0  # in the store when its reading was measured
    reads: int = 0
    busy_until: int = -1
    lasted: int = 0
    evaluated: int = 0
    missed: int = 0


_Change = TypeVar("_Change", RuleEdit, PanelEdit)


@dataclass(frozen=True, slots=True)
class _Edit(Generic[_Change]):
    cause: str
    edit: _Change
    is_release: bool


@dataclass(slots=True)
class Monitoring:
    """The instruments' own health; `groups` and `start` come when rules are wired."""

    clock: Clock
    calendar: Calendar
    scraper: Scraper
    store: SeriesStore
    logs: LogStore
    effects: Effects
    change: Callable[[str, str, str], None]
    start: Callable[[Sequence[RunningGroup]], None] = lambda _groups: None
    groups: list[RunningGroup] = field(default_factory=list)
    loads: dict[str, GroupLoad] = field(default_factory=dict)
    _written: tuple[RuleGroup, ...] = ()
    _rules: list[_Edit[RuleEdit]] = field(default_factory=list)
    _panels: list[_Edit[PanelEdit]] = field(default_factory=list)
    _lines_per_second: int = 0

    def __post_init__(self) -> None:
        self._lines_per_second = self.logs.lines_per_second
        self.scraper.server.slowdown = lambda: self.effects.at_place(PROMETHEUS, Knob.SLOWDOWN)
        self.logs.loses = self._loses

    def watch(self, groups: Sequence[RunningGroup]) -> None:
        """Know the rules as they were written."""
        self.groups, self._written = list(groups), tuple(each.group for each in groups)

    # What Prometheus gets to

    def admits(self, group: RunningGroup, now: int) -> bool:
        """Whether a rule group is evaluated at one of its instants, or the iteration is missed."""
        load = self.loads.setdefault(name_of(group.group), GroupLoad())
        server, interval = self.scraper.server, group.group.interval_ms * MS
        if now < max(server.down_until, load.busy_until):
            load.missed += 1
            return False
        if abs(self.store.version - load.series) * 10 >= self.store.version:
            self.scraper.collect()
            load.series = self.store.version
            load.reads = group.reads(self.calendar.ms(now))
            server.reads(name_of(group.group), load.reads, interval)
        load.lasted = server.evaluation_takes(load.reads, interval)
        load.busy_until = now + load.lasted if load.lasted > interval else -1
        load.evaluated += 1
        return True

    # What faults do

    def settle(self) -> None:
        """Write down what was scraped under the conditions that held until now."""
        self.scraper.collect()

    def refresh(self) -> None:
        """Have the log collector follow the knobs that stand now."""
        rate = self.effects.at_place(COLLECTOR, Knob.LOG_RATE)
        self.logs.lines_per_second = int(min(rate, self._lines_per_second))

    def edit_rules(self, cause: str, edit: RuleEdit, note: str) -> None:
        """Change the rules; with a note it is a release, which stands in the change log."""
        self._rules.append(_Edit(cause, edit, bool(note)))
        self._reload()
        if note:
            self.change("rules", note, "delivery pipeline")

    def edit_panel(self, cause: str, edit: PanelEdit, note: str) -> None:
        """Change a panel; with a note it is a release, which stands in the change log."""
        self._panels.append(_Edit(cause, edit, bool(note)))
        if note:
            self.change("dashboards", note, "delivery pipeline")

    def relieve(self, cause: str) -> None:
        """Undo what a cause still holds."""
        self._panels = [each for each in self._panels if each.cause != cause]
        self._keep_rules([each for each in self._rules if each.cause != cause])

    # What responders do

    def restart(self, part: str) -> str:
        """Start a process afresh; what lived in it is gone."""
        if part not in MONITORING_PROCESSES:
            raise ActionRefused(f"{part} are files, not a process; roll them back")
        place = Place("monitoring", part)
        self.settle()
        self.effects.renew(Home.PROCESS, place)
        self.refresh()
        if place != PROMETHEUS:
            return f"{part} restarted"
        self.scraper.restart(self.clock.now)
        return f"prometheus restarts; nothing is scraped for {format_duration(RESTART_NS)}"

    def roll_back(self, part: str) -> str:
        """Take the last release of rules or dashboards back."""
        if part in MONITORING_PROCESSES:
            raise ActionRefused(f"{part} was not released; restart it")
        held = self._rules if part == "rules" else self._panels
        released = [each.cause for each in held if each.is_release]
        if not released:
            raise ActionRefused(f"{part} have no release to go back from")
        last = released[-1]
        if part == "rules":
            self._keep_rules([each for each in self._rules if each.cause != last])
        else:
            self._panels = [each for each in self._panels if each.cause != last]
        return f"{part} are as they were before the last release"

    # What is seen

    def shown(self, name: str, dashboard: Dashboard) -> Dashboard:
        """A dashboard as its file says it now."""
        return edited_dashboard(name, dashboard, [each.edit for each in self._panels])

    def of_proxy(self, component: str) -> Trouble:
        """What can be wrong with the statistics of a component's proxy."""

        def fails() -> bool:
            effects = self.effects
            return effects.holds(Knob.PROXY_FAILURE) and any(
                row.component == component and effects.for_row(row.number, Knob.PROXY_FAILURE) > 0
                for row in effects.rows.values()
            )

        return Trouble(fails, lambda: 0)

    def _loses(self, entry: LogEntry) -> bool:
        effects = self.effects
        if not effects.holds(Knob.LOG_LOSS):
            return False
        places = [COLLECTOR, Place("component", entry.component), Place("pod", entry.pod)]
        kept = 1.0
        for place in places:
            kept *= 1.0 - effects.at_place(place, Knob.LOG_LOSS)
        key = mix(mix(FIRST_FREE_PURPOSE, entry.t_ns), text_key(entry.pod + entry.message))
        return uniform(key) >= kept

    def _keep_rules(self, kept: list[_Edit[RuleEdit]]) -> None:
        if kept != self._rules:
            self._rules = kept
            self._reload()

    def _reload(self) -> None:
        """Read the files again, as a running Prometheus does."""
        ordered = sorted(self._rules, key=lambda each: each.cause)
        wanted = edited_rules(self._written, [each.edit for each in ordered])
        by_name = {name_of(group): group for group in wanted}
        for running in self.groups:
            empty = RuleGroup(running.group.name, (), running.group.interval_ms, running.group.file)
            new = by_name.pop(name_of(running.group), empty)
            if new != running.group:
                running.become(new)
                self.loads.pop(name_of(new), None)
        added = [RunningGroup(group, self.store) for group in by_name.values()]
        self.groups += added
        self.start(added)


def name_of(group: RuleGroup) -> str:
    """Name a group as Prometheus's own metrics do."""
    return f"{group.file};{group.name}"
