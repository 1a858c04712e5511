"""Grafana's variables: what a dashboard says of them, and queries with values in their place.

Values that its author picked from a list of queried names, such as pods, are of another system: in
a text such a variable matches everything, unless a value is given. Elsewhere (a range, a number, a
metric's name) it has the value that the file shows first.
"""

import re
from collections.abc import Mapping

from simulator.instruments.dashboards.opening import Json, mapping, objects

_ANY = ".*"
_VARIABLE = re.compile(
    r"\$\{([A-Za-z_]\w*)(?:[:.]([^}]*))?\}|\$([A-Za-z_]\w*)|\[\[([A-Za-z_]\w*)(?::\w+)?\]\]"
)
_TEXT = re.compile(
    r"""(!=|=~|!~|=)?(\s*)("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\$\{\w+:\w+quote\})"""
)
_DEPTH_MAX = 4
_WINDOWS = {
    "__rate_interval": "1m", "__rate_interval_ms": "60000", "__interval": "15s",
    "__interval_ms": "15000", "__range": "30m", "__range_s": "1800", "__range_ms": "1800000",
    "__from": "0", "__to": "0",
}  # fmt: skip
_AUTOMATIC = "1m"
_OWN_VALUES = ("custom", "interval", "constant", "textbox")


class Variables:
    """Values by name: those given, those the dashboard fixes, and Grafana's own windows."""

    def __init__(self, board: Json, given: Mapping[str, str]) -> None:
        own, queried = dict(_WINDOWS), {}
        for each in objects(mapping(board, "templating"), "list"):
            value, name = _value(each), str(each.get("name"))
            if value is not None and each.get("type") in _OWN_VALUES:
                own[name] = value
            elif value is not None and each.get("type") == "query":
                queried[name] = value
        self._known = {**own, **given}
        self._anywhere = {**queried, **self._known}

    def filled(self, expr: str) -> str:
        """Put values in place of variables."""
        parts: list[str] = []
        at = 0
        for text in _TEXT.finditer(expr):
            parts += [self._outside(expr[at : text.start()]), self._text(text)]
            at = text.end()
        return "".join([*parts, self._outside(expr[at:])])

    def named(self, title: str) -> str:
        """Put values in a title; what has none is `All`, as in Grafana."""
        return _VARIABLE.sub(lambda match: self._known.get(_name(match), "All"), title)

    def missing(self, expr: str) -> list[str]:
        """Name the variables of a query that have no value."""
        names = dict.fromkeys(_name(match) for match in _VARIABLE.finditer(expr))
        return [name for name in names if name not in self._anywhere]

    def _text(self, text: re.Match[str]) -> str:
        """Fill a text in; what matches everything is a pattern, wherever the author wrote `=`."""
        sign, space, quoted = text[1] or "", text[2], text[3]
        filled = _filled(quoted, self._known)
        is_pattern = sign == "=" and filled != quoted and _ANY in filled
        return f"{'=~' if is_pattern else sign}{space}{filled}"

    def _outside(self, expr: str) -> str:
        if "[" in expr:  # a range without a value
            ranges = re.split(r"(\[(?!\[)[^\]]*)", expr)
            ranged = {name: _AUTOMATIC for part in ranges[1::2] for name in self.missing(part)}
            return "".join(
                _filled(part, {**ranged, **self._anywhere} if k % 2 else self._anywhere)
                for k, part in enumerate(ranges)
            )
        return _filled(expr, self._anywhere)


def _filled(text: str, known: Mapping[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        value = known.get(_name(match), _ANY)
        return f'"{value}"' if (match[2] or "").endswith("quote") else value

    for _ in range(_DEPTH_MAX):  # a value may name other variables
        before, text = text, _VARIABLE.sub(one, text)
        if text == before:
            break
    return text


def _name(match: re.Match[str]) -> str:
    return match[1] or match[3] or match[4]


def _value(variable: Json) -> str | None:
    """Give what a variable is set to in the file; None where it says nothing."""
    is_query, query = variable.get("type") == "query", variable.get("query") or ""
    if variable.get("type") == "constant":
        return str(query)
    options = objects(variable, "options")
    chosen = mapping(variable, "current").get("value")
    if chosen is None:
        chosen = next((each.get("value") for each in options if each.get("selected")), None)
    if chosen is None and not is_query:  # of a query the text is no list of values
        chosen = str(query).partition(",")[0].rpartition(" : ")[2].strip() or None
    values = [str(each) for each in (chosen if isinstance(chosen, list) else [chosen])]
    if chosen is None or not values or (is_query and "$__all" in values):
        return None
    if "$__all" in values:
        return str(variable.get("allValue") or _ANY)
    if values[0].startswith("$__auto") or values == ["auto"]:
        return _AUTOMATIC
    return values[0] if len(values) == 1 else f"({'|'.join(values)})"
