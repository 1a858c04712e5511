"""What a test script says: series to load, evaluations, and what these must give."""

from dataclasses import dataclass, field

from simulator.instruments.series.labels import Labels


@dataclass(frozen=True, slots=True)
class LoadedSeries:
    """A series and its values from time zero on; gaps are ABSENT cells.

    `unusable` says why only the labels are kept: its values are native histograms, or it has start
    timestamps.
    """

    labels: Labels
    values: tuple[float, ...]
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """Series to add, one value per interval."""

    line: int
    interval_ms: int
    series: tuple[LoadedSeries, ...]
    has_native: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget everything loaded."""

    line: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """An `expect` line: `kind` is fail, warn, info, no_warn, no_info, ordered or string.

    `match` is msg or regex with its `text`, or nothing.
    """

    kind: str
    match: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A query at an instant or over a range, and what it must give."""

    line: int
    text: str
    start_ms: int
    end_ms: int
    step_ms: int
    is_range: bool
    expectations: tuple[Expectation, ...] = ()
    series: tuple[tuple[Labels, tuple[float, ...]], ...] = ()
    scalar: float | None = None
    window: tuple[int, int, int] | None = None
    """Start, end and step of a range vector that an instant query must give."""
    expects_native: bool = False

    def expects(self, *kinds: str) -> bool:
        """Whether an expectation of one of these kinds is written."""
        return any(each.kind in kinds for each in self.expectations)


Command = Load | Clear | Evaluation


@dataclass(frozen=True, slots=True)
class Script:
    """A test file."""

    file: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one evaluation went: `failure` says what differs, `skipped` why it was not run."""

    file: str
    evaluation: Evaluation
    failure: str = ""
    skipped: str = field(default="")
