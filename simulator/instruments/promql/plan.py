"""Compiled queries: parsed, checked and matched once, evaluated many times."""

from dataclasses import dataclass

from simulator.errors import QueryError
from simulator.instruments.promql.functions import FromScalar
from simulator.instruments.promql.nodes import Expr, ScalarExpr, StringExpr, VectorExpr
from simulator.instruments.promql.planner import planned
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

    def instant(self, store: SeriesStore, t_ms: int) -> Vector | Scalar | String | Matrix:
        """Evaluate at one instant; a range selector alone gives a matrix."""
        return self._at(Moment(store, t_ms, t_ms, t_ms, self.step_ms))

    def vector(self, store: SeriesStore, t_ms: int) -> Vector:
        """Evaluate at one instant as rules do: a number becomes an element without labels."""
        moment = Moment(store, t_ms, t_ms, t_ms, self.step_ms)
        return self._as_vector(moment)

    def range(self, store: SeriesStore, start_ms: int, end_ms: int, step_ms: int) -> Matrix:
        """Evaluate at start, start + step, ... up to end; series come sorted by labels."""
        rows: dict[Labels, tuple[list[int], list[float]]] = {}
        for t_ms in range(start_ms, end_ms + 1, step_ms):
            moment = Moment(store, t_ms, start_ms, end_ms, self.step_ms)
            for labels, value in self._as_vector(moment).samples():
                times, values = rows.setdefault(labels, ([], []))
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
            return self.expr.vector(moment)
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
        raise QueryError(f"{self.text!r} gives neither a vector nor a number")


def compile_query(text: str, step_ms: int = DEFAULT_STEP_MS) -> Plan:
    """Read an expression and plan it; QueryError says what is wrong with it."""
    return Plan(text, planned(read(text)), step_ms)
