"""Reads test scripts; every mistake is reported at once, with its line."""

import re
from collections.abc import Iterator

from simulator.errors import InvalidInput, Mistake
from simulator.instruments.promql.scripts.model import (
    Clear,
    Command,
    Evaluation,
    Expectation,
    Load,
    LoadedSeries,
    Script,
)
from simulator.instruments.promql.syntax.numbers import NumberProblem, duration_ms
from simulator.instruments.series.labels import Labels
from simulator.instruments.series.notation import read_series, read_values

_EVAL = re.compile(
    r"eval(?:_(?P<mode>fail|warn|info|ordered))?\s+(?:instant(?:\s+at\s+(?P<at>\S+)|(?!\s+at\s))"
    r"|range\s+from\s+(?P<start>\S+)\s+to\s+(?P<end>\S+)\s+step\s+(?P<step>\S+?))"
    r"\s+(?P<expr>.+)"
)
_LOAD = re.compile(r"load(?P<nhcb>_with_nhcb)?\s+(?P<interval>\S+)")
_EXPECT = re.compile(
    r"expect\s+(?P<kind>ordered|fail|warn|no_warn|info|no_info)"
    r"(?:\s+(?P<match>msg|regex)\s*:\s*(?P<text>.*))?"
)
_WINDOW = re.compile(
    r"expect\s+range\s+vector\s+from\s+(?P<start>\S+)\s+to\s+(?P<end>\S+)\s+step\s+(?P<step>\S+)"
)
_STARTS_AT = re.compile(
    r"""((?:[^"'`\s@]|"(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|\s+(?=\S*\}))*)@st(?=\s|$)"""
)
_STRING = re.compile(r"expect\s+string\s+(?P<text>.*)")
_OLD = re.compile(r"expected_fail_(?P<match>message|regexp)\s+(?P<text>.*)")
_FORMS = (
    "write 'load 5m', 'clear', 'eval instant at 5m QUERY' or "
    "'eval range from 0 to 10m step 1m QUERY'"
)
_Line = tuple[int, str]


def read_script(text: str, file: str = "") -> Script:
    """Read a test script; InvalidInput carries every mistake."""
    reader = _Reader(file)
    commands = [c for block in _blocks(text) if (c := reader.command(block)) is not None]
    if reader.mistakes:
        raise InvalidInput(reader.mistakes)
    return Script(file, tuple(commands))


def _blocks(text: str) -> Iterator[list[_Line]]:
    """The lines of each command; a blank line ends one, a comment does not count as a line."""
    block: list[_Line] = []
    for number, raw in enumerate([*text.splitlines(), ""], start=1):
        line = raw.strip()
        is_comment = line.startswith("#")
        is_whole = bool(block) and block[0][1] == "clear"
        if block and (not line or is_whole or _starts(line)):
            yield block
            block = []
        if line and not is_comment:
            block.append((number, line))


def _starts(line: str) -> bool:
    """Whether a line begins a command though no blank line came before."""
    return line == "clear" or _EVAL.fullmatch(line) is not None


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []

    def command(self, block: list[_Line]) -> Command | None:
        """Read one command; nothing after a mistake."""
        line, head = block[0]
        if head == "clear":
            return Clear(line)
        try:
            if load := _LOAD.fullmatch(head):
                return self._load(line, load, block[1:])
            if found := _EVAL.fullmatch(head):
                return self._evaluation(line, found, block[1:])
        except (ValueError, NumberProblem) as error:
            self._wrong(line, str(error))
            return None
        self._wrong(line, f"{head!r} is no command; {_FORMS}")
        return None

    def _wrong(self, line: int, message: str) -> None:
        self.mistakes.append(Mistake(self.file, line, 1, "bad-script", message))

    def _load(self, line: int, found: re.Match[str], lines: list[_Line]) -> Load:
        series = []
        for number, text in lines:
            try:
                series.append(_loaded(text))
            except ValueError as error:
                self._wrong(number, str(error))
        return Load(line, _time(found["interval"]), tuple(series), bool(found["nhcb"]))

    def _evaluation(self, line: int, found: re.Match[str], lines: list[_Line]) -> Evaluation:
        at = _time(found["at"] or "0") if not found["start"] else _time(found["start"])
        end = _time(found["end"]) if found["end"] else at
        step = _time(found["step"]) if found["step"] else 1
        if step <= 0 or end < at:
            raise ValueError("a range goes from an earlier to a later time, in steps above 0")
        expectations = [Expectation(found["mode"])] if found["mode"] else []
        series: list[tuple[Labels, tuple[float, ...]]] = []
        scalar, window, expects_native = None, None, False
        for number, text in lines:
            try:
                if text.startswith("expect"):
                    span = _WINDOW.fullmatch(text)
                    window = _span(span) if span else window
                    expectations += [] if span else [_expectation(text)]
                elif "{{" in text:
                    expects_native = True
                elif re.match(r"[\d.+-]|[Nn]a[Nn]$|[+-]?[Ii]nf$", text):
                    scalar = read_values(text)[0]
                else:
                    labels, rest = _split(text)
                    series.append((labels, tuple(read_values(rest))))
            except ValueError as error:
                self._wrong(number, str(error))
        return Evaluation(
            line, found["expr"], at, end, step, bool(found["start"]), tuple(expectations),
            tuple(series), scalar, window, expects_native,
        )  # fmt: skip


def _loaded(text: str) -> LoadedSeries:
    """A line of a load; `series@st` gives the times at which counters started, which are newer."""
    if found := _STARTS_AT.match(text):
        return LoadedSeries(_split(found[1] + " ")[0], (), "series with start timestamps")
    labels, rest = _split(text)
    if "{{" in rest:
        return LoadedSeries(labels, (), "native histograms")
    return LoadedSeries(labels, tuple(read_values(rest)))


def _expectation(text: str) -> Expectation:
    if found := _EXPECT.fullmatch(text):
        return Expectation(found["kind"], found["match"] or "", _unquoted(found["text"] or ""))
    if found := _STRING.fullmatch(text):
        return Expectation("string", "msg", _unquoted(found["text"]))
    if found := _OLD.fullmatch(text):
        match = "msg" if found["match"] == "message" else "regex"
        return Expectation("fail", match, found["text"])
    raise ValueError(f"{text!r} is no expectation; write 'expect warn', 'expect fail msg: ...'")


def _unquoted(text: str) -> str:
    text = text.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`"
    return text[1:-1] if is_quoted else text


def _span(found: re.Match[str]) -> tuple[int, int, int]:
    return _time(found["start"]), _time(found["end"]), _time(found["step"])


def _time(text: str) -> int:
    """A duration or seconds, in milliseconds."""
    if re.fullmatch(r"-?[\d.]+", text):
        return round(float(text) * 1000)
    return -duration_ms(text[1:]) if text.startswith("-") else duration_ms(text)


def _split(text: str) -> tuple[Labels, str]:
    """A line's series and the values behind it."""
    at, quote, depth = 0, "", 0
    while at < len(text) and (quote or depth or not text[at].isspace()):
        char = text[at]
        if quote:
            at += char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'`":
            quote = char
        else:
            depth += (char == "{") - (char == "}")
        at += 1
    # Spaces may stand between a name and its braces.
    if text[at:].lstrip().startswith("{") and not text[at:].lstrip().startswith("{{"):
        at = text.index("}", at) + 1
    labels: Labels = () if text[:at].strip() == "{}" else read_series(text[:at])
    return labels, text[at:].strip()
