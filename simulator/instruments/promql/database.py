"""A series store to fill and to ask in PromQL: the package's front door.

Times are seconds since 1970, as numbers; they are kept to the millisecond, as Prometheus does.
"""

import math
from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from simulator.errors import QueryError, UsageError
from simulator.instruments.promql.budget import SAMPLES_MAX, Budget
from simulator.instruments.promql.notes import Notes
from simulator.instruments.promql.plan import DEFAULT_STEP_MS, Plan, compile_query
from simulator.instruments.promql.values import Matrix, Scalar, String, Vector
from simulator.instruments.series.block import STALE
from simulator.instruments.series.labels import Labels, format_labels, labels_of
from simulator.instruments.series.notation import read_series
from simulator.instruments.series.store import SeriesStore

STEPS_MAX = 11_000
"""Prometheus's own limit of a range query's steps."""

Name = str | Mapping[str, str]
"""A series: `up{job="api"}`, or its labels with the name under `__name__`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: its value, and what was remarked, in Prometheus's words."""

    value: Vector | Scalar | String | Matrix
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()


class Database:
    """Series of float samples, and PromQL over them.

    `step_s` is the step of subqueries that name none (Prometheus's evaluation interval).
    A query that would touch more than `samples_max` samples is refused.
    """

    def __init__(
        self, *, step_s: float = DEFAULT_STEP_MS / 1000, samples_max: int = SAMPLES_MAX
    ) -> None:
        self.step_ms = _ms(step_s)
        self.samples_max = samples_max
        self._written: dict[Labels, list[tuple[int, float]]] = {}
        self._store: SeriesStore | None = SeriesStore()
        self._plans: dict[str, Plan] = {}

    @property
    def store(self) -> SeriesStore:
        """The series as they are laid out for reading."""
        if self._store is None:
            self._store = SeriesStore()
            for labels, samples in self._written.items():
                for t_ms, value in samples:
                    self._store.append(labels, t_ms, value)
        return self._store

    def append(self, series: Name, timestamp_s: float, value: float) -> None:
        """Write one sample; samples may come in any order, but only one per series and time."""
        labels, t_ms = _labels(series), _ms(timestamp_s)
        samples = self._written.setdefault(labels, [])
        if not samples or samples[-1][0] < t_ms:
            samples.append((t_ms, value))
            if self._store is not None:
                self._store.append(labels, t_ms, value)
            return
        if any(t == t_ms for t, _ in samples):
            raise UsageError(f"{format_labels(labels)} has a sample at {t_ms / 1000} s already")
        insort(samples, (t_ms, value), key=itemgetter(0))
        self._store = None

    def append_stale(self, series: Name, timestamp_s: float) -> None:
        """End a series: it is not found from then on, until it is written again."""
        self.append(series, timestamp_s, STALE)

    def extend(self, series: Name, samples: Iterable[tuple[float, float]]) -> None:
        """Write many samples of one series: seconds and values."""
        for timestamp_s, value in samples:
            self.append(series, timestamp_s, value)

    def series(self) -> tuple[str, ...]:
        """Every series, in the order they were first written."""
        return tuple(format_labels(labels) for labels in self._written)

    def instant(self, query: str, at_s: float) -> Answer:
        """Evaluate at one instant; QueryError says what is wrong, and where."""
        notes = Notes()
        value = self._plan(query).instant(self.store, _ms(at_s), notes, self._budget())
        return Answer(value, notes.warnings, notes.infos)

    def range(self, query: str, start_s: float, end_s: float, step_s: float) -> Answer:
        """Evaluate at start, start + step, ... up to end, both included."""
        start, end, step = _ms(start_s), _ms(end_s), _ms(step_s)
        if step <= 0:
            raise QueryError(
                "zero or negative query resolution step widths are not accepted. "
                "Try a positive integer"
            )
        if end < start:
            raise QueryError("end timestamp must not be before start time")
        if (end - start) // step > STEPS_MAX:
            raise QueryError(
                f"exceeded maximum resolution of {STEPS_MAX:,} points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        notes = Notes()
        plan = self._plan(query)
        value = plan.range(self.store, start, end, step, notes, self._budget())
        return Answer(value, notes.warnings, notes.infos)

    def _plan(self, query: str) -> Plan:
        if query not in self._plans:
            self._plans[query] = compile_query(query, self.step_ms)
        return self._plans[query]

    def _budget(self) -> Budget:
        return Budget(self.samples_max)


def _labels(series: Name) -> Labels:
    if isinstance(series, Mapping):
        return labels_of(series)
    try:
        return read_series(series)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _ms(seconds: float) -> int:
    if not math.isfinite(seconds):
        raise UsageError(f"{seconds} is not a time")
    return round(seconds * 1000)
