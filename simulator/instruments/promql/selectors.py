"""Selectors and subqueries: where samples enter an expression."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np

from simulator.instruments.promql.nodes import VectorExpr, WindowExpr
from simulator.instruments.promql.values import Moment, Vector
from simulator.instruments.promql.window import Window, collect, stack
from simulator.instruments.series.block import Ints
from simulator.instruments.series.matchers import Matcher
from simulator.instruments.series.store import Selection

LOOKBACK_MS = 300_000


@dataclass(frozen=True, slots=True)
class When:
    """An offset and an `@`: the offset counts from the pinned time when there is one."""

    offset_ms: int = 0
    at_ms: int | None = None
    at_edge: str = ""

    def of(self, moment: Moment) -> int:
        """The instant a selector looks at."""
        pinned = {"start": moment.start_ms, "end": moment.end_ms}.get(self.at_edge, moment.t_ms)
        return (pinned if self.at_ms is None else self.at_ms) - self.offset_ms


@dataclass(slots=True, eq=False)
class Instants:
    """The newest samples of a selection, with the times they were taken at."""

    vector: Vector
    times: Ints


@dataclass(frozen=True)
class InstantSelector(VectorExpr):
    """`name{...}`: each series' newest sample in the five minutes before, unless it ended."""

    matchers: tuple[Matcher, ...]
    when: When

    def vector(self, moment: Moment) -> Vector:
        return self.newest(moment).vector

    def newest(self, moment: Moment) -> Instants:
        """The samples and when each was taken."""
        selection = moment.store.select(self.matchers)
        until = self.when.of(moment)
        if moment.budget is not None:
            moment.budget.pay(len(selection.frame))
        return selection.recall("newest", (until,), lambda: _newest(selection, until))


@dataclass(frozen=True)
class RangeSelector(WindowExpr):
    """`name{...}[5m]`: every sample in the left-open range."""

    matchers: tuple[Matcher, ...]
    range_ms: int
    when: When

    def window(self, moment: Moment) -> Window:
        until = self.when.of(moment)
        selection = moment.store.select(self.matchers)
        after = until - self.range_ms
        if moment.budget is not None:
            moment.budget.pay(sum(piece.cells(after, until) for piece, _ in selection.pieces))
        at = (until, moment.t_ms)
        return selection.recall(
            self.range_ms, at, lambda: collect(selection, after, until, moment.t_ms)
        )


@dataclass(frozen=True)
class Subquery(WindowExpr):
    """`expr[1h:1m]`: an expression evaluated at the multiples of a step in a left-open range."""

    expr: VectorExpr
    range_ms: int
    step_ms: int | None
    when: When

    def window(self, moment: Moment) -> Window:
        until = self.when.of(moment)
        after = until - self.range_ms
        step = self.step_ms or moment.step_ms
        instants = range((after // step + 1) * step, until + 1, step)
        inner = replace(moment, seen={})
        vectors = [self.expr.vector(inner.at(t_ms)) for t_ms in instants]
        return stack(vectors, instants, after, until, moment.t_ms)


def range_selectors(planned: object) -> Iterator[RangeSelector]:
    """Find every range selector in a planned expression, at any depth."""
    if isinstance(planned, RangeSelector):
        yield planned
    elif isinstance(planned, tuple | list):
        for each in planned:
            yield from range_selectors(each)
    elif is_dataclass(planned):
        for field in fields(planned):
            yield from range_selectors(getattr(planned, field.name))


def _newest(selection: Selection, until: int) -> Instants:
    after = until - LOOKBACK_MS
    found = [piece.newest(after, until) for piece, _ in selection.pieces]
    if len(found) == 1:
        values, times, present = found[0]
        return Instants(Vector(selection.frame, values, present), times)
    values = np.concatenate([np.zeros(0), *(each.values for each in found)])
    times = np.concatenate([np.zeros(0, np.int64), *(each.times for each in found)])
    present = np.concatenate([np.zeros(0, np.bool_), *(each.present for each in found)])
    return Instants(Vector(selection.frame, values, present), times)
