"""The next token of an expression, and the messages about one that does not fit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from simulator.instruments.promql.syntax.errors import ParseError
from simulator.instruments.promql.syntax.tokens import Kind, Lexer, Token


class Cursor:
    """Walks over tokens; the lexer's own mistake comes up when its token is looked at.

    Prometheus's grammar names contexts that an error can be resumed from. The innermost one is
    part of the message, so they are kept on a stack.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = Lexer(text).tokens()
        self._token: Token | None = None
        self._contexts: list[tuple[str, str]] = [("", "")]
        self.closed = 0
        """The place behind the last token taken."""

    @property
    def token(self) -> Token:
        """The next token, which stays where it is."""
        if self._token is None:
            self._token = next(self._tokens)
        if self._token.kind is Kind.ERROR:
            raise ParseError(self.text, self._token.start, self._token.value)
        return self._token

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self.token.kind is Kind.END

    def take(self) -> Token:
        """The next token, and go on."""
        token = self.token
        self._token, self.closed = None, token.end
        return token

    def at(self, *values: str) -> bool:
        """Whether the next token is one of these signs or words."""
        token = self.token
        return token.kind is not Kind.STRING and token.value.lower() in values

    def took(self, *values: str) -> bool:
        """Take the next token if it is one of these."""
        is_there = self.at(*values)
        if is_there:
            self.take()
        return is_there

    def expect(self, value: str) -> None:
        """Take a sign that must be there."""
        if not self.took(value):
            self.unexpected()

    @contextmanager
    def context(self, name: str, expected: str = "") -> Iterator[None]:
        """What is being read, for messages about tokens that do not fit."""
        self._contexts.append((name, expected))
        yield
        self._contexts.pop()

    def unexpected(self, context: str = "", expected: str = "") -> NoReturn:
        """Refuse the next token."""
        if not context:
            context, expected = self._contexts[-1]
        message = f"unexpected {self.token.described()}"
        message += f" in {context}" if context else ""
        message += f", expected {expected}" if expected else ""
        self.refuse(self.token.start, message)

    def refuse(self, at: int, message: str) -> NoReturn:
        """Refuse what stands at a place."""
        raise ParseError(self.text, at, message)
