"""Runbooks by path or name: yours in ./runbooks, beside those of $BROWNOUT_PATH, then ours."""

import os
from pathlib import Path

from simulator.errors import InvalidInput, Mistake, NotFound
from simulator.response.runbook import Runbook
from simulator.scenario.library import folders, shown
from simulator.scenario.referenced import read_runbook
from simulator.scenario.yaml import read, read_text

SUFFIXES = (".yaml", ".yml")


def available() -> dict[str, Path]:
    """Every runbook's name and file, sorted by name; the first folder that has a name wins."""
    found: dict[str, Path] = {}
    for scenarios in folders():
        name = "_runbooks" if scenarios.name == "_scenarios" else "runbooks"
        # A folder of scenarios may hold its runbooks, or stand beside them.
        for folder in (scenarios / name, scenarios.parent / name):
            if folder.is_dir():
                for path in sorted(folder.iterdir()):
                    if path.suffix in SUFFIXES and path.is_file():
                        found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find(path_or_name: str) -> Path:
    """Find a runbook's file; NotFound names the nearest, InvalidInput a path that is not there."""
    if path_or_name.endswith(SUFFIXES) or os.sep in path_or_name:
        path = Path(path_or_name)
        if not path.is_file():
            raise InvalidInput([Mistake(path_or_name, 1, 1, "no-file", "there is no such file")])
        return path
    known = available()
    if path_or_name not in known:
        raise NotFound("runbook", path_or_name, known)
    return known[path_or_name]


def load(path_or_name: str) -> Runbook:
    """Read a runbook; raises InvalidInput with every mistake in it."""
    path = find(path_or_name)
    document = read(read_text(path, shown(path)), shown(path))
    runbook = read_runbook(document)
    if runbook is None or any(not mistake.is_warning for mistake in document.mistakes):
        raise InvalidInput(document.mistakes)
    assert isinstance(runbook, Runbook)  # noqa: S101  what read_runbook reads
    return runbook
