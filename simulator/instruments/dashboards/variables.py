"""Puts values in place of a dashboard's variables.

In a text of a matcher what nobody gave is what `All` would match; elsewhere (a range, a number, a
metric's name) it is what the dashboard itself shows first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_VARIABLE = re.compile(r"\$\{(\w+)(?:[:.][^}]*)?\}|\$(\w+)|\[\[(\w+)(?::\w+)?\]\]")
_TEXT = re.compile(r"""(!=|=~|!~|=)?(\s*)("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)""")
_WINDOWS = {
    "__rate_interval": "1m", "__interval": "15s", "__range": "30m", "__interval_ms": "15000",
    "__range_s": "1800", "__range_ms": "1800000", "__from": "0", "__to": "0",
}  # fmt: skip
_ANY = ".*"
_AUTO = "1m"


@dataclass(frozen=True, slots=True)
class Variables:
    """Values that were given, and those a dashboard starts with."""

    given: Mapping[str, str]
    initial: Mapping[str, str]

    def filled(self, expr: str) -> str:
        """Fill an expression in."""
        parts: list[str] = []
        at = 0
        for text in _TEXT.finditer(expr):
            parts += [self._outside(expr[at : text.start()]), self._matcher(text)]
            at = text.end()
        return "".join([*parts, self._outside(expr[at:])])

    def _matcher(self, text: re.Match[str]) -> str:
        sign, space, quoted = text[1] or "", text[2], text[3]
        is_open = any(self._known(found) is None for found in _VARIABLE.finditer(quoted))
        filled = _VARIABLE.sub(lambda found: self._known(found) or _ANY, quoted)
        # A variable that matches everything is a pattern, wherever the author wrote `=`.
        return f"{'=~' if is_open and sign == '=' else sign}{space}{filled}"

    def _outside(self, expr: str) -> str:
        return _VARIABLE.sub(
            lambda found: self._known(found) or self.initial.get(_name(found)) or _AUTO, expr
        )

    def _known(self, found: re.Match[str]) -> str | None:
        name = _name(found)
        return self.given.get(name) or _WINDOWS.get(name)


def _name(found: re.Match[str]) -> str:
    return str(found[1] or found[2] or found[3])


def defaults(variables: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What each variable of a dashboard shows first, where that is written in it."""
    found: dict[str, str] = {}
    for variable in variables:
        current = variable.get("current")
        value = current.get("value") if isinstance(current, dict) else None
        options = value if isinstance(value, list) else [value]
        # Of a query the text is no list of values.
        if variable.get("type") != "query":
            options = [*options, *str(variable.get("query") or "").split(",")]
        usable = [str(each).strip() for each in options if isinstance(each, str | int | float)]
        first = next((each for each in usable if each and not each.startswith("$__")), "")
        if first:
            found[str(variable.get("name"))] = first
    return found
