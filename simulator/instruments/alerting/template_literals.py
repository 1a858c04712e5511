"""Go's literals in templates: texts with their escapes, characters, numbers."""

import re

from simulator.instruments.alerting.template_values import TemplateError

_ESCAPE = re.compile(r"\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))")
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SAME = "\\\"'"


def text(written: str) -> str:
    """A quoted text's content."""
    return written[1:-1] if written[0] == "`" else _unescaped(written[1:-1])


def character(written: str) -> int:
    """A character's number."""
    inner = _unescaped(written[1:-1])
    if len(inner) != 1:
        raise TemplateError(f"malformed character constant: {written}")
    return ord(inner)


def number(written: str) -> float | int:
    """A whole number where Go reads one, else a float."""
    plain = written.replace("_", "")
    is_octal = re.fullmatch(r"[-+]?0[0-7]+", plain)
    try:
        return int(plain, 8) if is_octal else int(plain, 0)
    except ValueError:
        try:
            return float(plain)
        except ValueError:
            raise TemplateError(f"bad number syntax: {written!r}") from None


def _unescaped(raw: str) -> str:
    return _ESCAPE.sub(_character, raw)


def _character(found: re.Match[str]) -> str:
    two, four, eight, octal, plain = found.groups()
    if plain is None:
        return chr(int(octal, 8) if octal else int(two or four or eight, 16))
    if plain not in _PLAIN and plain not in _SAME:
        raise TemplateError(f"invalid escape {found[0]} in a quoted text")
    return _PLAIN.get(plain, plain)
