"""Mistakes in an expression, with their place as Prometheus writes it."""

from simulator.errors import QueryError


class ParseError(QueryError):
    """The expression cannot be read; `line` and `col` count from 1, columns in bytes of UTF-8."""

    def __init__(self, text: str, at: int, message: str) -> None:
        self.line, self.col = place(text, at)
        self.reason = message
        where = f"{self.line}:{self.col}" if text else "unknown position"
        super().__init__(f"{where}: parse error: {message}")


def place(text: str, at: int) -> tuple[int, int]:
    """Line and column of a place in a text."""
    before = text[:at]
    line_start = before.rfind("\n") + 1
    return before.count("\n") + 1, len(before[line_start:].encode()) + 1
