"""Rule files and their unit tests, from the files' names to lines of text."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from simulator.errors import InvalidInput, Mistake
from simulator.instruments.alerting.group import RunningGroup
from simulator.instruments.alerting.model import AlertRule, RuleGroup
from simulator.instruments.alerting.rehearsal.reading import read_unit_tests
from simulator.instruments.alerting.rehearsal.running import failures
from simulator.instruments.alerting.rules import read_rules, unread
from simulator.instruments.series.store import SeriesStore
from simulator.scenario.yaml import read_text


def checked(files: Sequence[str]) -> list[str]:
    """Read, plan and evaluate every rule on an empty store; count them.

    Raises InvalidInput with the mistakes of all files.
    """
    mistakes: list[Mistake] = []
    lines: list[str] = []
    for file in files:
        try:
            text = read_text(Path(file), file)
            groups = read_rules(text, file)
        except InvalidInput as error:
            mistakes += error.mistakes
            continue
        store, failed = SeriesStore(), []
        for group in groups:
            running = RunningGroup(group, store)
            running.evaluate(0)
            failed += [f"{file}: rule {f.rule}: {f.message}" for f in running.failures]
        rules = [rule for group in groups for rule in group.rules]
        alerts = sum(isinstance(rule, AlertRule) for rule in rules)
        found = f"{alerts} alerts and {len(rules) - alerts} recording rules"
        later = unread(text) if groups else 0
        rest = f"{file}:{later}: what follows '---' is not read, by Prometheus neither"
        lines += [f"{file}: {found} in {len(groups)} groups", *failed, *([rest] if later else [])]
    if mistakes:
        raise InvalidInput(mistakes)
    return lines


class Tested(NamedTuple):
    """One test file: which patterns found no rule file, and what differs."""

    file: str
    warnings: list[str]
    failures: list[str]


def tested(files: Sequence[str]) -> Iterator[Tested]:
    """Run the tests of every file; InvalidInput for one that cannot be used."""
    for file in files:
        read = read_unit_tests(read_text(Path(file), file), file)
        found = _rule_files(Path(file), read.rule_files)
        groups = _groups([path for paths in found.values() for path in paths])
        empty = [pattern for pattern, paths in found.items() if not paths]
        warnings = [f"no file matches the pattern {pattern!r} of {file}" for pattern in empty]
        yield Tested(file, warnings, failures(read, groups))


def _rule_files(file: Path, patterns: Sequence[tuple[str, int, int]]) -> dict[str, list[Path]]:
    """The rule files that a test names, from its own folder, by pattern."""
    found: dict[str, list[Path]] = {}
    for pattern, line, col in patterns:
        base = Path(pattern).anchor or file.parent
        try:
            inside = str(Path(pattern).relative_to(Path(pattern).anchor))
            found[pattern] = sorted(path for path in Path(base).glob(inside) if path.is_file())
        except ValueError as error:
            message = f"{pattern!r} is no pattern of files: {error}"
            raise InvalidInput([Mistake(str(file), line, col, "no-file", message)]) from error
    return found


def _groups(paths: Sequence[Path]) -> list[RuleGroup]:
    mistakes: list[Mistake] = []
    groups: list[RuleGroup] = []
    for path in paths:
        try:
            groups += read_rules(read_text(path, str(path)), str(path))
        except InvalidInput as error:
            mistakes += error.mistakes
    if mistakes:
        raise InvalidInput(mistakes)
    return groups
