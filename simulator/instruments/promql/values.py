"""What expressions evaluate to: vectors laid out on frames, scalars, strings, matrices."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.errors import QueryError
from simulator.instruments.promql.budget import Budget
from simulator.instruments.promql.notes import Notes
from simulator.instruments.series.block import Bools, Floats, Ints
from simulator.instruments.series.frame import EMPTY, Frame
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.store import SeriesStore


class Sample(NamedTuple):
    """One element of an instant vector."""

    labels: Labels
    value: float


@dataclass(slots=True, eq=False)  # a frozen one takes three times as long to make
class Vector:
    """Values against a frame; those not `present` do not exist at this instant.

    `order` lists the elements as they should be shown, when that was asked for.
    """

    frame: Frame
    values: Floats
    present: Bools
    order: Ints | None = None
    _derived: dict[Hashable, "Vector"] = field(default_factory=dict)

    def derive(self, key: Hashable, make: Callable[["Vector"], "Vector"]) -> "Vector":
        """Work another vector out from this one, once; the key must name it fully."""
        if key not in self._derived:
            self._derived[key] = make(self)
        return self._derived[key]

    def samples(self) -> tuple[Sample, ...]:
        """The elements there are, as Prometheus would list them."""
        if self.order is None:
            indices = np.flatnonzero(self.present)
        else:
            indices = self.order[self.present[self.order]]
        labels, values = self.frame.labels, self.values[indices].tolist()
        pairs = zip(indices.tolist(), values, strict=True)
        return tuple([Sample(labels[i], value) for i, value in pairs])

    def __len__(self) -> int:
        return int(np.count_nonzero(self.present))

    def checked(self) -> "Vector":
        """Itself, or QueryError when two elements share all their labels."""
        if self.frame.repeats:
            labels = [x for x, here in zip(self.frame.labels, self.present, strict=True) if here]
            if len(set(labels)) < len(labels):
                raise QueryError("vector cannot contain metrics with the same labelset")
        return self


def nothing() -> Vector:
    """A vector without elements."""
    return Vector(EMPTY, np.zeros(0), np.zeros(0, np.bool_))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number without labels."""

    value: float


@dataclass(frozen=True, slots=True)
class String:
    """A text."""

    value: str


class Series(NamedTuple):
    """One row of a matrix: times in milliseconds with their values."""

    labels: Labels
    times_ms: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Series over time, sorted by labels."""

    series: tuple[Series, ...]

    def __iter__(self) -> Iterator[Series]:
        return iter(self.series)

    def __len__(self) -> int:
        return len(self.series)


@dataclass(slots=True)
class Moment:
    """When and on what an expression is evaluated; start and end are the whole query's.

    `notes` collects warnings and infos where somebody wants them; `budget` is how many samples
    may still be touched. `seen` remembers over the steps of a range which elements an expression
    gave, by the expression: two that share their labels collide even at different steps there.
    """

    store: SeriesStore
    t_ms: int
    start_ms: int
    end_ms: int
    step_ms: int
    notes: Notes | None = None
    budget: Budget | None = None
    seen: dict[int, Bools] | None = None

    def at(self, t_ms: int) -> "Moment":
        """The same query at another instant."""
        return Moment(
            self.store,
            t_ms,
            self.start_ms,
            self.end_ms,
            self.step_ms,
            self.notes,
            self.budget,
            self.seen,
        )

    def collide(self, owner: object, vector: Vector) -> Vector:
        """The vector, unless two elements of one expression share all labels in this range."""
        if not vector.frame.repeats or self.seen is None:
            return vector.checked()
        before = self.seen.get(id(owner))
        if before is None or len(before) != len(vector.present):
            before = np.zeros(len(vector.present), np.bool_)
        self.seen[id(owner)] = before | vector.present
        return Vector(vector.frame, vector.values, self.seen[id(owner)]).checked() and vector
