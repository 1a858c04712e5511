"""Was the incident declared about as bad as it was."""

from typing import ClassVar

from simulator.debrief.grading.criteria._base import Case, Finding, yes_or_no
from simulator.debrief.grading.model import Category
from simulator.debrief.grading.recovery import worst_share
from simulator.debrief.grading.times import since_strike
from simulator.record.model import Record
from simulator.units import MINUTE

OVER_NS = 5 * MINUTE


class SeverityRight:
    """Asks for the declared severity to be within one step of the worst five minutes."""

    kind_name: ClassVar[str] = "severity_right"
    category: ClassVar[Category] = "process"
    good: ClassVar[str] = "a declared severity within one step of the measured one"

    def judge(self, case: Case) -> Finding | None:
        levels = severity_levels(case.lived)
        if case.is_twin or not levels:
            return None
        measured = measured_severity(case.lived)
        worst = f"{worst_share(case.lived, OVER_NS):.0%} bad over the worst 5m"
        declared = list(since_strike(case.lived, "declared"))
        if not declared:
            text = f"no severity was declared; {worst} is {measured or 'below every severity'}"
            return yes_or_no(holds=measured is None, text=text)
        said = str(declared[-1].detail.get("severity"))
        steps = [*levels, None]
        is_near = said in levels and abs(steps.index(said) - steps.index(measured)) <= 1
        text = f"declared {said}; {worst} is {measured or 'below every severity'}"
        return yes_or_no(holds=is_near, text=text, evidence=(declared[-1].seq,))


def severity_levels(record: Record) -> tuple[str, ...]:
    """Severities of the scenario, worst first."""
    shares = record.header.severities
    return tuple(sorted(shares, key=lambda name: (-shares[name], name)))


def measured_severity(record: Record) -> str | None:
    """Severity that the worst five minutes after the strike amount to, None below all."""
    worst = worst_share(record, OVER_NS)
    reached = (n for n in severity_levels(record) if worst >= record.header.severities[n])
    return next(reached, None)
