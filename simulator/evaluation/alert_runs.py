"""One run of a drill watched by rules: what fired when, and why the others could not."""

from dataclasses import dataclass

from simulator.debrief.grading import harm
from simulator.drill.drill import Drill, Twin
from simulator.drill.run import take_off
from simulator.instruments.alerting.model import AlertRule
from simulator.instruments.promql.reading import read
from simulator.instruments.promql.syntax.tree import VectorSelector, nodes
from simulator.instruments.series.labels import NAME
from simulator.record.model import Entry, Record
from simulator.scenario.reader import build
from simulator.scenario.source import Source
from simulator.units import SECOND


@dataclass(frozen=True, slots=True)
class Watching:
    """A scenario's texts with the rules in them, a seed and a twin."""

    source: Source
    seed: int
    twin: Twin


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert's firing, in ns from the start of the graded time; None: to the end."""

    alertname: str
    fired_at: int
    resolved_at: int | None


@dataclass(frozen=True, slots=True)
class Watched:
    """What a run's rules did.

    `blind` says, for each alert that could not have fired, why: by its selectors, which found
    nothing all along. `pending` are alerts that were pending at least once. `bad_until` counts bad
    requests from the strike to the first page, -1 without one; `budget_share` is that as a share
    of the objective's whole budget, NaN without objective.
    """

    scenario: str
    seed: int
    twin: Twin
    strike_at: int
    episodes: tuple[Episode, ...]
    pages: int
    first_page_at: int | None
    bad_before_page: int
    budget_share: float
    rules: tuple[str, ...]
    pending: tuple[str, ...]
    blind: dict[str, str]


def watch(task: Watching) -> Watched:
    """Run a drill with nobody in the seat and note what its rules did."""
    scenario = build(task.source)
    flight = take_off(scenario, seed=task.seed, twin=task.twin, responder="none")
    flight.session.idle_to_end()
    record = flight.land()
    drill = flight.drill
    strike = record.header.strike_at_ns
    pages = [entry for entry in record.entries if _wakes(entry)]
    since = [entry for entry in pages if entry.at >= strike]
    first = since[0].at if since else None
    bad = _bad_between(record, strike, first)
    alerts = [rule for group in drill.groups for rule in group.group.rules]
    named = [rule for rule in alerts if isinstance(rule, AlertRule)]
    return Watched(
        scenario.name,
        task.seed,
        task.twin,
        strike,
        _episodes(record),
        len(since),
        first,
        bad,
        bad / budget if (budget := _budget(record)) else float("nan"),
        tuple(dict.fromkeys(rule.alert for rule in named)),
        tuple(dict.fromkeys(e.subject for e in record.entries if e.kind == "pending")),
        {rule.alert: why for rule in named if (why := _blindness(rule, drill))},
    )


def _wakes(entry: Entry) -> bool:
    firing = entry.detail.get("firing")
    return entry.kind == "paged" and entry.detail.get("channel") == "pager" and bool(firing)


def _episodes(record: Record) -> tuple[Episode, ...]:
    """Pair each firing with the end of the same alert, labels and all."""
    open_: dict[str, tuple[str, int]] = {}
    found: list[Episode] = []
    for entry in record.entries:
        labels = entry.detail.get("labels")
        key = repr(sorted(labels.items())) if isinstance(labels, dict) else entry.subject
        if entry.kind == "fired":
            open_[key] = (entry.subject, entry.at)
        elif entry.kind == "resolved" and key in open_:
            name, at = open_.pop(key)
            found.append(Episode(name, at, entry.at))
    found += [Episode(name, at, None) for name, at in open_.values()]
    return tuple(sorted(found, key=lambda each: (each.fired_at, each.alertname)))


def _bad_between(record: Record, strike: int, page: int | None) -> int:
    if page is None:
        return -1
    bin_ns = record.header.bin_ns
    return int(harm.bad(record)[strike // bin_ns : -(-page // bin_ns)].sum())


def _budget(record: Record) -> float:
    """Bad requests that the first objective allows in its whole window, at this run's rate."""
    objectives = record.header.objectives
    if not objectives:
        return 0.0
    first = objectives[0]
    column = record.header.classes.index(first.request_class)
    graded_ns = max(record.header.horizon_ns, SECOND)
    requests = float(record.outcomes[:, column].sum()) * first.window_ns / graded_ns
    return requests * (1.0 - first.share)


def _blindness(rule: AlertRule, drill: Drill) -> str:
    """Say why a rule could not fire: a metric nobody shows, or labels nothing has."""
    known = set(drill.store.names())
    for node in nodes(read(rule.expr)):
        if not isinstance(node, VectorSelector):
            continue
        matchers = node.matchers
        name = next((m.value for m in matchers if m.name == NAME and m.op == "="), "")
        if name and name not in known:
            return f"no exporter here shows {name}"
        if not len(drill.store.select(matchers).frame):
            shown = ", ".join(f'{m.name}{m.op}"{m.value}"' for m in matchers if m.name != NAME)
            return f"no series of {name or 'any name'} has {shown}"
    return ""
