"""Label matchers, with regular expressions as RE2 reads them: whole value, dot matches all."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from simulator.errors import QueryError
from simulator.instruments.series.labels import Labels, value_of
from simulator.instruments.series.regex import RegexError, Translated

_PLAIN = re.compile(r"[\w\-:/ ]*", re.ASCII)


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
    """Compile an RE2 expression; QueryError says what Go says of one it refuses."""
    return _compiled(text)[0]


def group_names(text: str) -> Mapping[str, int]:
    """The named groups of an RE2 expression, by number."""
    return _compiled(text)[1]


@cache
def _compiled(text: str) -> tuple[re.Pattern[str], Mapping[str, int]]:
    if _PLAIN.fullmatch(text):
        return re.compile(text), {}
    try:
        translated = Translated(text)
    except RegexError as error:
        raise QueryError(str(error)) from error
    try:
        return re.compile(translated.python), translated.names
    except (re.error, OverflowError, RecursionError) as error:
        raise QueryError(f"regular expression {text!r} cannot be run here: {error}") from error
