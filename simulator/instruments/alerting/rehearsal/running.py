"""Runs unit tests of rules as promtool does, and says what differs.

Every group is evaluated at every evaluation interval, whatever its own; samples after the last
evaluation are not loaded, so an interval that does not divide a test's times hides them.
"""

import math
from collections.abc import Iterator, Sequence

from simulator.errors import QueryError
from simulator.instruments.alerting.group import RunningGroup
from simulator.instruments.alerting.model import AlertState, RuleGroup
from simulator.instruments.alerting.rehearsal.model import (
    AlertCase,
    SampleCase,
    UnitTest,
    UnitTestFile,
)
from simulator.instruments.promql.plan import compile_query
from simulator.instruments.promql.values import Matrix, Scalar, String
from simulator.instruments.series.block import ABSENT
from simulator.instruments.series.labels import Labels, format_labels, go_float, value_of
from simulator.instruments.series.store import SeriesStore

_TOLERANCE = 1e-6
Alert = tuple[Labels, Labels]
"""Labels and annotations."""


def failures(file: UnitTestFile, groups: Sequence[RuleGroup]) -> list[str]:
    """Run every test of a file; each line says what differs, and where it is written."""
    order = {name: place for place, name in enumerate(file.group_order)}
    ordered = sorted(groups, key=lambda group: order.get(group.name, len(order)))
    return [text for test in file.tests for text in _run(file, test, ordered)]


def _run(file: UnitTestFile, test: UnitTest, groups: Sequence[RuleGroup]) -> Iterator[str]:
    interval = file.evaluation_interval_ms
    times = [case.at_ms for case in test.alerts] + [case.at_ms for case in test.samples]
    last = max(times, default=0)
    store = _loaded(test, last // interval * interval)
    external = dict(test.external_labels)
    running = [RunningGroup(group, store, external_labels=external) for group in groups]
    title = f"{test.name or f'test at line {test.line}'}: "
    for at_ms in range(0, last + 1, interval):
        for group in running:
            group.evaluate(test.start_ms + at_ms)
            for failure in group.failures:
                yield f"{title}rule {failure.rule} at {_clock(at_ms)}: {failure.message}"
        for alert_case in test.alerts:
            if at_ms <= alert_case.at_ms < at_ms + interval:
                yield from _alerts(file, alert_case, running, title)
    for case in test.samples:
        yield from _samples(file, case, store, test.start_ms, title)


def _loaded(test: UnitTest, until_ms: int) -> SeriesStore:
    store = SeriesStore()
    for series in test.series:
        for place, value in enumerate(series.values):
            at_ms = place * test.interval_ms
            if at_ms > until_ms:
                break
            if value is not ABSENT:
                store.append(series.labels, test.start_ms + at_ms, value)
    return store


def _alerts(
    file: UnitTestFile, case: AlertCase, groups: Sequence[RunningGroup], title: str
) -> Iterator[str]:
    found: list[Alert] = sorted(
        (alert.labels, tuple(sorted(alert.annotations)))
        for group in groups
        for alert in group.alerts()
        if alert.state is AlertState.FIRING
        and value_of(alert.labels, "alertname") == case.alertname
    )
    wanted: list[Alert] = sorted((e.labels, tuple(sorted(e.annotations))) for e in case.expected)
    if found != wanted:
        yield (
            f"{file.file}:{case.line}: {title}alert {case.alertname} at {_clock(case.at_ms)}\n"
            f"  expected: {_listed(wanted)}\n  found:    {_listed(found)}"
        )


def _samples(
    file: UnitTestFile, case: SampleCase, store: SeriesStore, start_ms: int, title: str
) -> Iterator[str]:
    try:
        result = compile_query(case.expr).instant(store, start_ms + case.at_ms)
    except QueryError as error:
        yield f"{file.file}:{case.line}: {title}{case.expr}: {error}"
        return
    found: list[tuple[Labels, float]]
    if isinstance(result, Scalar):
        found = [((), result.value)]
    elif isinstance(result, String | Matrix):
        yield f"{file.file}:{case.line}: {title}{case.expr}: it gives no vector and no number"
        return
    else:
        found = sorted((sample.labels, sample.value) for sample in result.samples())
    wanted = sorted(case.expected)
    if [labels for labels, _ in found] == [labels for labels, _ in wanted] and all(
        _same(a, b, file.is_fuzzy) for (_, a), (_, b) in zip(found, wanted, strict=True)
    ):
        return
    yield (
        f"{file.file}:{case.line}: {title}{case.expr} at {_clock(case.at_ms)}\n"
        f"  expected: {_written(wanted)}\n  found:    {_written(found)}"
    )


def _same(found: float, wanted: float, is_fuzzy: bool) -> bool:  # noqa: FBT001  a switch of the file
    if found == wanted or (math.isnan(found) and math.isnan(wanted)):
        return True
    if not is_fuzzy or found == 0 or wanted == 0:
        return False
    return abs(found - wanted) / (abs(found) + abs(wanted)) < _TOLERANCE


def _listed(alerts: Sequence[Alert]) -> str:
    shown = [f"{format_labels(labels)} {format_labels(notes)}" for labels, notes in alerts]
    return "\n            ".join(shown) or "no alert"


def _written(samples: Sequence[tuple[Labels, float]]) -> str:
    shown = [f"{format_labels(labels)} {go_float(value)}" for labels, value in samples]
    return "\n            ".join(shown) or "nothing"


def _clock(ms: int) -> str:
    return f"{ms // 60_000}m{ms % 60_000 / 1000:g}s" if ms % 60_000 else f"{ms // 60_000}m"
