"""Alert rules judged: what they catch, how soon, and how often they cry wolf."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from simulator.drill.drill import Twin
from simulator.drill.pool import must_compile
from simulator.drill.processes import OnDone, map_all
from simulator.evaluation.alert_runs import Episode, Watched, Watching, watch
from simulator.scenario.source import Source
from simulator.units import SECOND

TWINS: tuple[Twin, ...] = ("fault", "healthy")


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing: seconds from the strike (of the same instant in a healthy run), and its run."""

    at_s: float
    twin: Twin

    @property
    def is_right(self) -> bool:
        """Whether there was something to fire for."""
        return self.twin == "fault" and self.at_s >= 0.0


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """One alert over all runs.

    `precision` is the share of its firings that began after the strike of a fault; `recall` the
    share of fault runs in which it fired then; `delay_s` the median time from strike to firing.
    `flaps` counts firings beyond the first, per run in which it fired. `dead` says why it never
    fired, or is empty.
    """

    name: str
    firings: int
    precision: float
    recall: float
    delay_s: float
    flaps: float
    dead: str
    when: tuple[Firing, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """All rules, and what reached the pager.

    Per fault run: pages after the strike, time and bad requests until the first of them, and the
    share of the first objective's budget these are. `false_pages` counts healthy runs' pages.
    """

    rules: tuple[RuleQuality, ...]
    fault_runs: int
    healthy_runs: int
    pages_per_incident: float
    detected: float
    page_delay_s: float
    bad_before_page: float
    budget_share: float
    false_pages: float

    def plain(self) -> object:
        """The same as data for JSON; what is not known is null."""
        return _nulled(asdict(self))


def evaluate(
    sources: Iterable[Source], seeds: Sequence[int], jobs: int = 1, on_done: OnDone | None = None
) -> Quality:
    """Run every scenario on every seed, with and without its fault, and judge the rules."""
    tasks = [Watching(source, seed, twin) for source in sources for seed in seeds for twin in TWINS]
    return judged(map_all(watch, tasks, jobs, on_done, first_here=must_compile()))


def judged(runs: Sequence[Watched]) -> Quality:
    """Judge the rules over runs that have been made."""
    faulty = [run for run in runs if run.twin == "fault"]
    healthy = [run for run in runs if run.twin != "fault"]
    names = dict.fromkeys(name for run in runs for name in run.rules)
    paged = [run for run in faulty if run.first_page_at is not None]
    return Quality(
        tuple(_rule(name, runs, faulty) for name in names),
        len(faulty),
        len(healthy),
        _mean([run.pages for run in faulty]),
        len(paged) / len(faulty) if faulty else math.nan,
        _median([_seconds(run, run.first_page_at) for run in paged]),
        _median([float(run.bad_before_page) for run in paged]),
        _median([run.budget_share for run in paged]),
        _mean([run.pages for run in healthy]),
    )


def _rule(name: str, runs: Sequence[Watched], faulty: Sequence[Watched]) -> RuleQuality:
    # Scenarios may have rules of their own: a rule is judged where it is.
    runs = [run for run in runs if name in run.rules]
    faulty = [run for run in faulty if name in run.rules]
    firings = [(run, e) for run in runs for e in run.episodes if e.alertname == name]
    right = [(run, e) for run, e in firings if _is_right(run, e)]
    first = {id(run): e.fired_at for run, e in reversed(right)}
    per_run = [sum(e.alertname == name for e in run.episodes) for run in runs]
    fired = [count for count in per_run if count]
    return RuleQuality(
        name,
        len(firings),
        len(right) / len(firings) if firings else math.nan,
        len(first) / len(faulty) if faulty else math.nan,
        _median([_seconds(run, first[id(run)]) for run in faulty if id(run) in first]),
        _mean([count - 1 for count in fired]),
        "" if firings else _why_dead(name, runs),
        tuple(Firing(_seconds(run, each.fired_at), run.twin) for run, each in firings),
    )


def _is_right(run: Watched, episode: Episode) -> bool:
    return run.twin == "fault" and episode.fired_at >= run.strike_at


def _why_dead(name: str, runs: Sequence[Watched]) -> str:
    """Say why an alert never fired in any run."""
    blind = [run.blind.get(name, "") for run in runs]
    if all(blind):
        return blind[0]
    if any(name in run.pending for run in runs):
        return "its condition held, but never for as long as it asks"
    return "its condition was never true"


def _seconds(run: Watched, at: int | None) -> float:
    return math.nan if at is None else (at - run.strike_at) / SECOND


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _median(values: Sequence[float]) -> float:
    return float(median(values)) if values else math.nan


def _nulled(value: object) -> object:
    if isinstance(value, dict):
        return {key: _nulled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_nulled(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
