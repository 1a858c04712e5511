"""Reads requests: CSV with a header, or JSON lines; every mistake with its place.

Columns `arrival_s`, `input_tokens`, `output_tokens`, and where there is one `id`. Requests may
come in any order.
"""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import InvalidInput, Mistake, suggestion
from simulator.evaluation.serving.prefixes import Segment, read_prefix

NEEDED = ("arrival_s", "input_tokens", "output_tokens")
OPTIONAL = ("id", "prefix")
MISTAKES_MAX = 20
TOKENS_MAX = 10_000_000
SECONDS_MAX = 1e10
Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Request:
    """One row; `prefix` says how the prompt begins, and is empty where it shares nothing."""

    id: str
    arrival_s: float
    input_tokens: int
    output_tokens: int
    prefix: tuple[Segment, ...] = ()


def read_requests(path: Path) -> tuple[Request, ...]:
    """Read a file by its ending, .jsonl or else CSV; InvalidInput names what cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput(
            [Mistake(str(path), 1, 1, "no-file", f"it cannot be read: {error.strerror}")]
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInput([Mistake(str(path), 1, 1, "encoding", "not UTF-8 text")]) from error
    mistakes: list[Mistake] = []
    is_lines = path.suffix in {".jsonl", ".ndjson", ".json"}
    rows = _objects(str(path), text, mistakes) if is_lines else _cells(str(path), text, mistakes)
    found = [
        request
        for number, place, cells in rows
        if (request := _request(str(path), number, place, cells, mistakes)) is not None
    ]
    if not found and not mistakes:
        mistakes.append(Mistake(str(path), 1, 1, "empty", "there is no request in the file"))
    if mistakes:
        raise InvalidInput(mistakes[:MISTAKES_MAX])
    return tuple(found)


def _cells(file: str, text: str, into: list[Mistake]) -> Iterator[tuple[int, int, Cells]]:
    reader = csv.reader(io.StringIO(text), strict=False)
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        said = f"the first line must name {', '.join(NEEDED)}; {', '.join(missing)} is missing"
        into.append(Mistake(file, 1, 1, "request-header", said))
        return
    for at, name in enumerate(header):
        if name not in (*NEEDED, *OPTIONAL):
            col = sum(len(each) + 1 for each in header[:at]) + 1
            said = f"no column is called {name!r} here{suggestion(name, (*NEEDED, *OPTIONAL))}"
            into.append(Mistake(file, 1, col, "request-header", said))
    place = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            said = f"{len(header)} cells are expected; found {len(cells)}"
            into.append(Mistake(file, reader.line_num, 1, "request-row", said))
        else:
            yield reader.line_num, place, dict(zip(header, cells, strict=True))
        place += 1


def _objects(file: str, text: str, into: list[Mistake]) -> Iterator[tuple[int, int, Cells]]:
    place = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            into.append(Mistake(file, number, error.colno, "not-json", f"no JSON: {error.msg}"))
            continue
        if not isinstance(value, dict):
            into.append(Mistake(file, number, 1, "request-row", "a request must be an object"))
            continue
        unknown = [name for name in value if name not in (*NEEDED, *OPTIONAL)]
        for name in unknown:
            said = f"no field is called {name!r} here{suggestion(name, (*NEEDED, *OPTIONAL))}"
            into.append(Mistake(file, number, 1, "request-row", said))
        yield number, place, value
        place += 1


def _request(file: str, line: int, place: int, cells: Cells, into: list[Mistake]) -> Request | None:
    before = len(into)
    arrival = _number(file, line, cells, "arrival_s", into)
    tokens = [_whole(file, line, cells, name, into) for name in NEEDED[1:]]
    if len(into) > before:
        return None
    name = cells.get("id")
    try:
        prefix = read_prefix(cells.get("prefix"), tokens[0])
    except ValueError as error:
        into.append(Mistake(file, line, 1, "request-row", f"prefix: {error}"))
        return None
    named = str(place if name in (None, "") else name)
    return Request(named, arrival, tokens[0], tokens[1], prefix)


def _number(file: str, line: int, cells: Cells, name: str, into: list[Mistake]) -> float:
    text = cells.get(name, "")
    try:
        value = float(str(text))
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= SECONDS_MAX:
        said = f"{name} must be seconds from 0 on; found {text!r}"
        into.append(Mistake(file, line, 1, "request-row", said))
    return value


def _whole(file: str, line: int, cells: Cells, name: str, into: list[Mistake]) -> int:
    text = str(cells.get(name, "")).strip()
    whole = text.removesuffix(".0")  # as spreadsheets and data frames write whole numbers
    if not whole.isascii() or not whole.isdigit() or not 1 <= int(whole) <= TOKENS_MAX:
        said = f"{name} must be a whole number from 1 to {TOKENS_MAX}; found {text!r}"
        into.append(Mistake(file, line, 1, "request-row", said))
        return 0
    return int(whole)
