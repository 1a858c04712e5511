"""Cuts a Go template into texts and actions, and an action into tokens."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from simulator.instruments.alerting.template_values import TemplateError

_OPEN = re.compile(r"\{\{(-(?=\s))?")
_COMMENT = re.compile(r"\s*/\*.*?\*/", re.DOTALL)
_CLOSE = re.compile(r"(\s+-)?\s*\}\}")
_SPACE = re.compile(r"\s+")
_TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?P<char>'(?:\\.[^']*|[^'\\])')"""
    r"""|(?P<number>[-+]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+"""
    r"""|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?))(?!\w)"""
    r"""|(?P<field>\.[^\W\d]\w*)|(?P<dot>\.)|(?P<variable>\$\w*)|(?P<word>[^\W\d]\w*)"""
    r"""|(?P<mark>:=|[=|(),])"""
)


class Token(NamedTuple):
    """A word of an action; `is_apart` when space stands before it."""

    kind: str
    text: str
    is_apart: bool


Piece = str | list[Token]
"""A text, or an action's tokens."""


def pieces(text: str) -> Iterator[Piece]:
    """Texts and actions in turn; a dash beside the braces eats the space on its side."""
    at, is_trimmed = 0, False
    while opening := _OPEN.search(text, at):
        before = text[at : opening.start()]
        before = before.lstrip() if is_trimmed else before
        yield before.rstrip() if opening[1] else before
        tokens, at, is_trimmed = _action(text, opening.end())
        if tokens is not None:
            yield tokens
    yield text[at:].lstrip() if is_trimmed else text[at:]


def _action(text: str, at: int) -> tuple[list[Token] | None, int, bool]:
    """An action's tokens (none for a comment), where it ends, and whether space after it goes."""
    if comment := _COMMENT.match(text, at):
        closing = _CLOSE.match(text, comment.end())
        if closing is None:
            raise TemplateError("comment ends before closing delimiter")
        return None, closing.end(), bool(closing[1])
    tokens: list[Token] = []
    while (closing := _CLOSE.match(text, at)) is None:
        space = _SPACE.match(text, at)
        start = space.end() if space else at
        if start == len(text):
            raise TemplateError("unclosed action")
        found = _TOKEN.match(text, start)
        if found is None:
            raise TemplateError(_unreadable(text[start:]))
        tokens.append(Token(str(found.lastgroup), found[0], start > at))
        at = found.end()
    return tokens, closing.end(), bool(closing[1])


def _unreadable(rest: str) -> str:
    if rest[0] == '"':
        return "unterminated quoted string"
    if rest[0] == "`":
        return "unterminated raw quoted string"
    if rest[0].isdigit():
        return f"bad number syntax: {rest.split('}', 1)[0].strip()!r}"
    return f"unexpected {rest[0]!r} in an action"
