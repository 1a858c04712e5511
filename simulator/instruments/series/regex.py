"""Reads RE2 regular expressions as Go does, messages included, and writes them for Python's `re`.

Python takes things that RE2 refuses (look-ahead, back-references) and reads others differently
(digits of all scripts, flags inside of groups), so an expression is parsed and written anew.
"""

import re
from typing import NoReturn

from simulator.instruments.series.regex_classes import (
    ASCII_CLASSES,
    PERL_CLASSES,
    ClassProblem,
    unicode_class,
)

_REPEAT_MAX = 1000
_REPEAT = re.compile(r"\{(\d+)(,?)(\d*)\}")
_GROUP_NAME = re.compile(r"\(\?P?<(\w+)>", re.ASCII)
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_CONTROL = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ANCHORS = {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}
_FLAGS = "imsU"


class RegexError(ValueError):
    """An expression that RE2 refuses; the text is Go's."""


class Translated:
    """An expression for Python, and what its named groups are numbered."""

    def __init__(self, text: str) -> None:
        reader = _Reader(text)
        self.python = reader.whole()
        self.names = reader.names


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.names: dict[str, int] = {}
        self._groups = 0

    def whole(self) -> str:
        written = self._alternatives(frozenset("s"))
        if self.at < len(self.text):
            self._refuse("unexpected )", self.text)
        return written

    def _alternatives(self, flags: frozenset[str]) -> str:
        """Read up to a closing parenthesis; flags set on the way hold to the end."""
        out: list[str] = []
        while True:
            written, flags = self._sequence(flags)
            out.append(written)
            if not self._took("|"):
                return "|".join(out)

    def _sequence(self, flags: frozenset[str]) -> tuple[str, frozenset[str]]:
        out: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            start = self.at
            changed = self._flags(flags)
            if changed is not None:
                flags = changed
                continue
            atom = self._atom(flags)
            out.append(self._repeated(atom, flags, start))
        return "".join(out), flags

    def _took(self, char: str) -> bool:
        found = self.text.startswith(char, self.at)
        self.at += len(char) if found else 0
        return found

    def _atom(self, flags: frozenset[str]) -> str:
        char = self.text[self.at]
        if char == "(":
            return self._group(flags)
        if char == "[":
            return _cased(self._class(), flags)
        if char == "\\":
            return _cased(self._escape(), flags)
        if self._is_repeat():
            self._refuse("missing argument to repetition operator", self._operator())
        self.at += 1
        if char == ".":
            return "(?s:.)" if "s" in flags else "[^\\n]"
        if char == "^":
            return "(?m:^)" if "m" in flags else r"\A"
        if char == "$":
            return "(?m:$)" if "m" in flags else r"\Z"
        return _cased(re.escape(char), flags)

    def _is_repeat(self) -> bool:
        at = self.text[self.at : self.at + 1]
        return bool(at) and (at in "*+?" or _REPEAT.match(self.text, self.at) is not None)

    def _operator(self) -> str:
        found = _REPEAT.match(self.text, self.at)
        if found is not None and self.text[self.at] == "{":
            return found[0]
        return self.text[self.at]

    def _repeated(self, atom: str, flags: frozenset[str], start: int) -> str:
        if not self._is_repeat():
            return atom
        first = self.at
        operator = self._operator()
        if operator[0] == "{":
            self._check_counts(operator)
        self.at += len(operator)
        is_lazy = self._took("?") != ("U" in flags)
        if self._is_repeat():
            self.at += len(self._operator())
            self._refuse("invalid nested repetition operator", self.text[first : self.at])
        single = atom if self.at - start == 1 + len(operator) else f"(?:{atom})"
        return f"{single}{operator}{'?' if is_lazy else ''}"

    def _check_counts(self, operator: str) -> None:
        found = _REPEAT.fullmatch(operator)
        least, most = (int(found[1]), int(found[3] or found[1])) if found else (0, 0)
        if max(least, most) > _REPEAT_MAX or least > most:
            self._refuse("invalid repeat count", operator)

    def _flags(self, flags: frozenset[str]) -> frozenset[str] | None:
        """Read `(?i)`; nothing when something else stands here."""
        found = re.compile(r"\(\?([imsU]*)(-[imsU]+)?\)").match(self.text, self.at)
        if found is None or not (found[1] or found[2]):
            return None
        self.at = found.end()
        return (flags | set(found[1])) - set(found[2] or "")

    def _group(self, flags: frozenset[str]) -> str:
        start = self.at
        opener = "("
        if self.text.startswith("(?", start):
            opener, flags = self._special(start, flags)
        else:
            self.at += 1
            self._groups += 1
        inner = self._alternatives(flags)
        if not self._took(")"):
            self._refuse("missing closing )", self.text)
        return f"{opener}{inner})"

    def _special(self, start: int, flags: frozenset[str]) -> tuple[str, frozenset[str]]:
        text = self.text
        if text.startswith(("(?P<", "(?<"), start) and not text.startswith(("(?<=", "(?<!"), start):
            found = _GROUP_NAME.match(text, start)
            if found is None:
                end = text.find(">", start)
                self._refuse(
                    "invalid named capture", text[start:] if end < 0 else text[start : end + 1]
                )
            self.at = found.end()
            self._groups += 1
            self.names.setdefault(found[1], self._groups)
            return "(", flags
        at, is_off, seen = start + 2, False, False
        while at < len(text):
            char = text[at]
            at += 1
            if char in _FLAGS:
                flags, seen = (flags - {char} if is_off else flags | {char}), True
            elif char == "-" and not is_off:
                is_off, seen = True, False
            elif char == ":" and (seen or not is_off):
                self.at = at
                return "(?:", flags
            else:
                break
        return self._refuse("invalid or unsupported Perl syntax", text[start:at])

    def _escape(self) -> str:
        text, start = self.text, self.at
        char = text[start + 1 : start + 2]
        if not char:
            self._refuse("trailing backslash at end of expression", "")
        if char in _ANCHORS:
            self.at += 2
            return _ANCHORS[char]
        if char == "Q":
            end = text.find("\\E", start + 2)
            literal = text[start + 2 :] if end < 0 else text[start + 2 : end]
            self.at = len(text) if end < 0 else end + 2
            return re.escape(literal)
        inner = self._class_escape()
        return f"[{inner}]" if inner is not None else re.escape(self._character())

    def _class_escape(self) -> str | None:
        r"""Read `\d`, `\pN` and their like as the inside of a class."""
        text, char = self.text, self.text[self.at + 1 : self.at + 2]
        if char in PERL_CLASSES and char:
            self.at += 2
            return PERL_CLASSES[char]
        if char not in ("p", "P") or not char:
            return None
        end = self.at + 3
        if text.startswith("{", self.at + 2):
            end = text.find("}", self.at) + 1 or len(text)
        written = text[self.at : end]
        try:
            inner = unicode_class(written)
        except ClassProblem:
            self._refuse("invalid character class range", written)
        self.at = end
        return inner

    def _character(self) -> str:
        """Read an escape that stands for one character."""
        text, start = self.text, self.at
        char = text[start + 1 : start + 2]
        self.at += 2
        if char in _CONTROL:
            return _CONTROL[char]
        if char in _PUNCTUATION:
            return char
        found = re.compile(r"\\x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))").match(text, start)
        if found is not None and int(found[1] or found[2], 16) <= 0x10FFFF:  # noqa: PLR2004  Unicode
            self.at = found.end()
            return chr(int(found[1] or found[2], 16))
        octal = re.compile(r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})").match(text, start)
        if octal is not None:
            self.at = octal.end()
            return chr(int(octal[1], 8))
        return self._refuse("invalid escape sequence", text[start : start + 2])

    def _class(self) -> str:
        start = self.at
        self.at += 1
        negation = "^" if self._took("^") else ""
        out: list[str] = []
        is_first = True
        while is_first or not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                self._refuse("missing closing ]", self.text[start:])
            out.append(self._member(start))
            is_first = False
        self.at += 1
        return f"[{negation}{''.join(out)}]"

    def _member(self, opening: int) -> str:
        text, start = self.text, self.at
        if text.startswith("[:", start) and (end := text.find(":]", start + 2)) >= 0:
            written = text[start : end + 2]
            if written not in ASCII_CLASSES:
                self._refuse("invalid character class range", written)
            self.at = end + 2
            return ASCII_CLASSES[written]
        if text.startswith("\\", start) and (inner := self._class_escape()) is not None:
            return inner
        low = high = self._single(opening)
        if text.startswith("-", self.at) and text[self.at + 1 : self.at + 2] not in ("]", ""):
            self.at += 1
            high = self._single(opening)
            if high < low:
                self._refuse("invalid character class range", text[start : self.at])
        return f"{re.escape(low)}-{re.escape(high)}" if low != high else re.escape(low)

    def _single(self, opening: int) -> str:
        if self.at >= len(self.text):
            self._refuse("missing closing ]", self.text[opening:])
        if self.text[self.at] == "\\":
            if self.at + 1 >= len(self.text):
                self._refuse("trailing backslash at end of expression", "")
            return self._character()
        self.at += 1
        return self.text[self.at - 1]

    def _refuse(self, message: str, shown: str) -> NoReturn:
        raise RegexError(f"error parsing regexp: {message}: `{shown}`")


def _cased(written: str, flags: frozenset[str]) -> str:
    return f"(?i:{written})" if "i" in flags else written
