"""The four kinds of planned expression: vector, scalar, window and string."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.promql.window import Window

_Made = TypeVar("_Made")


class VectorExpr(ABC):
    """An expression that gives an instant vector."""

    @abstractmethod
    def vector(self, moment: Moment) -> Vector:
        """Evaluate at one instant."""


class ScalarExpr(ABC):
    """An expression that gives a number."""

    @abstractmethod
    def scalar(self, moment: Moment) -> float:
        """Evaluate at one instant."""


class WindowExpr(ABC):
    """An expression that gives a range of samples per series."""

    @abstractmethod
    def window(self, moment: Moment) -> Window:
        """Collect the samples of the range that ends at one instant."""


@dataclass(frozen=True)
class StringExpr:
    """A text in the query."""

    value: str


Expr = VectorExpr | ScalarExpr | WindowExpr | StringExpr


class Memo(Generic[_Made]):
    """Remembers what was last made from some objects, compared by identity."""

    def __init__(self) -> None:
        self._made_from: tuple[object, ...] = ()
        self._made: _Made | None = None

    def get(self, sources: tuple[object, ...], make: Callable[[], _Made]) -> _Made:
        """Make it again only when a source is another object than last time."""
        same = len(self._made_from) == len(sources) and all(
            a is b for a, b in zip(self._made_from, sources, strict=True)
        )
        if self._made is None or not same:
            self._made_from, self._made = sources, make()
        return self._made
