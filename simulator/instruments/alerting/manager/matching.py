"""Matchers as Alertmanager writes them: `name="value"`, `{a=b, c=~"d.*"}`, or old `match` maps."""

import re

from simulator.errors import QueryError
from simulator.instruments.series.matchers import Matcher, pattern

_ONE = re.compile(
    r"""\s*(?:"(?P<quoted_name>(?:[^"\\]|\\.)+)"|(?P<name>[^\s{}!=~,"'`\\]+))\s*
    (?P<op>=~|!~|!=|=)\s*
    (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s{}!=~,"'`\\]*))\s*""",
    re.VERBOSE,
)
_OLDER = re.compile(
    r"\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?P<op>=~|=|!=|!~)\s*(?P<value>.*?)\s*", re.DOTALL
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}
_ESCAPED = re.compile(r'\\["\\n]')


def read_matchers(text: str, *, may_be_none: bool = False) -> tuple[Matcher, ...]:
    """Read one matcher, or several in braces or separated by commas; ValueError says what is wrong.

    Quotes may be left out around plain values, as in amtool. Regular expressions are anchored. As
    there, what the older notation can read is read by it.
    """
    try:
        found = tuple(_older(token) for token in _tokens(text))
    except _NotOlder:
        found = _newer(text)
    if not found and not may_be_none:
        raise ValueError('an empty matcher; write a label, one of = != =~ !~, and a value: a="b"')
    return found


class _NotOlder(ValueError):
    """The older notation cannot read this."""


def _tokens(text: str) -> list[str]:
    """Cut at commas outside of quotes, the older way."""
    inner = text.removeprefix("{").removesuffix("}")
    tokens, token, is_quoted, is_escaped = [], "", False, False
    for char in inner:
        if char == "," and not is_quoted:
            tokens.append(token)
            token = ""
            continue
        if char == '"' and not is_escaped:
            is_quoted = not is_quoted
        is_escaped = char == "\\" and not is_escaped
        token += char
    return [*tokens, token] if token.strip() else tokens


def _older(token: str) -> Matcher:
    found = _OLDER.fullmatch(token)
    if found is None:
        raise _NotOlder(token)
    value = found["value"]
    if value.startswith('"'):
        if not _QUOTED.fullmatch(value):
            raise _NotOlder(token)
        value = value[1:-1]
    elif re.search(r'(?<!\\)(?:\\\\)*"', value):
        raise _NotOlder(token)
    return regex_matcher(found["name"], found["op"], _unescaped(value))


def _newer(text: str) -> tuple[Matcher, ...]:
    inner = text.strip()
    if inner.startswith("{") != inner.endswith("}"):
        raise ValueError(f"matcher {text!r} has a brace without its partner")
    inner = inner[1:-1] if inner.startswith("{") else inner
    found: list[Matcher] = []
    at = 0
    while at < len(inner) and inner[at:].strip():
        match = _ONE.match(inner, at)
        if match is None or (match.end() < len(inner) and inner[match.end()] != ","):
            raise ValueError(
                f'{text!r} is not a matcher; write a label, one of = != =~ !~, and a value: a="b"'
            )
        found.append(_matcher(match))
        at = match.end() + 1
    return tuple(found)


def regex_matcher(name: str, op: str, value: str) -> Matcher:
    """Make a matcher whose regular expression can be read; ValueError where it cannot."""
    if op in ("=~", "!~"):
        try:
            pattern(value)
        except QueryError as error:
            raise ValueError(str(error)) from error
    return Matcher(name, op, value)


def format_matchers(matchers: tuple[Matcher, ...]) -> str:
    """Write matchers as amtool prints them."""
    inner = ",".join(f'{m.name}{m.op}"{m.value}"' for m in matchers)
    return "{" + inner + "}"


def _matcher(match: re.Match[str]) -> Matcher:
    quoted = match["quoted"]
    value = match["bare"] if quoted is None else _unescaped(quoted)
    name = match["name"] or _unescaped(match["quoted_name"])
    return regex_matcher(name, match["op"], value)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)
