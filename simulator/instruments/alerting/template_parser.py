"""Reads Go templates into a small tree; mistakes show when the file is read, not at night.

Pipelines, variables, `if`, `else`, `with`, `range`, `end`, and the functions of
`template_functions`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from simulator.instruments.alerting.template_functions import FUNCTIONS, TemplateError, Value

PREAMBLE = ("$", "$labels", "$externalLabels", "$externalURL", "$value")

_ACTION = re.compile(r"\{\{(-\s)?\s*(.*?)\s*(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:\\.|[^"\\])*"|`[^`]*`)|(?P<number>[-+]?\d[\d.eE+-]*)"""
    r"""|(?P<path>\$?\w*(?:\.\w+)+|\.|\$\w*)|(?P<word>\w+)|(?P<mark>:=|=|[|(),]))"""
)
_ASSIGNED = re.compile(r"\$\w+(?=\s*(?::=|,))")
_OPENING = ("if", "with", "range")


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or number."""

    value: Value


@dataclass(frozen=True, slots=True)
class Path:
    """`$labels.job`, `.Value` or `.`: a variable or the dot, and fields of it."""

    variable: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its operands."""

    name: str
    operands: tuple["Operand", ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each given the result of the one before as its last operand."""

    commands: tuple["Operand", ...]
    variables: tuple[str, ...] = ()


Operand = Literal | Path | Call | Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range`, with what follows when it does not apply."""

    keyword: str
    condition: Pipeline
    body: tuple["Part", ...]
    otherwise: tuple["Part", ...] = ()


Part = str | Pipeline | Branch


@dataclass
class _Cursor:
    parts: list[tuple[str, bool]]
    at: int = field(default=0)

    def next(self) -> tuple[str, bool] | None:
        """The next text or action, or nothing."""
        if self.at == len(self.parts):
            return None
        self.at += 1
        return self.parts[self.at - 1]


@cache
def parse_template(text: str) -> tuple[Part, ...]:
    """Read a template; TemplateError says what is wrong with it."""
    pieces = list(_split(text))
    known = {*PREAMBLE, *(n for piece, _ in pieces for n in _ASSIGNED.findall(piece))}
    for name in (n for piece, is_action in pieces if is_action for n in _variables(piece)):
        if name not in known:
            raise TemplateError(f'undefined variable "{name}"')
    cursor = _Cursor(pieces)
    parts, ended_by = _parts(cursor)
    if ended_by:
        raise TemplateError(f"unexpected {{{{{ended_by}}}}}")
    return parts


def _split(text: str) -> Iterator[tuple[str, bool]]:
    """Texts and actions in turn; a dash beside the braces eats the space on its side."""
    at, trim = 0, False
    for action in _ACTION.finditer(text):
        before = text[at : action.start()]
        before = before.lstrip() if trim else before
        yield (before.rstrip() if action[1] else before), False
        if not action[2].startswith("/*"):
            yield action[2], True
        at, trim = action.end(), bool(action[3])
    rest = text[at:].lstrip() if trim else text[at:]
    if "{{" in rest:
        raise TemplateError("unclosed action")
    yield rest, False


def _variables(action: str) -> Iterator[str]:
    keyword, _, rest = action.partition(" ")
    for kind, text in _tokens(rest if keyword in (*_OPENING, "else", "end") else action):
        if kind == "path" and text.startswith("$"):
            yield text.partition(".")[0]


def _parts(cursor: _Cursor) -> tuple[tuple[Part, ...], str]:
    parts: list[Part] = []
    while (piece := cursor.next()) is not None:
        text, is_action = piece
        keyword, _, rest = text.partition(" ")
        if not is_action:
            parts.append(text)
        elif keyword in ("end", "else"):
            return tuple(parts), text
        elif keyword in _OPENING:
            parts.append(_branch(cursor, keyword, rest))
        else:
            parts.append(_pipeline(text))
    return tuple(parts), ""


def _branch(cursor: _Cursor, keyword: str, condition: str) -> Branch:
    body, ended_by = _parts(cursor)
    otherwise: tuple[Part, ...] = ()
    if ended_by.startswith("else"):
        nested = ended_by.removeprefix("else").strip()
        if nested:
            inner, _, rest = nested.partition(" ")
            return Branch(keyword, _pipeline(condition), body, (_branch(cursor, inner, rest),))
        otherwise, ended_by = _parts(cursor)
    if ended_by != "end":
        raise TemplateError(f"{{{{{keyword}}}}} has no {{{{end}}}}")
    return Branch(keyword, _pipeline(condition), body, otherwise)


def _pipeline(text: str) -> Pipeline:
    tokens = _tokens(text)
    made = _commands(tokens)
    if tokens:
        raise TemplateError(f"unexpected {tokens[0][1]!r} in {text!r}")
    return made


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise TemplateError(f"unexpected {text[at:].strip()[:1]!r} in {text!r}")
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return tokens


def _commands(tokens: list[tuple[str, str]]) -> Pipeline:
    """Read up to a closing parenthesis or the end."""
    names = _declared(tokens)
    commands: list[Operand] = []
    while True:
        operands = _operands(tokens)
        if not operands:
            raise TemplateError("missing value for command")
        first = operands[0]
        if isinstance(first, Call):
            commands.append(Call(first.name, tuple(operands[1:])))
        elif len(operands) > 1 or commands:
            raise TemplateError("can't give argument to non-function")
        else:
            commands.append(first)
        if not tokens or tokens[0][1] != "|":
            return Pipeline(tuple(commands), names)
        tokens.pop(0)


def _declared(tokens: list[tuple[str, str]]) -> tuple[str, ...]:
    """The variables of `$x :=` and `$i, $x :=`."""
    marks = [i for i, token in enumerate(tokens) if token in (("mark", ":="), ("mark", "="))]
    if not marks:
        return ()
    names = tuple(text for kind, text in tokens[: marks[0]] if kind == "path")
    del tokens[: marks[0] + 1]
    return names


def _operands(tokens: list[tuple[str, str]]) -> list[Operand]:
    operands: list[Operand] = []
    while tokens and tokens[0][1] not in ("|", ")"):
        kind, text = tokens.pop(0)
        if text == "(":
            operands.append(_commands(tokens))
            if not tokens:
                raise TemplateError("unclosed left paren")
            tokens.pop(0)
        else:
            operands.append(_operand(kind, text))
    return operands


def _operand(kind: str, text: str) -> Operand:
    if kind == "text":
        raw = text[1:-1]
        return Literal(raw if text[0] == "`" else _unescaped(raw))
    if kind == "number":
        return Literal(float(text) if any(c in text for c in ".eE") else int(text))
    if kind == "path":
        variable, *fields = text.split(".")
        return Path(variable, tuple(name for name in fields if name))
    if text in ("true", "false"):
        return Literal(text == "true")
    if text not in FUNCTIONS and text != "query":
        raise TemplateError(f"function {text!r} not defined")
    return Call(text, ())


def _unescaped(raw: str) -> str:
    return raw.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
