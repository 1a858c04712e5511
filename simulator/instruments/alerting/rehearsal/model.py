"""A unit-test file as it is read: series, when to look, and what should be there."""

from dataclasses import dataclass, field

from simulator.instruments.series.labels import Labels

DEFAULT_INTERVAL_MS = 60_000
"""Of evaluations, as promtool has it."""


@dataclass(frozen=True, slots=True)
class InputSeries:
    """One series; its values come every interval of its test, from time 0."""

    labels: Labels
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """A firing alert; its labels have `alertname` already."""

    labels: Labels
    annotations: Labels


@dataclass(frozen=True, slots=True)
class AlertCase:
    """At that time exactly these alerts of that name fire."""

    line: int
    at_ms: int
    alertname: str
    expected: tuple[ExpectedAlert, ...]


@dataclass(frozen=True, slots=True)
class SampleCase:
    """At that time the expression gives exactly these samples."""

    line: int
    at_ms: int
    expr: str
    expected: tuple[tuple[Labels, float], ...]


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One test: its own series, its own evaluations."""

    name: str
    line: int
    interval_ms: int
    series: tuple[InputSeries, ...]
    alerts: tuple[AlertCase, ...]
    samples: tuple[SampleCase, ...]
    external_labels: Labels = ()
    external_url: str = ""
    start_ms: int = 0


@dataclass(frozen=True, slots=True)
class UnitTestFile:
    """All of a file; `rule_files` are patterns from its own folder."""

    file: str
    rule_files: tuple[tuple[str, int, int], ...]  # with line and column
    evaluation_interval_ms: int = DEFAULT_INTERVAL_MS
    is_fuzzy: bool = False
    group_order: tuple[str, ...] = ()
    tests: tuple[UnitTest, ...] = field(default=())
