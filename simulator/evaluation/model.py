"""What a comparison says: one row per policy, each a mean over the same seeds."""

from dataclasses import dataclass

from simulator.drill.drill import Twin
from simulator.evaluation.paired import Estimate
from simulator.evaluation.policies import Policy
from simulator.evaluation.summary import Summary


@dataclass(frozen=True, slots=True)
class Row:
    """One policy's figures; `versus_*` are None for the baseline itself.

    `ttft_p99_s` is None where in some run no request got a first token.
    """

    policy: Policy
    runs: tuple[Summary, ...]  # in the order of the seeds
    cost_per_hour: Estimate
    minutes_over_per_hour: Estimate
    ttft_p99_s: Estimate | None
    bad: Estimate
    scale_events: Estimate
    versus_cost: Estimate | None
    versus_minutes: Estimate | None
    beaten_by: str | None
    patterns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.policy.name

    @property
    def is_on_front(self) -> bool:
        """Whether nothing compared is clearly both cheaper and better."""
        return self.beaten_by is None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Policies on the same requests; the first row is the baseline."""

    scenario: str
    title: str
    scenario_digest: str
    version: str
    twin: Twin
    seeds: tuple[int, ...]
    currency: str
    graded_hours: float  # of each run
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def baseline(self) -> str:
        """The policy that the others are compared with."""
        return self.rows[0].name
