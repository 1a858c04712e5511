"""Test scripts of queries, from the files' names to lines of text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from simulator.errors import InvalidInput, Mistake
from simulator.instruments.promql.scripts.model import Script, Verdict
from simulator.instruments.promql.scripts.reading import read_script
from simulator.instruments.promql.scripts.running import run
from simulator.scenario.yaml import read_text


def tested(
    files: Sequence[str], *, is_verbose: bool, names_go_last: bool
) -> Iterator[tuple[list[str], bool]]:
    """Run every file: its lines, and whether all of it holds.

    Raises InvalidInput with the mistakes of all files before any is run.
    """
    scripts: list[Script] = []
    mistakes: list[Mistake] = []
    for file in files:
        try:
            scripts.append(read_script(read_text(Path(file), file), file))
        except InvalidInput as error:
            mistakes += error.mistakes
    if mistakes:
        raise InvalidInput(mistakes)
    for script in scripts:
        yield _lines(script, list(run(script, names_go_last=names_go_last)), is_verbose=is_verbose)


def _lines(script: Script, verdicts: list[Verdict], *, is_verbose: bool) -> tuple[list[str], bool]:
    lines = []
    for verdict in verdicts:
        place = f"{script.file}:{verdict.evaluation.line}:"
        if verdict.failure:
            lines.append(f"{place} FAIL {verdict.evaluation.text}\n  {verdict.failure}")
        elif is_verbose:
            why = f"skip ({verdict.skipped})" if verdict.skipped else "pass"
            lines.append(f"{place} {why} {verdict.evaluation.text}")
    failed = sum(bool(verdict.failure) for verdict in verdicts)
    skipped = Counter(verdict.skipped for verdict in verdicts if verdict.skipped)
    passed = len(verdicts) - failed - skipped.total()
    total = f"{script.file}: {passed} passed, {failed} failed"
    if skipped:
        total += f", {skipped.total()} skipped"
    lines.append(total)
    lines += [f"  skipped {count}: {why}" for why, count in sorted(skipped.items())]
    return lines, not failed
