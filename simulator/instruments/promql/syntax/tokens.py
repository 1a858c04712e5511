"""Cuts an expression into tokens, as Prometheus's lexer does, messages included."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from simulator.instruments.promql.syntax.numbers import number_end
from simulator.instruments.promql.syntax.strings import StringError, go_char, go_quoted, string_end


class Kind(StrEnum):
    """What a token is; values are what messages call it."""

    END = "end of input"
    ERROR = "error"
    IDENTIFIER = "identifier"
    METRIC = "metric identifier"
    STRING = "string"
    NUMBER = "number"
    DURATION = "duration"
    KEYWORD = "keyword"
    OPERATOR = "operator"
    AGGREGATOR = "aggregator"
    EDGE = "preprocessor"
    SIGN = "sign"


OPERATORS = frozenset({"and", "or", "unless", "atan2"})
AGGREGATORS = frozenset({
    "sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk",
    "count_values", "quantile", "limitk", "limit_ratio",
})  # fmt: skip
KEYWORDS = frozenset({
    "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "bool",
})  # fmt: skip
EDGES = frozenset({"start", "end"})
_TWO = ("==", "!=", "<=", ">=")
_ONE = "*/%+-^<>"
_SIGNS = "(){}[],:=@"


class Token(NamedTuple):
    """A piece of the text; `value` is what is written, or an error's message."""

    kind: Kind
    start: int
    value: str

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.value)

    def described(self) -> str:
        """How messages name it."""
        if self.kind in (Kind.END, Kind.ERROR):
            return str(self.kind)
        if self.kind is Kind.KEYWORD:
            return f"<{self.value}>"
        if self.kind is Kind.OPERATOR:
            return f"<op:{self.value}>"
        if self.kind is Kind.AGGREGATOR:
            return f"<aggr:{self.value}>"
        shown = go_quoted(self.value)
        if len(self.value.encode()) > _SHOWN and self.kind not in (Kind.IDENTIFIER, Kind.METRIC):
            shown = go_quoted(self.value[:_SHOWN]) + "..."
        is_plain = self.kind in (Kind.SIGN, Kind.EDGE)
        return shown if is_plain else f"{self.kind} {shown}"


_SHOWN = 10
_NOTHING = "\ufffd"


# Few keywords cannot be a metric's name.
_NO_NAME = frozenset({"on", "ignoring", "group_left", "group_right", "bool", "atan2"})
_NAMES = (Kind.IDENTIFIER, Kind.METRIC, Kind.AGGREGATOR, Kind.KEYWORD, Kind.EDGE)
_LITERALS = (Kind.NUMBER, Kind.DURATION, Kind.STRING)


def is_name(token: Token) -> bool:
    """Whether a token can be a metric's or a function's name."""
    if token.kind is Kind.OPERATOR:
        return token.value.isalpha()
    return token.kind in _NAMES and token.value.lower() not in _NO_NAME


def can_begin(token: Token) -> bool:
    """Whether an expression can begin with a token."""
    return is_name(token) or token.kind in _LITERALS or token.value in ("(", "{", "+", "-")


