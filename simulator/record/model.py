"""A record: everything that happened in one drill, in order, and what a judge needs to know.

Times are int nanoseconds of drill time (0 is the start of warm-up); everything here is plain data,
so that grades and post-mortems are functions of records alone.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

OUTCOMES = ("refused", "abandoned", "failed", "wrong", "late", "good")
"""Columns of `Record.outcomes`, in order; all but the last are bad."""

EntryKind = Literal[
    # the world
    "struck",  # a fault; subject: its cause name; detail: kind, target, home, mechanism, component
    "lifted",
    "changed",  # a line of the change log; subject: component; detail: text, by
    "scaled",  # a deployment's desired count; detail: before, after, by
    "pod",  # a pod's transition; subject: pod; detail: state, node, reason
    "node",  # a node's transition; subject: node; detail: state, reason
    "decided",  # an autoscaler; subject: its name; detail: current, desired, reason, conditions
    # alerting
    "pending",
    "fired",  # subject: alert name; detail: labels, annotations, value, severity
    "resolved",
    "paged",  # subject: first alert's name; detail: receiver, channel, firing, resolved, text
    # the responder
    "looked",  # subject: verb; detail: text, answer
    "acted",  # subject: verb; detail: text, target, answer, mutates
    "took_effect",  # an act that needed time; subject: verb; detail: text
    "refused",  # subject: verb; detail: text, reason
    "acknowledged",
    "declared",  # detail: severity
    "hypothesised",  # detail: component, mechanism, trigger, confidence, note
    "updated",  # detail: text
    "noted",
    "hinted",
    "checked",  # a runbook's check; detail: expr, answer: pass | fail | unknown
    "closed",  # the responder says it is over
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `seq` numbers entries from 0 and is the evidence id in a report."""

    seq: int
    at: int
    kind: EntryKind
    subject: str
    detail: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Objective:
    """One SLO: the share of requests of a class that must be good in the named sense."""

    name: str
    request_class: str
    of: Literal["ttft", "e2e", "outcome"]
    below_ns: int | None
    share: float
    window_ns: int


@dataclass(frozen=True, slots=True)
class Cause:
    """The truth about one fault, for judges only: what a perfect diagnosis would name."""

    name: str
    kind: str
    family: str
    mechanism: str
    component: str
    target: str
    home: str
    trigger: str
    at: int
    until: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: times in ns, values in `unit`, gaps as NaN."""

    name: str
    unit: str
    component: str
    times: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Header:
    """What run this was and the rules it is judged by."""

    scenario: str
    title: str
    brief: str
    scenario_digest: str
    version: str
    seed: int
    twin: Literal["fault", "healthy", "noisy"]
    responder: str  # none, reference, runbook:NAME, person, journal
    is_practice: bool
    hints: int
    clock: str  # calendar instant of time 0, ISO 8601
    warm_up_ns: int
    strike_at_ns: int  # first fault, or where it would have been
    horizon_ns: int  # arrivals stop here
    ended_at_ns: int
    classes: tuple[str, ...]
    weights: tuple[float, ...]  # of harm, by class
    bin_ns: int
    objectives: tuple[Objective, ...]
    severities: dict[str, float]  # SEV-n to the bad share over 5 minutes that makes it one
    causes: tuple[Cause, ...]
    components: tuple[str, ...]
    calls: tuple[tuple[str, str], ...]  # caller, callee; `users` is outside
    mechanisms: dict[str, str]  # public list: mechanism to family
    pass_marks: dict[str, Json]  # score_min, recovered_within_ns
    gpu_cost: float  # price of GPU and other nodes while they held a pod, in the window
    currency: str = "$"
    command: str = ""  # repeats this run
    budgets: dict[str, float] = field(default_factory=dict)  # objective to budget left at 0


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that happened, in order."""

    header: Header
    entries: tuple[Entry, ...]
    outcomes: NDArray[np.int64]  # [bin of arrival, class, outcome]
    ttft: NDArray[np.int64]  # [bin of arrival, class, log bucket], 20 per decade from 1 ms
    series: tuple[Series, ...]
    journal: tuple[dict[str, Json], ...]
    digest: str
