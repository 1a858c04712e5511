"""Real requests from a file: the Azure LLM inference CSV, replayed, scaled, sliced and looped.

Results over one trace are results over that hour of traffic, resampled.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InvalidInput, Mistake
from simulator.plant.api import Arrivals, SharedSegments
from simulator.plant.arrivals import name_key
from simulator.plant.chance import mix
from simulator.system.workload.generate import copies
from simulator.system.workload.model import Trace
from simulator.units import MINUTE, SECOND

Ints = NDArray[np.int64]

HEADER = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
JITTER_NS = 30 * SECOND
MISTAKES_MAX = 20
BLOCK_TOKENS = 512
"""Tokens of a prefix block of the Mooncake traces (FAST25 release)."""
_BIAS = 1 << 40
_BLOCK_BITS = 32
_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?")
_TOKENS = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class TraceFile:
    """Requests in order: ns after the first, and token counts; `lasts` to when it may loop.

    A count of -1 is left to the class to draw. `blocks` names the prefix blocks of each prompt,
    and is empty where the trace says nothing of them.
    """

    times: Ints
    prompt_tokens: Ints
    output_tokens: Ints
    lasts: int
    blocks: tuple[tuple[int, ...], ...] = ()


def text_of(path: Path) -> str:
    """Read a trace's text; InvalidInput if there is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        text = f"no trace can be read here: {error.strerror}"
        raise InvalidInput([Mistake(str(path), 1, 1, "no-file", text)]) from error
    except UnicodeDecodeError as error:
        raise InvalidInput([Mistake(str(path), 1, 1, "encoding", "not UTF-8 text")]) from error


def read_azure(path: Path) -> TraceFile:
    """Read a trace; InvalidInput names every row that cannot be used (at most 20)."""
    lines = text_of(path).splitlines()
    header = tuple(name.strip() for name in lines[0].split(",")) if lines else ()
    if header != HEADER:
        text = f"the first line must be {','.join(HEADER)}; found {','.join(header) or 'nothing'}"
        raise InvalidInput([Mistake(str(path), 1, 1, "trace-header", text)])
    rows, mistakes = _rows(str(path), lines)
    if not mistakes and len(rows) < 2:  # noqa: PLR2004  a rate needs two instants
        mistakes = [Mistake(str(path), len(lines), 1, "trace-short", "a trace needs two requests")]
    if mistakes:
        raise InvalidInput(mistakes[:MISTAKES_MAX])
    start = rows[0][0]  # whole ns since year 1 do not fit 64 bits
    return trace_of(np.array([(at - start, *tokens) for at, *tokens in rows], np.int64))


def _rows(file: str, lines: list[str]) -> tuple[list[tuple[int, int, int]], list[Mistake]]:
    rows: list[tuple[int, int, int]] = []
    mistakes: list[Mistake] = []
    days: dict[str, int] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            row = _row(line, days)
        except _WrongCell as wrong:
            mistakes.append(Mistake(file, number, wrong.col, "trace-row", str(wrong)))
            continue
        if rows and row[0] < rows[-1][0]:
            text = "earlier than the row before; sort the file by TIMESTAMP"
            mistakes.append(Mistake(file, number, 1, "trace-order", text))
        rows.append(row)
    return rows, mistakes


class _WrongCell(ValueError):
    """A cell that cannot be read, and where it starts."""

    def __init__(self, col: int, message: str) -> None:
        self.col = col
        super().__init__(message)


def _row(line: str, days: dict[str, int]) -> tuple[int, int, int]:
    cells = line.split(",")
    if len(cells) != len(HEADER):
        raise _WrongCell(1, f"a row has {len(HEADER)} cells; found {len(cells)}")
    tokens = []
    for place in (1, 2):
        if not _TOKENS.fullmatch(cells[place].strip()):
            col = sum(len(cell) + 1 for cell in cells[:place]) + 1
            text = f"{HEADER[place]} must be a whole number; found {cells[place].strip()!r}"
            raise _WrongCell(col, text)
        tokens.append(int(cells[place]))
    return _stamp(cells[0].strip(), days), tokens[0], tokens[1]


def _stamp(text: str, days: dict[str, int]) -> int:
    match = _STAMP.fullmatch(text)
    try:
        if match is None:
            raise ValueError  # noqa: TRY301  one message for both
        if (day := text[:10]) not in days:
            days[day] = dt.date.fromisoformat(day).toordinal()
        hour, minute, second = int(match[4]), int(match[5]), int(match[6])
        dt.time(hour, minute, second)
    except ValueError as error:
        said = f"{text!r} is not a TIMESTAMP; write 2023-11-16 18:15:46.680590"
        raise _WrongCell(1, said) from error
    whole = ((days[day] * 24 + hour) * 60 + minute) * 60 + second
    return whole * SECOND + int((match[7] or "0").ljust(9, "0"))


