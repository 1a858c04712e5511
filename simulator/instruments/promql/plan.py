"""Compiled queries: parsed, checked and matched once, evaluated many times."""

from dataclasses import dataclass, replace

import numpy as np

from simulator.errors import QueryError
from simulator.instruments.promql.budget import Budget
from simulator.instruments.promql.functions import FromScalar
from simulator.instruments.promql.late import finished
from simulator.instruments.promql.nodes import Expr, ScalarExpr, StringExpr, VectorExpr, WindowExpr
from simulator.instruments.promql.notes import Notes
from simulator.instruments.promql.planner import Planner
from simulator.instruments.promql.reading import read
from simulator.instruments.promql.values import Matrix, Moment, Scalar, Series, String, Vector
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.store import SeriesStore

DEFAULT_STEP_MS = 60_000
"""The step of a subquery that names none: Prometheus's default evaluation interval."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A query ready to run on any store; it keeps label matchings between runs, never samples."""

    text: str
    expr: Expr
    step_ms: int

    def instant(
        self,
        store: SeriesStore,
        t_ms: int,
        notes: Notes | None = None,
        budget: Budget | None = None,
    ) -> Vector | Scalar | String | Matrix:
        """Evaluate at one instant; a range selector alone gives a matrix."""
        with np.errstate(all="ignore"):
            return self._at(Moment(store, t_ms, t_ms, t_ms, self.step_ms, notes, budget))

    def vector(self, store: SeriesStore, t_ms: int) -> Vector:
        """Evaluate at one instant as rules do: a number becomes an element without labels."""
        moment = Moment(store, t_ms, t_ms, t_ms, self.step_ms)
        with np.errstate(all="ignore"):  # once: no part of an expression minds infinities and NaNs
            return finished(self._as_vector(moment))

    def range(
        self,
        store: SeriesStore,
        start_ms: int,
        end_ms: int,
        step_ms: int,
        notes: Notes | None = None,
        budget: Budget | None = None,
    ) -> Matrix:
        """Evaluate at start, start + step, ... up to end; series come sorted by labels."""
        if isinstance(self.expr, StringExpr | WindowExpr):
            kind = "string" if isinstance(self.expr, StringExpr) else "range vector"
            raise QueryError(
                f'invalid expression type "{kind}" for range query, must be Scalar or '
                "instant Vector"
            )
        rows: dict[Labels, tuple[list[int], list[float]]] = {}
        moment = Moment(store, start_ms, start_ms, end_ms, self.step_ms, notes, budget, {})
        for t_ms in range(start_ms, end_ms + 1, step_ms):
            with np.errstate(all="ignore"):
                vector = self._as_vector(replace(moment, t_ms=t_ms))
            for labels, value in finished(vector).samples():
                times, values = rows.setdefault(labels, ([], []))
                if times and times[-1] == t_ms:
                    raise QueryError("vector cannot contain metrics with the same labelset")
                times.append(t_ms)
                values.append(value)
        return Matrix(
            tuple(
                Series(labels, tuple(times), tuple(values))
                for labels, (times, values) in sorted(rows.items())
            )
        )

    def _at(self, moment: Moment) -> Vector | Scalar | String | Matrix:
        if isinstance(self.expr, VectorExpr):
            return finished(self.expr.vector(moment)).checked()
        if isinstance(self.expr, ScalarExpr):
            return Scalar(self.expr.scalar(moment))
        if isinstance(self.expr, StringExpr):
            return String(self.expr.value)
        window = self.expr.window(moment)
        columns = enumerate(zip(window.frame.labels, window.counts.tolist(), strict=True))
        return Matrix(
            tuple(
                sorted(
                    Series(
                        labels,
                        tuple(window.times[:count, i].tolist()),
                        tuple(window.values[:count, i].tolist()),
                    )
                    for i, (labels, count) in columns
                    if count
                )
            )
        )

    def _as_vector(self, moment: Moment) -> Vector:
        if isinstance(self.expr, VectorExpr):
            return self.expr.vector(moment)
        if isinstance(self.expr, ScalarExpr):
            return FromScalar(self.expr).vector(moment)
        raise QueryError("rule result is not a vector or scalar")


def compile_query(
    text: str, step_ms: int = DEFAULT_STEP_MS, *, names_go_last: bool = False
) -> Plan:
    """Read an expression and plan it; ParseError says what is wrong with it, and where.

    `names_go_last` is Prometheus's feature promql-delayed-name-removal.
    """
    return Plan(text, Planner(text, names_go_last=names_go_last).plan(read(text)), step_ms)
