"""A run's folder: the journal while the drill is on, everything else only when it has ended."""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator.errors import InvalidInput, Mistake, NotFound
from simulator.record.digest import canonical
from simulator.record.model import Cause, Entry, Header, Objective, Record, Series

JOURNAL, RECORD, SERIES = "journal.jsonl", "record.jsonl", "series.npz"
_NUMBERED = re.compile(r"^(\d{4,})-(.+)$")


@dataclass(frozen=True, slots=True)
class Run:
    """One folder under `runs/`."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path / JOURNAL

    @property
    def has_ended(self) -> bool:
        return (self.path / RECORD).exists()


def new_run(root: Path, scenario: str) -> Run:
    """Make the next numbered folder, `NNNN-scenario`."""
    root.mkdir(parents=True, exist_ok=True)
    number = max((int(m[1]) for p in root.iterdir() if (m := _NUMBERED.match(p.name))), default=0)
    while True:
        number += 1
        path = root / f"{number:04d}-{scenario}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return Run(path)


def runs(root: Path) -> list[Run]:
    """Every run under a root, oldest first."""
    if not root.is_dir():
        return []
    found = sorted(p for p in root.iterdir() if _NUMBERED.match(p.name) and p.is_dir())
    return [Run(p) for p in found if (p / JOURNAL).exists()]


def find_run(root: Path, name: str) -> Run:
    """Find a run by path, folder name or number; NotFound names the nearest."""
    path = Path(name)
    if (path / JOURNAL).exists():
        return Run(path)
    known = {run.path.name: run for run in runs(root)}
    for folder, run in known.items():
        number = folder.partition("-")[0]
        if name == folder or (name.isdigit() and int(name) == int(number)):
            return run
    raise NotFound("run", name, known)


def prune(root: Path, *, keep: int) -> list[str]:
    """Delete all but the newest `keep` runs; return the names of those that went."""
    old = runs(root)[: -keep or None]
    for run in old:
        shutil.rmtree(run.path)
    return [run.path.name for run in old]


def write_record(run: Run, record: Record) -> None:
    """Write the record of a drill that has ended: text last, so that a half-written one is none."""
    arrays: dict[str, Any] = {"outcomes": record.outcomes, "ttft": record.ttft}
    for index, series in enumerate(record.series):
        arrays[f"times_{index}"], arrays[f"values_{index}"] = series.times, series.values
    np.savez_compressed(run.path / SERIES, allow_pickle=False, **arrays)
    rows = [canonical({"schema": 1, "digest": record.digest, "header": _jsonable(record.header)})]
    rows.append(canonical({"series": [[s.name, s.unit, s.component] for s in record.series]}))
    rows.append(canonical({"journal": list(record.journal)}))
    rows += [canonical(_jsonable(entry)) for entry in record.entries]
    partial = run.path / f"{RECORD}.part"
    partial.write_text("\n".join(rows) + "\n", encoding="utf-8")
    partial.rename(run.path / RECORD)


def read_record(run: Run) -> Record:
    """Read a record back; InvalidInput where the folder holds none or a newer format."""
    path = run.path / RECORD
    if not path.exists():
        message = f"this drill has not ended; `brownout resume {run.path}` goes on with it"
        raise InvalidInput([Mistake(str(path), 1, 1, "no-record", message)])
    first, names, journal, *entries = (
        json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()
    )
    if first["schema"] != 1:
        message = f"schema {first['schema']} is newer than this version reads (1); update brownout"
        raise InvalidInput([Mistake(str(path), 1, 1, "schema", message)])
    with np.load(run.path / SERIES, allow_pickle=False) as arrays:
        series = tuple(
            Series(*_three(name), arrays[f"times_{i}"], arrays[f"values_{i}"])
            for i, name in enumerate(names["series"])
        )
        outcomes, ttft = arrays["outcomes"], arrays["ttft"]
    return Record(
        header=_header(first["header"]),
        entries=tuple(Entry(**entry) for entry in entries),
        outcomes=outcomes,
        ttft=ttft,
        series=series,
        journal=tuple(journal["journal"]),
        digest=first["digest"],
    )


def _three(name: Sequence[str]) -> tuple[str, str, str]:
    return name[0], name[1], name[2]


def _jsonable(value: Header | Entry) -> Any:
    return asdict(value)


def _header(fields: dict[str, Any]) -> Header:
    fields["objectives"] = tuple(Objective(**each) for each in fields["objectives"])
    fields["causes"] = tuple(Cause(**each) for each in fields["causes"])
    fields["calls"] = tuple((caller, callee) for caller, callee in fields["calls"])
    for name in ("classes", "weights", "components"):
        fields[name] = tuple(fields[name])
    return Header(**fields)
