"""Named classes of characters as RE2 means them, written as the inside of Python's brackets."""

import sys
import unicodedata
from functools import cache
from itertools import groupby

_WORD = "0-9A-Za-z_"
_SPACE = r"\t\n\f\r "


class ClassProblem(ValueError):
    """A class that is not known."""


def _without(inside: str) -> str:
    """All characters but these, as ranges: a class cannot be negated inside another."""
    held = _points(inside)
    return (
        _ranges([c for c in range(_ASCII_END) if c not in held]) + f"{chr(_ASCII_END)}-\U0010ffff"
    )


_ASCII_END = 0x80


def _points(inside: str) -> set[int]:
    points: set[int] = set()
    plain = inside.replace("\\t", "\t").replace("\\n", "\n").replace("\\f", "\f")
    plain = plain.replace("\\r", "\r").replace("\\v", "\v")
    at = 0
    while at < len(plain):
        if plain[at] == "\\":
            at += 1
        last = plain[at + 2] if plain[at + 1 : at + 2] == "-" and at + 2 < len(plain) else plain[at]
        points.update(range(ord(plain[at]), ord(last) + 1))
        at += 3 if last != plain[at] else 1
    return points


def _ranges(points: list[int]) -> str:
    out: list[str] = []
    start = before = None
    for point in [*points, None]:
        if before is not None and point == before + 1:
            before = point
            continue
        if start is not None and before is not None:
            low, high = (f"\\U{p:08x}" for p in (start, before))
            out.append(low if start == before else f"{low}-{high}")
        start = before = point
    return "".join(out)


PERL_CLASSES = {
    "d": "0-9",
    "s": _SPACE,
    "w": _WORD,
    "D": _without("0-9"),
    "S": _without(_SPACE),
    "W": _without(_WORD),
}
_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7f",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": _WORD,
    "xdigit": "0-9A-Fa-f",
}


def _named_points(name: str) -> set[int]:
    exact = {
        "ascii": set(range(0x80)),
        "cntrl": {*range(0x20), 0x7F},
        "punct": {c for c in range(0x21, 0x7F) if not chr(c).isalnum()},
    }
    return exact[name] if name in exact else _points(_NAMED[name])


def _not_named(name: str) -> str:
    held = _named_points(name)
    rest = _ranges([c for c in range(_ASCII_END) if c not in held])
    return rest + f"{chr(_ASCII_END)}-\U0010ffff"


ASCII_CLASSES = {
    **{f"[:{name}:]": inside for name, inside in _NAMED.items()},
    **{f"[:^{name}:]": _not_named(name) for name in _NAMED},
}
"""`[:alpha:]` and its like, which stand inside of brackets."""


@cache
def unicode_class(written: str) -> str:
    r"""`\pN`, `\p{Lu}`, `\P{L}`: general categories; ClassProblem for others."""
    name = written[2:].strip("{}")
    is_negated = (written[1] == "P") != name.startswith("^")
    name = name.removeprefix("^")
    runs = _runs()
    if name != "Any" and not any(category.startswith(name) for category, _, _ in runs):
        raise ClassProblem(written)
    kept = [
        f"\\U{low:08x}-\\U{high:08x}"
        for category, low, high in runs
        if (name == "Any" or category.startswith(name)) != is_negated
    ]
    return "".join(kept) or "^\\U00000000-\\U0010ffff"


@cache
def _runs() -> list[tuple[str, int, int]]:
    """Every run of characters of one category: its name, first and last."""
    found = []
    for category, run in groupby(range(sys.maxunicode + 1), lambda p: unicodedata.category(chr(p))):
        points = list(run)
        found.append((category, points[0], points[-1]))
    return found
