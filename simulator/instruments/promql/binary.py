"""Binary operators with a scalar on at least one side, and unary minus."""

from dataclasses import dataclass

import numpy as np

from simulator.instruments.promql.nodes import ScalarExpr, VectorExpr
from simulator.instruments.promql.operators import ARITHMETIC, COMPARISONS, compute
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.series.block import Bools, Floats


@dataclass(frozen=True)
class ScalarOperation(ScalarExpr):
    """Two numbers and an operator."""

    operator: str
    left: ScalarExpr
    right: ScalarExpr

    def scalar(self, moment: Moment) -> float:
        return compute(self.operator, self.left.scalar(moment), self.right.scalar(moment))


@dataclass(frozen=True)
class VectorScalarOperation(VectorExpr):
    """Every element of a vector with one number; comparisons filter unless `bool` is written."""

    operator: str
    vector_side: VectorExpr
    scalar_side: ScalarExpr
    is_scalar_left: bool
    is_bool: bool

    def vector(self, moment: Moment) -> Vector:
        source = self.vector_side.vector(moment)
        number = np.array(self.scalar_side.scalar(moment))
        left, right = (number, source.values) if self.is_scalar_left else (source.values, number)
        if self.operator in COMPARISONS and not self.is_bool:
            holds = COMPARISONS[self.operator](left, right)
            return Vector(source.frame, source.values, source.present & holds)
        left, right = np.broadcast_arrays(left, right)
        values, _ = apply(self.operator, left, right, source.values, is_bool=self.is_bool)
        return Vector(source.frame.nameless, values, source.present).checked()


@dataclass(frozen=True)
class Negation(VectorExpr):
    """A minus sign before a vector."""

    expr: VectorExpr

    def vector(self, moment: Moment) -> Vector:
        source = self.expr.vector(moment)
        return moment.collide(self, Vector(source.frame.nameless, -source.values, source.present))


@dataclass(frozen=True)
class ScalarNegation(ScalarExpr):
    """A minus sign before a number."""

    expr: ScalarExpr

    def scalar(self, moment: Moment) -> float:
        return -self.expr.scalar(moment)


def apply(
    operator: str, left: Floats, right: Floats, kept: Floats, *, is_bool: bool
) -> tuple[Floats, Bools]:
    """Compute an operator; the second result says which elements a filter keeps."""
    if operator in ARITHMETIC:
        return ARITHMETIC[operator](left, right), np.ones(len(left), np.bool_)
    holds = COMPARISONS[operator](left, right)
    return (holds.astype(np.float64), np.ones(len(left), np.bool_)) if is_bool else (kept, holds)
