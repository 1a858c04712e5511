"""Objectives of a scenario as a rule file."""

from simulator.drill.slos import slos_of
from simulator.errors import UsageError
from simulator.instruments.slo.generated import rules_text
from simulator.scenario.reader import load


def generated(scenario: str) -> str:
    """Write the rule file of a scenario's objectives; UsageError where it has none."""
    slos = slos_of(load(scenario).objectives)
    if not slos:
        raise UsageError(f"{scenario} has no objectives; write some under `objectives:`")
    return rules_text(slos)
