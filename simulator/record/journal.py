"""The journal: what the responder did and when; with scenario and seed it fixes the run.

A line is written and flushed before the drill goes on, so a killed drill can be resumed.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from simulator.errors import InvalidInput, Mistake
from simulator.record.digest import canonical
from simulator.record.model import Json


@dataclass(frozen=True, slots=True)
class Head:
    """What a journal belongs to; `twin` stays `blind` where the responder must not know."""

    scenario: str
    scenario_digest: str
    seed: int
    version: str
    responder: str
    twin: str = "fault"
    overrides: tuple[str, ...] = ()
    trace: str = ""
    is_practice: bool = False
    file: str = ""  # where the scenario was read from, as the person who started it would say it
    runbook: str = ""  # the same for the runbook of a program


@dataclass(frozen=True, slots=True)
class Line:
    """One look or command, in the prompt's own words, and the drill time it took effect (ns)."""

    at: int
    text: str


class Journal:
    """An append-only list of lines, on disk as it grows where a path is given."""

    def __init__(self, head: Head, path: Path | None = None, lines: tuple[Line, ...] = ()) -> None:
        self.head, self._path = head, path
        self._lines = list(lines)
        self._write()

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines)

    def append(self, line: Line) -> None:
        """Keep one line, safe on disk before this returns."""
        self._lines.append(line)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(canonical(asdict(line)) + "\n")
                file.flush()

    def mark_practice(self) -> None:
        """Say that the responder has seen the future; rewrites the head."""
        self.rewrite(self._lines, is_practice=True)

    def rewrite(self, lines: "list[Line] | tuple[Line, ...]", *, is_practice: bool) -> None:
        """Put other lines in the place of these: undo."""
        self.head = replace(self.head, is_practice=is_practice)
        self._lines = list(lines)
        self._write()

    def _write(self) -> None:
        """Write everything at once, so that a kill leaves the old journal or the new one."""
        if self._path is None:
            return
        rows = [canonical(_plain(self.head)), *(canonical(asdict(line)) for line in self._lines)]
        partial = self._path.with_suffix(".part")
        partial.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        partial.replace(self._path)


def read_journal(path: Path) -> tuple[Head, tuple[Line, ...]]:
    """Read a journal back; a last line cut short by a kill is left out.

    Raises InvalidInput for anything else that is not a journal.
    """
    rows = path.read_text(encoding="utf-8").split("\n")
    if rows and rows[-1]:
        rows[-1] = ""
    lines = []
    try:
        head = json.loads(rows[0])
        head["overrides"] = tuple(head["overrides"])
        first = Head(**head)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise _broken(path, 1, "the first line does not say what drill this is") from error
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        try:
            entry = json.loads(row)
            lines.append(Line(int(entry["at"]), str(entry["text"])))
        except (ValueError, TypeError, KeyError) as error:
            raise _broken(path, number, f"not a journal entry: {row[:60]!r}") from error
    return first, tuple(lines)


def _plain(head: Head) -> dict[str, Json]:
    return {**asdict(head), "overrides": list(head.overrides)}


def _broken(path: Path, line: int, message: str) -> InvalidInput:
    return InvalidInput([Mistake(str(path), line, 1, "journal", message)])