def trace_of(rows: Ints, blocks: tuple[tuple[int, ...], ...] = ()) -> TraceFile:
    """Make a trace of rows of (ns after the first, prompt, output tokens)."""
    times = rows[:, 0].copy()
    # A mean gap between the last request and the first of the next round keeps the rate.
    gap = max(int(times[-1]) // (len(times) - 1), 1)
    return TraceFile(times, rows[:, 1].copy(), rows[:, 2].copy(), int(times[-1]) + gap, blocks)


def _segments(blocks: tuple[tuple[int, ...], ...], file: str, row: int) -> tuple[Ints | None, Ints]:
    """Point each request at the rows of its blocks; a block's number names all before it too."""
    if not blocks:
        return None, np.zeros((0, 2), np.int64)
    counts = np.array([len(each) for each in blocks], np.int64)
    ends = np.cumsum(counts)
    rows = np.zeros((int(ends[-1]), 2), np.int64)
    name = name_key(file) >> _BLOCK_BITS << _BLOCK_BITS
    rows[:, 0] = [name + block for each in blocks for block in each]
    places = np.arange(len(rows)) - np.repeat(ends - counts, counts)
    rows[:, 1] = BLOCK_TOKENS * (places + 1)
    pointers = [SharedSegments.of(row + end - n, n) for end, n in zip(ends, counts, strict=True)]
    return np.array(pointers, np.int64), rows


class TraceArrivals:
    """A trace as an entry's arrivals, with the tokens of each request.

    Looping, it starts where the key says; streams above 0 always do, so that they bring other
    requests. Played once, its start is drill time 0. `segments` is what its prompts share, to be
    rows `row` and following of the plant's. Raises InvalidInput for an empty slice.
    """

    def __init__(self, trace: Trace, file: TraceFile, starts_at_ns: int, row: int = 0) -> None:
        low, high = trace.slice or (0, file.lasts)
        high = min(high, file.lasts)
        first, last = np.searchsorted(file.times, (low, high))
        if first == last:
            text = "the slice holds no request"
            raise InvalidInput([Mistake(trace.file, 1, 1, "trace-slice", text)])
        self._times = ((file.times[first:last] - low) / trace.speed).astype(np.int64)
        self._prompt = file.prompt_tokens[first:last]
        self._output = file.output_tokens[first:last]
        self._lasts = max(int((high - low) / trace.speed), int(self._times[-1]) + 1)
        self._scale = trace.scale
        self._loops = trace.loops
        self._starts_at = starts_at_ns
        self._prefixes, self.segments = _segments(file.blocks[first:last], trace.file, row)

    def minute(self, key: int, stream: int, index: int) -> Arrivals:
        shift = mix(key, 0) % self._lasts if self._loops or stream else 0
        begin = index * MINUTE - self._starts_at
        parts = [
            self._round(mix(key, 1), number, number * self._lasts - shift, begin)
            for number in self._rounds(begin + shift, once=not self._loops and not stream)
        ]
        times = np.concatenate([part[0] for part in parts] or [np.empty(0, np.int64)])
        which = np.concatenate([part[1] for part in parts] or [np.empty(0, np.int64)])
        order = np.argsort(times, kind="stable")
        which = which[order]
        shared = None if self._prefixes is None else self._prefixes[which]
        return Arrivals(
            times[order] + self._starts_at, self._prompt[which], self._output[which], shared
        )

    def _rounds(self, position: int, *, once: bool) -> Iterator[int]:
        margin = JITTER_NS if self._scale is not None else 0
        first = (position - margin) // self._lasts
        last = (position + MINUTE + margin - 1) // self._lasts
        return (n for n in range(first, last + 1) if n == 0 or not once)

    def _round(self, key: int, number: int, origin: int, begin: int) -> tuple[Ints, Ints]:
        """Say instants and places in the trace of one round's requests within the minute."""
        margin = JITTER_NS if self._scale is not None else 0
        edges = np.array([begin - margin, begin + MINUTE + margin]) - origin
        low, high = (int(place) for place in np.searchsorted(self._times, edges))
        times = self._times[low:high] + origin
        if self._scale is None:
            return times, np.arange(low, high)
        window = np.array([begin, begin + MINUTE, JITTER_NS])
        key = mix(key, number + _BIAS)
        made, room = 1, 0
        while made > room:
            room = max(made, int(2 * self._scale * times.size) + 64)
            out, which = np.empty(room, np.int64), np.empty(room, np.int64)
            made = copies(key, times, low, self._scale, window, out, which)
        return out[:made], which[:made] + low
