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

Alert = tuple[Labels, Labels]
"""Labels and annotations."""


def failures(file: UnitTestFile, groups: Sequence[RuleGroup]) -> list[str]:
    """Run every test of a file; each line says what differs, and where it is written."""
    order = {name: place for place, name in enumerate(file.group_order)}
    # Groups that the order does not name share the first place, as in promtool.
    ordered = sorted(groups, key=lambda group: order.get(group.name, 0))
    return [text for test in file.tests for text in _run(file, test, ordered)]


def _run(file: UnitTestFile, test: UnitTest, groups: Sequence[RuleGroup]) -> Iterator[str]:
    interval = file.evaluation_interval_ms
    times = [case.at_ms for case in test.alerts] + [case.at_ms for case in test.samples]
    last = max(times, default=0)
    store = SeriesStore()
    loader = _Loader(test, store)
    external = dict(test.external_labels)
    running = [
        RunningGroup(group, store, external_labels=external, external_url=test.external_url)
        for group in groups
    ]
    title = f"{test.name or f'test at line {test.line}'}: "
    for at_ms in range(0, last + 1, interval):
        loader.load(at_ms)
        failed = [each for group in running for each in _evaluated(group, test, at_ms)]
        yield from (f"{title}rule {each}" for each in failed)
        if failed:
            return
        for alert_case in test.alerts:
            if at_ms <= alert_case.at_ms < at_ms + interval:
                yield from _alerts(file, alert_case, running, title)
    for case in test.samples:
        yield from _samples(file, case, store, test.start_ms, title)


def _evaluated(group: RunningGroup, test: UnitTest, at_ms: int) -> list[str]:
    """Evaluate a group; what could not be."""
    group.evaluate(test.start_ms + at_ms)
    return [f"{failed.rule} at {_clock(at_ms)}: {failed.message}" for failed in group.failures]


class _Loader:
    """Hands samples over as time goes on: a rule that looks ahead sees nothing there.

    Of a series that is written twice the last values count.
    """

    def __init__(self, test: UnitTest, store: SeriesStore) -> None:
        self._test, self._store, self._place = test, store, 0
        self._series = {series.labels: series.values for series in test.series}

    def load(self, until_ms: int) -> None:
        """Load the samples up to an instant."""
        while self._place * self._test.interval_ms <= until_ms:
            at_ms = self._test.start_ms + self._place * self._test.interval_ms
            for labels, values in self._series.items():
                if self._place < len(values) and values[self._place] is not ABSENT:
                    self._store.append(labels, at_ms, values[self._place])
            self._place += 1


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
    hint = "\n  NaN equals nothing, not even NaN; test with `x != x`, as promtool needs it too"
    has_nan = any(math.isnan(value) for _, value in wanted)
    yield (
        f"{file.file}:{case.line}: {title}{case.expr} at {_clock(case.at_ms)}\n"
        f"  expected: {_written(wanted)}\n  found:    {_written(found)}{hint if has_nan else ''}"
    )


def _same(found: float, wanted: float, is_fuzzy: bool) -> bool:  # noqa: FBT001  a switch of the file
    """Equal, or neighbours where the file is fuzzy; as in promtool NaN equals nothing."""
    if not is_fuzzy or math.isnan(found) or math.isnan(wanted):
        return found == wanted
    return wanted in (found, math.nextafter(found, math.inf), math.nextafter(found, -math.inf))


def _listed(alerts: Sequence[Alert]) -> str:
    shown = [f"{format_labels(labels)} {format_labels(notes)}" for labels, notes in alerts]
    return "\n            ".join(shown) or "no alert"


def _written(samples: Sequence[tuple[Labels, float]]) -> str:
    shown = [f"{format_labels(labels)} {go_float(value)}" for labels, value in samples]
    return "\n            ".join(shown) or "nothing"


def _clock(ms: int) -> str:
    return f"{ms // 60_000}m{ms % 60_000 / 1000:g}s" if ms % 60_000 else f"{ms // 60_000}m"
