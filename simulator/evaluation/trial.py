"""One run of one policy: texts and a seed in, a few numbers out."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.drill.drill import Twin
from simulator.drill.run import take_off
from simulator.evaluation.policies import under
from simulator.evaluation.summary import Summary, summarise
from simulator.scenario.reader import build
from simulator.scenario.source import Source


@dataclass(frozen=True, slots=True)
class Trial:
    """A scenario's texts, a policy's, and the seed, used as given."""

    source: Source
    policy_text: str
    ceilings: Mapping[str, int | None]
    seed: int
    twin: Twin = "fault"


def perform(trial: Trial) -> Summary:
    """Run a trial with nobody in the seat."""
    scenario = under(build(trial.source), trial.policy_text)
    flight = take_off(scenario, seed=trial.seed, twin=trial.twin, responder="none")
    flight.session.idle_to_end()
    record = flight.land()
    drill = flight.drill
    cost = drill.cluster.cost(drill.horizon, since=drill.strike_at)
    waiting = [
        pod.name for name in trial.ceilings for pod in drill.cluster.pods(name) if not pod.node
    ]
    return summarise(record, cost.held_price, trial.ceilings, waiting)
