"""What a grade is made of, as plain data."""

from dataclasses import dataclass, field
from typing import Literal

from simulator.record.model import Record

Verdict = Literal["pass", "partial", "fail", "unknown"]
Category = Literal["mitigation", "diagnosis", "safety", "process", "gate", "hints"]
Effect = Literal["helped", "hurt", "made no difference", "either alone would have done"]


@dataclass(frozen=True, slots=True)
class Variants:
    """The runs a drill is judged against, on the same seed.

    `without` maps the seq of each mutating act to the run that left it out; `pairs` the same for
    two acts left out together.
    """

    do_nothing: Record
    reference: Record
    without: dict[int, Record] = field(default_factory=dict)
    pairs: dict[tuple[int, int], Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the score; points of all lines add up to the score."""

    rule: str
    category: Category
    verdict: Verdict
    text: str
    points: float
    points_max: float
    evidence: tuple[int, ...]
    good: str


@dataclass(frozen=True, slots=True)
class ClassHarm:
    """Intents of one class inside the window, by outcome."""

    name: str
    weight: float
    outcomes: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())

    @property
    def bad(self) -> int:
        return self.total - self.outcomes["good"]


@dataclass(frozen=True, slots=True)
class ObjectiveHarm:
    """What the drill did to one objective; `budget_spent` is a share of the whole budget."""

    name: str
    request_class: str
    share: float
    bad: int
    total: int
    minutes_over: int
    budget_spent: float
    budget_left: float | None


@dataclass(frozen=True, slots=True)
class Harm:
    """Users' loss from the strike to the horizon; `value` is the weighted count of bad intents."""

    value: float
    classes: tuple[ClassHarm, ...]
    objectives: tuple[ObjectiveHarm, ...]
    minutes_over: int
    budget_spent: float
    gpu_cost: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """When users began and stopped hurting; instants of drill time, None where it never was.

    `tops` is the highest bad share inside the steady-state band, by class; `is_widened` says that
    the reference response itself ends above the measured baseline.
    """

    tops: tuple[float, ...]
    is_widened: bool
    hurt_at: int | None
    mitigated_at: int | None
    is_recovered: bool
    relapsed_at: int | None


@dataclass(frozen=True, slots=True)
class Times:
    """Stages of the response in ns after the strike; None is never.

    `evidence` maps a stage to the seq of the entry that shows it.
    """

    detect: int | None
    acknowledge: int | None
    declare: int | None
    diagnose: int | None
    mitigate: int | None
    resolve: int | None
    evidence: dict[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One counterfactual run beside the lived one; `difference` is its harm minus the lived."""

    name: str
    left_out: tuple[int, ...]
    harm: float
    difference: float
    minutes_over: int
    mitigated_after: int | None
    is_recovered: bool
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Grade:
    """The judgement of one drill; `score` is None where `why_no_score` says so in words."""

    score: float | None
    why_no_score: str
    is_passed: bool | None
    lines: tuple[Line, ...]
    parts: dict[str, float]
    gate: int
    gates: tuple[str, ...]
    times: Times
    harm: Harm
    recovery: Recovery
    own_harm: float | None
    rows: tuple[Row, ...]
