"""What every criterion sees and says."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from simulator.debrief.grading.model import Category, Harm, Recovery, Times, Variants, Verdict
from simulator.record.model import Entry, Json, Record

UNANSWERED = (None, "", "unknown", "empty result", "nothing was scraped")
"""What a look says when there is nothing to see."""


@dataclass(frozen=True, slots=True)
class Case:
    """One drill before its judges; harms of the variants are weighted bad intents.

    `own_harm` is what the drill's own acts cost users, None where a leave-one-out run is missing.
    """

    lived: Record
    variants: Variants
    harm: Harm
    recovery: Recovery
    times: Times
    do_nothing: float
    reference: float
    without: dict[int, float]
    acts: tuple[Entry, ...]
    own_harm: float | None

    @property
    def is_twin(self) -> bool:
        return self.lived.header.twin != "fault"

    @property
    def span(self) -> float:
        """Harm that could have been spared."""
        return self.do_nothing - min(self.reference, self.harm.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a criterion found: a share of its points, in words, with its evidence."""

    share: float
    verdict: Verdict
    text: str
    evidence: tuple[int, ...] = ()


class Criterion(Protocol):
    """One way of judging a drill; `judge` returns None where the criterion does not apply."""

    kind_name: ClassVar[str]
    category: ClassVar[Category]
    good: ClassVar[str]  # what good looks like

    def judge(self, case: Case) -> Finding | None: ...


def graded(share: float) -> Literal["pass", "partial", "fail"]:
    """Name a share of the points."""
    if share >= 0.95:  # noqa: PLR2004 - nobody reads 96 % as a failing
        return "pass"
    return "fail" if share <= 0.0 else "partial"


def clamp(value: float) -> float:
    """Cut to 0..1."""
    return min(max(value, 0.0), 1.0)


def yes_or_no(*, holds: bool, text: str, evidence: tuple[int, ...] = ()) -> Finding:
    """All the points or none."""
    return Finding(float(holds), "pass" if holds else "fail", text, evidence)


def unknown(text: str, evidence: tuple[int, ...] = ()) -> Finding:
    """Could not be checked: counts nothing and says so."""
    return Finding(0.0, "unknown", text, evidence)


def is_answered(entry: Entry) -> bool:
    """Did a look or check come back with something."""
    answer = entry.detail.get("answer")
    return answer not in UNANSWERED and not str(answer).startswith("error: ")


def number(value: Json, default: float) -> float:
    """Read a number out of an entry's detail."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else default  # type: ignore[arg-type] # narrowed by name
