"""From a file to a scenario: every mistake in it and in the files it names, all at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from simulator.errors import InvalidInput, Mistake
from simulator.scenario import complaints, leaks, overrides, referenced, references, times, watched
from simulator.scenario.library import find, scenario_name, shown
from simulator.scenario.model import Scenario
from simulator.scenario.source import Source
from simulator.scenario.yaml import Document, read, read_text
from simulator.system.topology.checks import problems


def load(
    path_or_name: str | Path, set_: Iterable[str] = (), files: Mapping[str, str] | None = None
) -> Scenario:
    """Read a scenario by path or name, with `path=value` overrides and files of the caller's own.

    Raises NotFound for an unknown name and InvalidInput with every mistake.
    """
    return build(gather(find(path_or_name), tuple(set_), files or {}))


def gather(
    path: Path, set_: tuple[str, ...] = (), files: Mapping[str, str] | None = None
) -> Source:
    """Read a scenario's text and those of all files it names; missing ones are left out."""
    text = read_text(path, shown(path))
    document = read(text, shown(path))
    overrides.apply(document, set_)
    texts, names = dict(files or {}), {}
    for _, name in referenced.paths(document):
        beside = _beside(path, name)
        if name not in texts and beside is not None:
            texts[name], names[name] = read_text(beside, shown(beside)), shown(beside)
    return Source(
        name=scenario_name(path),
        text=text,
        file=shown(path),
        folder=str(path.parent),
        files=texts,
        shown=names,
        overrides=set_,
    )


def build(source: Source) -> Scenario:
    """Make a scenario of its texts; raises InvalidInput with every mistake."""
    document = read(source.text, source.file or source.name)
    if document.is_readable:
        overrides.apply(document, source.overrides)
        held = referenced.check(document, source)
        referenced.put_rows(document, source)
    scenario = _validated(document)
    if document.is_readable:
        references.check(document)
    if scenario is not None:
        times.check(document, scenario)
        watched.check(document, scenario, held.alerts)
        leaks.check(document, scenario, source.name)
        _topology(document, scenario)
    mistakes = _distinct(document.mistakes)
    if scenario is None or any(not mistake.is_warning for mistake in mistakes):
        raise InvalidInput(mistakes)
    policies = [
        policy
        for entry in scenario.autoscalers
        for policy in (held.policies[entry] if isinstance(entry, str) else [entry])
    ]
    return scenario.with_files(source, tuple(policies), held.runbook, mistakes)


def _validated(document: Document) -> Scenario | None:
    if not document.is_readable:
        return None
    try:
        return Scenario.model_validate(document.value)
    except ValidationError as error:
        complaints.note(document, Scenario, error)
        return None


def _topology(document: Document, scenario: Scenario) -> None:
    """Add what the parts of the system say about each other, where names and calls are sound."""
    told = {mistake.code for mistake in document.mistakes}
    for problem in problems(scenario.parts):
        if problem.code not in told & {"cycle", "unknown-target", "unknown-class", "edge"}:
            at_key = problem.path[:1] == ("edges",) or problem.code in ("no-steps", "unreached")
            document.mistake(
                problem.path, problem.code, problem.message, at_key=at_key,
                warns=problem.is_warning,
            )  # fmt: skip


def _distinct(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    return tuple(sorted(dict.fromkeys(mistakes)))


def _beside(path: Path, name: str) -> Path | None:
    """Find a file a scenario names: in its folder, in the one above, or as packaged."""
    if not name or name.startswith(("/", "~")) or ".." in name.split("/") or "\\" in name:
        return None
    above = path.parent.parent
    for candidate in (path.parent / name, above / name, above / f"_{name}"):
        try:
            if candidate.is_file():
                return candidate
        except (OSError, ValueError):
            return None
    return None
