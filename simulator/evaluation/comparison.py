"""Autoscaling policies compared: every policy on the same seeds, nobody in the seat."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from simulator import __version__
from simulator.drill.drill import Twin
from simulator.drill.pool import must_compile
from simulator.drill.processes import OnDone, map_all
from simulator.errors import UsageError
from simulator.evaluation.front import beaten_by
from simulator.evaluation.model import Comparison, Row
from simulator.evaluation.paired import difference, estimate
from simulator.evaluation.patterns import patterns
from simulator.evaluation.policies import Policy, read_policies
from simulator.evaluation.summary import Summary
from simulator.evaluation.trial import Trial, perform
from simulator.scenario.model import Scenario
from simulator.scenario.reader import load


def compare(
    scenario: Scenario | str | Path,
    policies: Iterable[str | Path],
    seeds: Iterable[int] = range(1, 11),
    jobs: int = 1,
    *,
    twin: Twin = "fault",
    on_done: OnDone | None = None,
) -> Comparison:
    """Run every policy on every seed and say how they differ from the first.

    A policy replaces the scenario's autoscalers of the components it scales. Policies are files,
    or folders of them. Seeds are used as given, so a run here is `brownout run` with that seed.
    Raises InvalidInput for files with mistakes and UsageError for no policies or seeds.
    """
    held = scenario if isinstance(scenario, Scenario) else load(scenario)
    found, _ = read_policies(policies, held)
    return compared(held, found, seeds, jobs, twin=twin, on_done=on_done)


def compared(
    scenario: Scenario,
    policies: Sequence[Policy],
    seeds: Iterable[int],
    jobs: int = 1,
    *,
    twin: Twin = "fault",
    on_done: OnDone | None = None,
) -> Comparison:
    """Compare policies that have been read."""
    seeds = tuple(seeds)
    if not seeds:
        raise UsageError("name at least one seed, such as 1..10")
    trials = [
        Trial(scenario.source, policy.text, policy.ceilings, seed, twin)
        for policy in policies
        for seed in seeds
    ]
    runs = map_all(perform, trials, jobs, on_done, first_here=must_compile())
    by_policy = [tuple(runs[at : at + len(seeds)]) for at in range(0, len(runs), len(seeds))]
    first = by_policy[0][0]
    return Comparison(
        scenario=scenario.name,
        title=scenario.title,
        scenario_digest=scenario.digest,
        version=__version__,
        twin=twin,
        seeds=seeds,
        currency=scenario.currency,
        graded_hours=first.hours,
        rows=rows(policies, by_policy),
        notes=notes_on(scenario, seeds, runs),
    )


def rows(policies: Sequence[Policy], runs: Sequence[tuple[Summary, ...]]) -> tuple[Row, ...]:
    """Make the rows of a table from each policy's runs on the same seeds."""
    costs = [[run.cost_per_hour for run in each] for each in runs]
    minutes = [[run.minutes_over_per_hour for run in each] for each in runs]
    points = [(estimate(c), estimate(m)) for c, m in zip(costs, minutes, strict=True)]
    beaten = beaten_by(points)
    found = []
    for at, (policy, each) in enumerate(zip(policies, runs, strict=True)):
        p99s = [run.ttft_p99_s for run in each if run.ttft_p99_s is not None]
        winner = beaten[at]
        found.append(
            Row(
                policy=policy,
                runs=each,
                cost_per_hour=points[at][0],
                minutes_over_per_hour=points[at][1],
                ttft_p99_s=estimate(p99s) if len(p99s) == len(each) else None,
                bad=estimate([float(run.bad) for run in each]),
                scale_events=estimate([float(run.scale_events) for run in each]),
                versus_cost=difference(costs[at], costs[0]) if at else None,
                versus_minutes=difference(minutes[at], minutes[0]) if at else None,
                beaten_by=None if winner is None else policies[winner].name,
                patterns=patterns(each, is_fixed=policy.is_fixed),
            )
        )
    return tuple(found)


def notes_on(
    scenario: Scenario, seeds: tuple[int, ...], runs: Sequence[Summary]
) -> tuple[str, ...]:
    """Say what a reader of the table should know of this scenario and these runs."""
    found = []
    closed = [
        name for name, each in scenario.classes.items() if each.session or each.client.comes_back
    ]
    if closed:
        found.append(
            f"users of {' and '.join(closed)} ask the next thing after they were answered, or come "
            "back: every policy gets the same people, but a slower one is asked less"
        )
    if any(run.pods_unplaced for run in runs):
        found.append(
            "only a responder can add nodes, and nobody is in the seat; to see what policies do "
            "with more of them, --set nodes.POOL.count=N"
        )
    if len(seeds) == 1:
        found.append("one seed gives no intervals, so nothing here is a clear difference")
    if not scenario.objectives:
        found.append("the scenario has no objectives, so no minute can be over them")
    if not any(pool.price_per_hour for pool in scenario.nodes.values()):
        found.append("the scenario's nodes have no price, so every policy costs nothing")
    return tuple(found)
