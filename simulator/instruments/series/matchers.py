"""Label matchers, with regular expressions as RE2 reads them: whole value, dot matches all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from simulator.errors import QueryError
from simulator.instruments.series.labels import Labels, value_of

_FLAGS = re.compile(r"\(\?([imsU]+)\)")
_PLAIN = re.compile(r"[\w\-:/ ]*")
_SPELLED = {"\\z": "\\Z"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; `op` is `=`, `!=`, `=~` or `!~`."""

    name: str
    op: str
    value: str

    def matches(self, labels: Labels) -> bool:
        """Say whether a label set meets the condition; an absent label is empty."""
        found = value_of(labels, self.name)
        if self.op in ("=", "!="):
            return (found == self.value) == (self.op == "=")
        return (pattern(self.value).fullmatch(found) is not None) == (self.op == "=~")


def match_all(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Say whether a label set meets every condition."""
    return all(matcher.matches(labels) for matcher in matchers)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Compile an RE2 expression; QueryError when Python cannot read it alike."""
    if _PLAIN.fullmatch(text):
        return re.compile(text, re.DOTALL)
    try:
        return re.compile(_python_form(text), re.DOTALL)
    except re.error as error:
        raise QueryError(f"regular expression {text!r} cannot be read: {error}") from error


def _python_form(text: str) -> str:
    """Turn `(?i)` inside a group into `(?i:...)` up to the group's end, as RE2 means it."""
    out: list[str] = []
    scopes: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        flags = _FLAGS.match(text, at)
        if flags:
            opener = f"(?{_supported(flags[1])}:"
            scopes[-1].append(opener)
            out.append(opener)
            at = flags.end()
            continue
        part = _part(text, at)
        out.append(_closing(part, scopes))
        at += len(part)
    return "".join(out) + ")" * len(scopes[-1])


def _closing(part: str, scopes: list[list[str]]) -> str:
    """Keep groups and alternatives apart from the flag groups opened inside them."""
    if part == "(":
        scopes.append([])
    elif part == ")" and len(scopes) > 1:
        return ")" * len(scopes.pop()) + part
    elif part == "|":
        return ")" * len(scopes[-1]) + part + "".join(scopes[-1])
    return _SPELLED.get(part, part)


def _part(text: str, at: int) -> str:
    """Take an escape, a character class or one character."""
    if text[at] == "\\":
        return text[at : at + 2]
    if text[at] != "[":
        return text[at]
    end = at + (2 if text[at + 1 : at + 2] == "^" else 1) + 1
    while end < len(text) and text[end] != "]":
        end += 2 if text[end] == "\\" else 1
    return text[at : end + 1]


def _supported(flags: str) -> str:
    if "U" in flags:
        raise QueryError("the regular expression flag U (ungreedy) is not supported")
    return flags