class Lexer:
    """Walks a text; brackets and braces change what is allowed, as in the original."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = self._start = 0
        self._depth = 0
        self._in_brackets = self._has_colon = self._has_duration = False
        self._state = self._statement

    def tokens(self) -> Iterator[Token]:
        """Every token up to the end or the first error."""
        while True:
            self._skip()
            self._start = self._at
            token = self._state()
            yield token
            if token.kind in (Kind.END, Kind.ERROR):
                return

    def _skip(self) -> None:
        text = self.text
        while self._at < len(text):
            if text[self._at] in " \t\n\r":
                self._at += 1
            elif text[self._at] == "#" and self._state != self._duration:
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                return

    def _peek(self, ahead: int = 0) -> str:
        return self.text[self._at + ahead : self._at + ahead + 1]

    def _taken(self, kind: Kind, length: int) -> Token:
        self._at = self._start + length
        return Token(kind, self._start, self.text[self._start : self._at])

    def _error(self, message: str, at: int | None = None) -> Token:
        return Token(Kind.ERROR, self._start if at is None else at, message)

    def _statement(self) -> Token:  # noqa: C901, PLR0911  one sign after another
        char, pair = self._peek(), self.text[self._at : self._at + 2]
        if not char:
            return self._end()
        if pair in _TWO:
            return self._taken(Kind.OPERATOR, 2)
        if char in "=!":
            following = self._peek(1)
            if char == "!" or following == "~":
                shown = f"'{go_char(following or _NOTHING)}'"
                return self._error(f"unexpected character after '{char}': {shown}")
        if char in _ONE:
            return self._taken(Kind.OPERATOR, 1)
        if (char.isdecimal() and char.isascii()) or (char == "." and _is_digit(self._peek(1))):
            return self._number()
        if char in "\"'`":
            return self._string()
        if _is_alpha(char) or char == ":":
            return self._colon(char) if self._in_brackets else self._word()
        if char in "(){}[],@=":
            return self._sign(char)
        return self._error(f"unexpected character: '{go_char(char)}'")

    def _end(self) -> Token:
        if self._depth:
            return self._error("unclosed left parenthesis")
        if self._in_brackets:
            return self._error("unclosed left bracket")
        return Token(Kind.END, self._at, "")

    def _sign(self, char: str) -> Token:  # noqa: C901  one sign after another
        token = self._taken(Kind.SIGN, 1)
        if char == "(":
            self._depth += 1
        elif char == ")":
            self._depth -= 1
            if self._depth < 0:
                return self._error("unexpected right parenthesis ')'", self._at)
        elif char == "{":
            self._state = self._in_braces
        elif char == "}":
            return self._error("unexpected character: '}'")
        elif char == "[":
            if self._in_brackets:
                return self._error("unexpected left bracket '['")
            self._in_brackets, self._has_colon, self._has_duration = True, False, False
            self._state = self._duration
        elif char == "]":
            if not self._in_brackets:
                return self._error("unexpected right bracket ']'")
            self._in_brackets = False
        return token

    def _colon(self, char: str) -> Token:
        if self._has_colon:
            return self._error(f"unexpected colon '{char}'")
        self._has_colon = True
        return self._taken(Kind.SIGN, 1)

    def _duration(self) -> Token:  # noqa: C901, PLR0911  one sign after another
        """What may stand in brackets before a number does."""
        char = self._peek()
        if not char:
            return self._error("unexpected end of input in duration expression")
        if _is_digit(char) or (char == "." and _is_digit(self._peek(1))):
            self._has_duration, self._state = True, self._statement
            return self._number()
        if char == ":":
            token = self._taken(Kind.SIGN, 1)
            if not self._has_duration:
                message = "unexpected colon before duration in duration expression"
                return self._error(message, self._at)
            if self._has_colon:
                return self._error("unexpected repeated colon in duration expression", self._at)
            self._has_colon = True
            return token
        if char in "+-*/%^":
            return self._taken(Kind.OPERATOR, 1)
        if char in "()":
            return self._sign(char)
        if char == "]":
            self._in_brackets, self._state = False, self._statement
            return self._taken(Kind.SIGN, 1)
        return self._error(f"unexpected character in duration expression: '{go_char(char)}'")

    def _in_braces(self) -> Token:  # noqa: C901, PLR0911  one sign after another
        char = self._peek()
        if not char:
            return self._error("unexpected end of input inside braces")
        if _is_alpha(char):
            end = self._at
            while _is_word(self.text[end : end + 1]):
                end += 1
            return self._taken(Kind.IDENTIFIER, end - self._start)
        if char in "\"'`":
            return self._string()
        if char == "=":
            return self._matching(2 if self._peek(1) == "~" else 1)
        if char == "!":
            following = self._peek(1)
            if following not in ("~", "=") or not following:
                shown = f"'{go_char(following or _NOTHING)}'"
                return self._error(f"unexpected character after '!' inside braces: {shown}")
            return self._matching(2)
        if char == ",":
            return self._taken(Kind.SIGN, 1)
        if char == "}":
            self._state = self._statement
            return self._taken(Kind.SIGN, 1)
        if char == "{":
            return self._error("unexpected left brace '{'")
        return self._error(f"unexpected character inside braces: '{go_char(char)}'")

    def _matching(self, length: int) -> Token:
        # A lone = is no operator to the original, and its messages show it.
        return self._taken(Kind.SIGN if length == 1 else Kind.OPERATOR, length)

    def _number(self) -> Token:
        end, is_number, is_good = number_end(self.text, self._at)
        if not is_good:
            written = go_quoted(self.text[self._start : end])
            return self._error(f"bad number or duration syntax: {written}")
        return self._taken(Kind.NUMBER if is_number else Kind.DURATION, end - self._start)

    def _string(self) -> Token:
        try:
            end = string_end(self.text, self._at)
        except StringError as error:
            return self._error(str(error))
        return self._taken(Kind.STRING, end - self._start)

    def _word(self) -> Token:
        end = self._at
        while _is_word(self.text[end : end + 1]) or self.text[end : end + 1] == ":":
            end += 1
        word = self.text[self._at : end]
        return self._taken(_kind_of(word), end - self._start)


def _kind_of(word: str) -> Kind:
    lower = word.lower()
    for names, kind in (
        (OPERATORS, Kind.OPERATOR),
        (AGGREGATORS, Kind.AGGREGATOR),
        (KEYWORDS, Kind.KEYWORD),
        (EDGES, Kind.EDGE),
        (("inf", "nan"), Kind.NUMBER),
    ):
        if lower in names:
            return kind
    return Kind.METRIC if ":" in word else Kind.IDENTIFIER


def _is_digit(char: str) -> bool:
    return "0" <= char <= "9"


def _is_alpha(char: str) -> bool:
    return char == "_" or "a" <= char <= "z" or "A" <= char <= "Z"


def _is_word(char: str) -> bool:
    return _is_alpha(char) or _is_digit(char)
