"""One graded drill as the sections see it, and how times and numbers are written in it."""

from dataclasses import dataclass
from functools import cached_property

from simulator.debrief.grading import harm
from simulator.debrief.grading.model import Grade, Harm, Row, Times, Variants
from simulator.debrief.grading.recovery import recovery
from simulator.debrief.grading.times import times
from simulator.record.model import Entry, EntryKind, Record
from simulator.units import SECOND, format_clock, format_duration


@dataclass(frozen=True)
class Page:
    """A record, its grade and the runs beside it."""

    record: Record
    grade: Grade
    variants: Variants

    def clock(self, at: int) -> str:
        """Write an instant on the responder's clock, which starts when warm-up ends."""
        return format_clock(at - self.record.header.warm_up_ns)

    def entries(self, *kinds: EntryKind) -> tuple[Entry, ...]:
        """Entries of these kinds, in order."""
        return tuple(e for e in self.record.entries if e.kind in kinds)

    @cached_property
    def reference_times(self) -> Times:
        """Stages of the reference response."""
        run = self.variants.reference
        return times(run, recovery(run, run))

    @cached_property
    def reference_harm(self) -> Harm:
        """What the reference response left users with."""
        return harm.measure(self.variants.reference)

    @property
    def acts(self) -> tuple[Row, ...]:
        """Counterfactual rows of single acts."""
        return tuple(row for row in self.grade.rows if len(row.left_out) == 1)

    @property
    def first_alert(self) -> str:
        """Name of the alert whose page detected the trouble, or an empty string."""
        seq = self.grade.times.evidence.get("detect")
        return next((e.subject for e in self.record.entries if e.seq == seq), "")


def span(ns: int | None) -> str:
    """Write a span in whole seconds; None is never."""
    return "never" if ns is None else format_duration(ns // SECOND * SECOND)


def percent(share: float) -> str:
    """Write a share with as many digits as it deserves."""
    value = 100 * share
    if value == 0 or value >= 10:  # noqa: PLR2004 - two significant digits
        return f"{value:.0f} %"
    return f"{value:.1f} %" if value >= 0.1 else f"{value:.2g} %"  # noqa: PLR2004 - the same


def count(number: float) -> str:
    """Write a whole number with thousands apart."""
    return f"{number:,.0f}"


def points(number: float) -> str:
    """Write points with one digit, or none where they are whole."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def plain(name: str) -> str:
    """Write an identifier as words: `kv_exhaustion` is kv exhaustion."""
    return name.replace("_", " ")


def signed(number: float) -> str:
    """Write a difference with its sign."""
    return f"{number:+,.0f}" if round(number) else "0"


def plural(number: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
