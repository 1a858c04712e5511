"""Mistakes as people, editors, programs and GitHub read them."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from simulator.errors import Mistake

SHOWN_MAX = 20

_TOKEN = re.compile(r"[^\s,\[\]{}:]+")
_SUGGESTION = re.compile(r"did you mean '([^']*)'\?")


def text(mistakes: Sequence[Mistake], *, ending: str = "") -> str:
    """Write mistakes with their lines of the file, at most 20, and a count."""
    read = {mistake.file: _lines(mistake.file) for mistake in mistakes[:SHOWN_MAX] if mistake.line}
    shown = [
        f"{mistake}{_excerpt(mistake, read.get(mistake.file, ()))}"
        for mistake in mistakes[:SHOWN_MAX]
    ]
    if len(mistakes) > SHOWN_MAX:
        shown.append(f"... and {len(mistakes) - SHOWN_MAX} more")
    return "\n".join([*shown, f"{counted(mistakes)}. {ending}".rstrip()])


def counted(mistakes: Sequence[Mistake]) -> str:
    """Say `4 errors, 1 warning`."""
    warnings = sum(mistake.is_warning for mistake in mistakes)
    errors = len(mistakes) - warnings
    parts = [_plural(errors, "error")] if errors or not warnings else []
    return ", ".join(parts + ([_plural(warnings, "warning")] if warnings else []))


def as_json(mistakes: Sequence[Mistake]) -> str:
    """Write one JSON document."""
    document = {
        "schema_version": 1,
        "passed": all(mistake.is_warning for mistake in mistakes),
        "errors": sum(not mistake.is_warning for mistake in mistakes),
        "warnings": sum(mistake.is_warning for mistake in mistakes),
        "mistakes": [_fields(mistake) for mistake in mistakes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def github(mistakes: Sequence[Mistake]) -> str:
    """Write the annotations that GitHub Actions shows beside the lines."""
    return "\n".join(_annotation(mistake) for mistake in mistakes)


def _fields(mistake: Mistake) -> dict[str, object]:
    found = _SUGGESTION.search(mistake.message)
    return {
        "file": mistake.file,
        "line": mistake.line,
        "col": mistake.col,
        "code": mistake.code,
        "severity": "warning" if mistake.is_warning else "error",
        "message": mistake.message,
        "suggestion": found[1] if found else None,
    }


def _annotation(mistake: Mistake) -> str:
    level = "warning" if mistake.is_warning else "error"
    place = f"file={_escaped(mistake.file)},line={max(mistake.line, 1)},col={max(mistake.col, 1)}"
    title = f"title={_escaped(mistake.code)}"
    message = mistake.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} {place},{title}::{message}"


def _escaped(value: str) -> str:
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        value = value.replace(character, code)
    return value


def _excerpt(mistake: Mistake, lines: Sequence[str]) -> str:
    if not 0 < mistake.line <= len(lines) or not lines[mistake.line - 1].strip():
        return ""
    line = lines[mistake.line - 1].expandtabs(1)
    start = mistake.col - 1
    token = _TOKEN.match(line, start)
    # Long lines are cut around the place.
    left = max(0, start - 60)
    said = line[left : left + 100]
    number = f"{mistake.line:5d}"
    marks = " " * (start - left) + "^" * max(1, len(token[0]) if token else 1)
    return f"\n{number} | {said}\n{' ' * len(number)} | {marks[:100]}"


def _lines(file: str) -> Sequence[str]:
    try:
        return Path(file).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except (OSError, ValueError):
        return ()


def _plural(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
