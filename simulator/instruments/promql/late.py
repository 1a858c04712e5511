"""Names that go last: what Prometheus calls delayed name removal, as its script runner has it on.

A function does not take the metric's name away but marks it; `label_replace` and `by (__name__)`
still see it, and only a whole answer loses the marked ones. Series that are alike without their
names collide then, not before; those that never meet become one, as in releases after 3.5.
"""

from dataclasses import dataclass, replace

import numpy as np

from simulator.instruments.promql.selectors import (
    Instants,
    InstantSelector,
    RangeSelector,
    Subquery,
)
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.promql.window import Window
from simulator.instruments.series.frame import Frame
from simulator.instruments.series.labels import Labels, without_name


class LateFrame(Frame):
    """Series of which some lose their names in the end: those whose mark is set."""

    __slots__ = ("marks",)

    def __init__(self, labels: tuple[Labels, ...], marks: tuple[bool, ...] = ()) -> None:
        super().__init__(labels)
        self.marks = marks or (False,) * len(labels)

    @property
    def nameless(self) -> Frame:
        """The same series, all marked."""
        return self.derive("nameless", lambda f: LateFrame(f.labels, (True,) * len(f)))

    @property
    def finished(self) -> Frame:
        """The series as an answer shows them."""
        return self.derive("finished", lambda _: Frame(self._finished()))

    def _finished(self) -> tuple[Labels, ...]:
        pairs = zip(self.labels, self.marks, strict=True)
        return tuple(without_name(labels) if marked else labels for labels, marked in pairs)

    def of_groups(self, labels: tuple[Labels, ...]) -> Frame:
        # As there: a group is marked as the series that stands at its number is.
        return LateFrame(labels, self.marks[: len(labels)])

    def relabelled(self, labels: tuple[Labels, ...], *, renames: bool) -> Frame:
        trios = zip(self.labels, labels, self.marks, strict=True)
        return LateFrame(
            labels, tuple(mark and not (renames and old != new) for old, new, mark in trios)
        )

    def matched(self, labels: tuple[Labels, ...], *, drops: bool) -> Frame:
        return LateFrame(labels, (drops,) * len(labels))

    def joined(self, other: Frame) -> Frame:
        theirs = other.marks if isinstance(other, LateFrame) else (False,) * len(other)
        return LateFrame(self.labels + other.labels, self.marks + theirs)


def late(frame: Frame) -> Frame:
    """A frame whose names go last; nothing is marked yet."""
    return frame.derive("late", lambda f: LateFrame(f.labels))


def finished(vector: Vector) -> Vector:
    """A vector as an answer shows it."""
    if isinstance(vector.frame, LateFrame):
        return replace(vector, frame=vector.frame.finished, _derived={})
    return vector


@dataclass(frozen=True)
class LateInstantSelector(InstantSelector):
    """A selector in such a query."""

    def newest(self, moment: Moment) -> Instants:
        found = super().newest(moment)
        vector = Vector(late(found.vector.frame), found.vector.values, found.vector.present)
        return Instants(vector, found.times)


@dataclass(frozen=True)
class LateRangeSelector(RangeSelector):
    """A range selector in such a query."""

    def window(self, moment: Moment) -> Window:
        return _under(super().window(moment))


@dataclass(frozen=True)
class LateSubquery(Subquery):
    """A subquery in such a query: marks of its expression are forgotten, as they are there."""

    def window(self, moment: Moment) -> Window:
        return _under(super().window(moment))


def _under(window: Window) -> Window:
    span = (window.start_ms, window.end_ms, window.evaluated_ms)
    frame = late(Frame(window.frame.labels))
    made = Window(frame, window.values, lambda: window.times, window.counts, span)
    made.first_at, made.last_at = np.asarray(window.first_at), np.asarray(window.last_at)
    return made
