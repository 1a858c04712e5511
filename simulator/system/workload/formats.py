"""Traces as others publish them, told apart by their first line.

Azure LLM inference (`TIMESTAMP,ContextTokens,GeneratedTokens`), BurstGPT (`Timestamp,...,Request
tokens,Response tokens,...`, seconds), Mooncake (JSON lines of `timestamp` in ms, `input_length`,
`output_length` and `hash_ids`, blocks of 512 tokens), and plain `time,class`, seconds, with
`input_tokens,output_tokens` where they are known; tokens that are not are drawn by the class.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np

from simulator.errors import InvalidInput, Mistake
from simulator.system.workload.trace import (
    HEADER,
    MISTAKES_MAX,
    TraceFile,
    read_azure,
    text_of,
    trace_of,
)
from simulator.units import MS, SECOND

DRAWN = -1
"""Stands for tokens the class is to draw."""
KNOWN = (
    ",".join(HEADER),
    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type",
    "time,class[,input_tokens,output_tokens]",
    '{"timestamp": 0, "input_length": 9, "output_length": 9, "hash_ids": [0]}',
)
_SECONDS_MAX = Decimal(10) ** 9
_TOKENS_MAX = 10**9


@dataclass(frozen=True, slots=True)
class _Row:
    ns: int
    prompt: int
    output: int
    request_class: str = ""
    blocks: tuple[int, ...] = ()


class _WrongCell(ValueError):
    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(message)


def read_trace(path: Path, request_class: str = "") -> TraceFile:
    """Read a trace, or of a plain one the requests of a class; InvalidInput names every wrong row.

    An empty class stands for all.
    """
    text = text_of(path)
    first = text.split("\n", 1)[0].strip()
    if tuple(name.strip() for name in first.split(",")) == HEADER:
        return read_azure(path)
    rows, mistakes = _in_order(str(path), _told_apart(str(path), first, text))
    wanted = [row for row in rows if not request_class or row.request_class in ("", request_class)]
    if not mistakes and len(wanted) < 2:  # noqa: PLR2004  a rate needs two instants
        whose = f" of class {request_class!r}" if request_class else ""
        said = f"a trace needs two requests{whose}"
        mistakes = [Mistake(str(path), 1, 1, "trace-short", said)]
    if mistakes:
        raise InvalidInput(mistakes[:MISTAKES_MAX])
    start = wanted[0].ns
    numbers = [(row.ns - start, row.prompt, row.output) for row in wanted]
    blocks = tuple(row.blocks for row in wanted)
    return trace_of(np.array(numbers, np.int64), blocks if any(blocks) else ())


def _told_apart(file: str, first: str, text: str) -> Iterator[tuple[int, _Row | _WrongCell]]:
    names = {name.strip() for name in first.split(",")}
    if first.startswith("{"):
        return _json_lines(text)
    if {"Timestamp", "Request tokens", "Response tokens"} <= names:
        return _table(text, ("Timestamp", "Request tokens", "Response tokens", ""))
    if {"time", "class"} <= names:
        return _table(text, ("time", "input_tokens", "output_tokens", "class"))
    said = f"the first line must be that of a known trace: {'; '.join(KNOWN)}"
    raise InvalidInput([Mistake(file, 1, 1, "trace-header", f"{said}; found {first!r}")])


def _in_order(
    file: str, found: Iterator[tuple[int, _Row | _WrongCell]]
) -> tuple[list[_Row], list[Mistake]]:
    rows: list[_Row] = []
    mistakes: list[Mistake] = []
    for line, row in found:
        if isinstance(row, _WrongCell):
            mistakes.append(Mistake(file, line, 1, "trace-row", str(row)))
        elif rows and row.ns < rows[-1].ns:
            said = "earlier than the row before; sort the file by its time"
            mistakes.append(Mistake(file, line, 1, "trace-order", said))
        else:
            rows.append(row)
    return rows, mistakes


def _table(
    text: str, columns: tuple[str, str, str, str]
) -> Iterator[tuple[int, _Row | _WrongCell]]:
    lines = csv.reader(io.StringIO(text))
    names = [name.strip() for name in next(lines)]
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            said = f"a row has {len(names)} cells; found {len(cells)}"
            yield lines.line_num, _WrongCell("", said)
            continue
        named = dict(zip(names, (cell.strip() for cell in cells), strict=True))
        time, prompt, output, of = columns
        try:
            row = _Row(
                _ns(time, named[time], SECOND),
                _tokens(prompt, named.get(prompt, "")),
                _tokens(output, named.get(output, "")),
                named.get(of, ""),
            )
        except _WrongCell as wrong:
            yield lines.line_num, wrong
        else:
            yield lines.line_num, row


def _json_lines(text: str) -> Iterator[tuple[int, _Row | _WrongCell]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            blocks = _blocks(value)
            row = _Row(
                _ns("timestamp", value.get("timestamp"), MS),
                _tokens("input_length", value.get("input_length")),
                _tokens("output_length", value.get("output_length")),
                blocks=blocks,
            )
        except _WrongCell as wrong:
            yield number, wrong
        except json.JSONDecodeError as error:
            yield number, _WrongCell("", f"a line must be JSON: {error.msg}")
        else:
            yield number, row


def _blocks(value: Any) -> tuple[int, ...]:
    blocks = value.get("hash_ids", []) if isinstance(value, dict) else None
    if not isinstance(blocks, list) or not all(isinstance(each, int) for each in blocks):
        raise _WrongCell("", "a line must be an object, its hash_ids a list of numbers")
    return tuple(blocks)


def _ns(name: str, value: object, unit: int) -> int:
    try:
        number = Decimal(str(value))
        if not 0 <= number * unit / SECOND <= _SECONDS_MAX:
            raise InvalidOperation  # noqa: TRY301  one message for both
    except InvalidOperation as error:
        raise _WrongCell(name, f"{name} must be a number from 0 on; found {value!r}") from error
    return int(number * unit)


def _tokens(name: str, value: object) -> int:
    """Read a count; nothing, or BurstGPT's 0 for a failed answer, is left to the class."""
    text = str("" if value is None else value).strip().removesuffix(".0")
    if text in ("", "0"):
        return DRAWN
    if not (text.isascii() and text.isdigit()) or int(text[:12]) > _TOKENS_MAX:
        raise _WrongCell(name, f"{name} must be a whole number; found {value!r}")
    return int(text)
