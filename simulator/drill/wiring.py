"""Scenario + seed → a drill ready to step: every part made, told of the others and started."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from simulator.calendar import Calendar
from simulator.clock import Clock, Phase, Waiting
from simulator.drill.alertmanager import Alertmanager
from simulator.drill.autoscalers import Autoscalers
from simulator.drill.business import Business
from simulator.drill.chatter import Chatter
from simulator.drill.devices import devices_of, requests_of
from simulator.drill.drill import Drill, Twin
from simulator.drill.driver import Driver
from simulator.drill.effects import BaseValues, Effects
from simulator.drill.events import Events
from simulator.drill.faults import schedule
from simulator.drill.hosts import Hosts
from simulator.drill.monitoring import Monitoring
from simulator.drill.names import CACHES, names_of
from simulator.drill.providers import providers_of
from simulator.drill.proxies import watch_edges
from simulator.drill.replicas import PlantReplicas
from simulator.drill.self_metrics import SelfMetrics
from simulator.drill.settings import Settings
from simulator.drill.slos import burning_slos, with_bounds
from simulator.drill.tickets import Tickets
from simulator.drill.topology import drawn
from simulator.drill.tracing import policy_of, span_export, traced
from simulator.drill.watch import Watch, every
from simulator.drill.world import Releases, SimulatedWorld
from simulator.drill.zones import Zones
from simulator.faults._base import Fault
from simulator.instruments.alerting.group import RunningGroup
from simulator.instruments.alerting.manager.config import default_config
from simulator.instruments.alerting.manager.dispatch import Dispatcher
from simulator.instruments.alerting.manager.reading import read_config
from simulator.instruments.alerting.rules import read_rules
from simulator.instruments.series.changes import ChangeStore
from simulator.instruments.series.logs import LogStore
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.series.tickets import TicketStore
from simulator.instruments.slo.generated import FILE, rules_text
from simulator.instruments.slo.history import extrapolate
from simulator.instruments.telemetry.kube_state import KubeState
from simulator.instruments.telemetry.scraper import PERIOD_NS, Scraper
from simulator.instruments.telemetry.server import Server
from simulator.instruments.telemetry.tracing import PERIOD_NS as EXPORT_NS
from simulator.instruments.traces.store import TraceStore
from simulator.plant.chance import FIRST_FREE_PURPOSE, draw, law_table, mix
from simulator.plant.plant import Plant
from simulator.plant.spec import Cpu, Distribution, External, Llm, PlantSpec, Workers
from simulator.record.model import Cause
from simulator.record.recorder import Recorder
from simulator.scenario.model import Scenario
from simulator.scenario.parts import InnocentChange
from simulator.system.cluster.cluster import Cluster
from simulator.system.cluster.model import deployment_of
from simulator.system.topology.compiler import compile_system
from simulator.system.workload.model import Entry
from simulator.system.workload.sources import Sources, text_key
from simulator.units import DAY, SECOND

KUBE_STATE_OFFSET_NS = 7 * SECOND
OWN_OFFSET_NS = 11 * SECOND


def wire(
    scenario: Scenario, seed: int, twin: Twin = "fault", *, trace: str = "", capacity: int = 4096
) -> tuple[Drill, list[Cause]]:
    """Make a drill standing at time 0, and the list its causes will appear in as they strike.

    `trace` replaces the workload by a file of real requests. Raises InvalidInput for a trace that
    cannot be read; the scenario itself has been checked.
    """
    calendar = Calendar.starting(scenario.clock, warm_up_ns=scenario.warm_up)
    spec = traced(compile_system(scenario.parts), scenario)
    spec = with_bounds(spec, burning_slos(scenario))
    spec = replace(spec, day_ns=calendar.epoch_ns(0) % DAY)
    pods_later = tuple(
        pool if isinstance(pool.discipline, External) else replace(pool, replicas=0)
        for pool in spec.pools
    )
    sources = _arrivals(scenario, seed, trace)
    plant = Plant(
        replace(spec, pools=pods_later),
        seed,
        dict.fromkeys(scenario.classes, sources),
        capacity=capacity,
    )
    plant.know_segments(sources.segments)
    names, clock, recorder = names_of(spec), Clock(), Recorder()
    kinds = {name: component.kind for name, component in scenario.components.items()}
    store, logs, changes = SeriesStore(), LogStore(), ChangeStore()
    releases = _releases(scenario)
    zones = Zones(scenario.nodes)
    effects = Effects(
        plant, names.pools, names.edges, names.classes, releases.quality_of,
        _base(spec, scenario), zones.numbers(scenario.network), releases.memory_leak_of,
    )  # fmt: skip
    limits = scenario.monitoring
    server = Server(limits.samples_per_second, limits.busy, limits.sample_limit)
    scraper = Scraper(store, plant, calendar, server)
    monitoring = Monitoring(clock, calendar, scraper, store, logs, effects, lambda *_: None)
    shown_as = {name: component.shown_as for name, component in scenario.components.items()}
    features = {name: component.features for name, component in scenario.components.items()}
    replicas = PlantReplicas(
        clock, plant, names, shown_as, devices_of(scenario), effects, scraper, zones, features
    )
    events = Events(clock, recorder, logs, names, effects)
    cluster = Cluster(
        clock,
        replicas,
        [deployment_of(name, component) for name, component in scenario.components.items()],
        dict(scenario.nodes),
        _drawer(seed),
        events.cluster_event,
    )
    settings = Settings(plant, names, effects, effects.base)
    dispatcher = _dispatcher(scenario)
    alertmanager = Alertmanager(dispatcher, lambda: calendar.ms(clock.now))
    world = SimulatedWorld(
        clock, plant, names, kinds, cluster, effects, settings, releases, lambda *_: None, {},
        alertmanager, monitoring,
    )  # fmt: skip
    driver = Driver(clock, plant, lambda: events.signals(plant, cluster))
    drill = Drill(
        scenario, seed, twin, calendar, clock, plant, names, kinds, effects, scraper, replicas,
        cluster, world, driver, store, logs, changes, recorder, drawn(scenario.parts),
        spans := span_export(plant, names, kinds, effects),
        TraceStore(policy_of(scenario), spans.receive), events.kube, TicketStore(),
    )  # fmt: skip
    world.change = monitoring.change = drill.note_change
    watch_edges(drill, scraper)
    _start(drill, events)
    plant.stop_arrivals(drill.horizon)
    faults = scenario.faults if twin == "fault" else _blips(scenario, twin)
    return drill, schedule(clock, world, recorder, faults, drill.warm_up)


def _start(drill: Drill, events: Events) -> None:
    """Start every process of the control plane."""
    scenario, clock = drill.scenario, drill.clock
    autoscalers = Autoscalers(drill)
    autoscalers.start(scenario.policies, scenario.metrics_adapter)
    drill.world.autoscaler_loops = autoscalers.loops
    state = KubeState(
        drill.store, drill.world, drill.calendar, autoscalers.samples, requests_of(scenario)
    )

    def scrape() -> None:
        drill.scraper.collect()
        events.signals(drill.plant, drill.cluster)
        state.scrape()

    offset, phase = KUBE_STATE_OFFSET_NS, Phase.SCRAPE
    clock.spawn(every(clock, PERIOD_NS, offset, phase, "kube-state-metrics", scrape))
    monitoring = drill.world.monitoring
    dispatcher, collect = drill.world.alertmanager.dispatcher, drill.scraper.collect
    watch = Watch(clock, drill.calendar, dispatcher, collect, monitoring)
    watch.on_transition, watch.on_page = events.alert, events.page
    watch.on_failure = events.failure
    monitoring.watch(_rule_groups(drill))
    monitoring.start = watch.start
    watch.start(drill.groups)
    own = SelfMetrics(drill.store, monitoring)
    clock.spawn(every(clock, PERIOD_NS, OWN_OFFSET_NS, phase, "prometheus", own.scrape))
    Hosts(drill).start()
    clock.spawn(_remember(drill))
    spans = every(clock, EXPORT_NS, EXPORT_NS, phase, "otel", lambda: drill.spans.export(clock.now))
    clock.spawn(spans)
    Chatter(drill).start()
    Tickets(drill, drill.seed).start()
    Business(drill).start()
    for change in _innocent(scenario, drill.twin):
        clock.spawn(_change(drill, change))
    for name, kind in drill.kinds.items():
        if kind in CACHES:
            drill.plant.warm_cache(drill.names.pools[name], 1.0)


def _change(drill: Drill, change: InnocentChange) -> Waiting:
    yield drill.clock.at(drill.warm_up + change.at, Phase.FAULT, f"change/{change.component}")
    drill.note_change(change.component, change.text, "delivery pipeline")


def _innocent(scenario: Scenario, twin: Twin) -> list[InnocentChange]:
    more = scenario.twins.noisy.innocent_changes if twin == "noisy" else []
    return [*scenario.innocent_changes, *more]


def _blips(scenario: Scenario, twin: Twin) -> list[Fault]:
    return list(scenario.twins.noisy.blips) if twin == "noisy" else []


def _rule_groups(drill: Drill) -> tuple[RunningGroup, ...]:
    scenario = drill.scenario
    texts = {**scenario.rules, **(scenario.noisy_rules if drill.twin == "noisy" else {})}
    if burning := burning_slos(scenario):
        texts[FILE] = rules_text(burning)
    return tuple(
        RunningGroup(group, drill.store)
        for file, text in texts.items()
        for group in read_rules(text, file)
    )


def _remember(drill: Drill) -> Waiting:
    """Give counters a past when warm-up has shown how they grow."""
    yield drill.clock.at(drill.warm_up, Phase.SCRAPE, "past of counters")
    drill.scraper.collect()
    expressions = [rule.expr for group in drill.groups for rule in group.group.rules]
    extrapolate(drill.store, expressions, drill.calendar.ms(0), drill.now_ms)


def _dispatcher(scenario: Scenario) -> Dispatcher:
    routing = scenario.routing
    return Dispatcher(read_config(routing[1], routing[0]) if routing else default_config())


def _arrivals(scenario: Scenario, seed: int, trace: str) -> Sources:
    entries, folder = list(scenario.workload), Path(scenario.source.folder)
    if trace:
        first = next(iter(scenario.classes))
        entries = [
            Entry.model_validate({"class": first, "trace": {"file": str(Path(trace).resolve())}})
        ]
    return Sources(
        entries,
        seed,
        starts_at_ns=scenario.warm_up,
        folder=folder,
        classes=tuple(scenario.classes),
    )


def _releases(scenario: Scenario) -> Releases:
    return Releases(
        {
            (name, component.release.name): component.release.quality
            for name, component in scenario.components.items()
            if not component.is_outside
        }
    )


def _base(spec: PlantSpec, scenario: Scenario) -> BaseValues:
    workers = {
        p.name: p.discipline.workers for p in spec.pools if isinstance(p.discipline, Workers)
    }
    processors = {p.name: p.discipline for p in spec.pools if isinstance(p.discipline, Cpu)}
    workers |= {name: each.threads_max for name, each in processors.items()}
    cores = {name: each.cores for name, each in processors.items()}
    limits = {name: each.limit_cores for name, each in processors.items() if each.limit_cores}
    sequences = {
        p.name: float(p.discipline.max_num_seqs)
        for p in spec.pools
        if isinstance(p.discipline, Llm)
    }
    delays = {f"{e.caller} -> {e.callee}": float(e.delay_ns) for e in spec.edges}
    weights = {
        name: component.weights
        for name, component in scenario.components.items()
        if component.weights is not None
    }
    limited = frozenset(p.name for p in spec.pools if p.limits is not None)
    providers = providers_of(spec)
    return BaseValues(workers, sequences, providers, delays, weights, cores, limits, limited)


def _drawer(seed: int) -> Callable[[str, Distribution], int]:
    """Draws by name: who asks, not when, decides what comes."""
    root = mix(seed, FIRST_FREE_PURPOSE)

    def drawn_for(name: str, law: Distribution) -> int:
        key = mix(root, text_key(name))
        return int(draw(law_table([law]), 0, key))

    return drawn_for
