"""Reads Go templates into a small tree; mistakes show when the file is read, not at night.

Pipelines, variables in their scopes, `if`, `else`, `with`, `range`, `break`, `continue`,
`define`, `template`, `block`, and the functions of `template_functions`.
"""

from collections.abc import Callable
from functools import cache

from simulator.instruments.alerting.template_functions import FUNCTIONS
from simulator.instruments.alerting.template_lexer import Piece, Token, pieces
from simulator.instruments.alerting.template_literals import character, number, text
from simulator.instruments.alerting.template_tree import (
    Branch,
    Call,
    Chain,
    Inserted,
    Jump,
    Literal,
    Operand,
    Part,
    Path,
    Pipeline,
    Template,
)
from simulator.instruments.alerting.template_values import TemplateError, Value

PREAMBLE = ("$", "$labels", "$externalLabels", "$externalURL", "$value")
_OPENING = ("if", "with", "range")
_READERS: dict[str, Callable[[str], Value]] = {
    "text": text,
    "char": character,
    "number": number,
}
_LITERALS = {"true": True, "false": False, "nil": None}


@cache
def parse_template(source: str) -> Template:
    """Read a template; TemplateError says what is wrong with it."""
    parser = _Parser(list(pieces(source)))
    parts, ended_by = parser.parts()
    if ended_by:
        raise TemplateError(f"unexpected {{{{{ended_by[0].text}}}}}")
    return Template(parts, parser.defined)


class _Parser:
    def __init__(self, all_pieces: list[Piece]) -> None:
        self.defined: dict[str, tuple[Part, ...]] = {}
        self._pieces = all_pieces[::-1]
        self._variables = list(PREAMBLE)
        self._ranges = 0

    def parts(self) -> tuple[tuple[Part, ...], list[Token]]:
        """Read up to `end` or `else` or the end of all; give that action too."""
        parts: list[Part] = []
        while self._pieces:
            piece = self._pieces.pop()
            if isinstance(piece, str):
                parts.append(piece)
                continue
            keyword = piece[0].text if piece and piece[0].kind == "word" else ""
            if keyword in ("end", "else"):
                return tuple(parts), piece
            if (part := self._part(keyword, piece)) is not None:
                parts.append(part)
        return tuple(parts), []

    def _part(self, keyword: str, tokens: list[Token]) -> Part | None:
        if keyword in _OPENING:
            return self._branch(keyword, tokens[1:])
        if keyword in ("break", "continue"):
            if not self._ranges:
                raise TemplateError(f"{{{{{keyword}}}}} outside {{{{range}}}}")
            return Jump(keyword)
        if keyword in ("define", "template", "block"):
            return self._named(keyword, tokens[1:])
        return self._pipeline(tokens, "command")

    def _branch(self, keyword: str, tokens: list[Token]) -> Branch:
        scope = len(self._variables)
        condition = self._pipeline(tokens, keyword)
        self._ranges += keyword == "range"
        body, ended_by = self.parts()
        self._ranges -= keyword == "range"
        otherwise: tuple[Part, ...] = ()
        if ended_by and ended_by[0].text == "else":
            if len(ended_by) > 1:
                if ended_by[1].text not in ("if", "with"):
                    raise TemplateError(f"unexpected {ended_by[1].text!r} in else")
                otherwise = (self._branch(ended_by[1].text, ended_by[2:]),)
                del self._variables[scope:]
                return Branch(keyword, condition, body, otherwise)
            otherwise, ended_by = self.parts()
        if not ended_by:
            raise TemplateError(f"{{{{{keyword}}}}} has no {{{{end}}}}")
        if ended_by[0].text != "end":
            raise TemplateError(f"expected end; found {{{{{ended_by[0].text}}}}}")
        del self._variables[scope:]
        return Branch(keyword, condition, body, otherwise)

    def _named(self, keyword: str, tokens: list[Token]) -> Part | None:
        """`template "x" .`, `define "x"` up to its end, or `block "x" .`, which is both."""
        if not tokens or tokens[0].kind != "text":
            raise TemplateError(f"{keyword} needs a quoted name")
        name, rest = text(tokens[0].text), tokens[1:]
        dot = self._pipeline(rest, keyword) if rest and keyword != "define" else None
        if keyword != "template":
            outer, self._variables = self._variables, ["$"]
            self.defined[name], ended_by = self.parts()
            self._variables = outer
            if not ended_by or ended_by[0].text != "end":
                raise TemplateError(f"{{{{{keyword}}}}} has no {{{{end}}}}")
        return None if keyword == "define" else Inserted(name, dot)

    def _pipeline(self, tokens: list[Token], context: str) -> Pipeline:
        if not tokens:
            raise TemplateError(f"missing value for {context}")
        rest = tokens[::-1]
        found = self._commands(rest, context)
        if rest:
            raise TemplateError(f"unexpected {rest[-1].text!r} in {context}")
        return found

    def _commands(self, rest: list[Token], context: str) -> Pipeline:
        """Read up to a closing parenthesis or the end; `rest` is turned round."""
        names, declares = self._assigned(rest, context)
        commands: list[Operand] = []
        while True:
            operands = self._operands(rest)
            if not operands:
                raise TemplateError(f"missing value for {context}")
            first = operands[0]
            if isinstance(first, Call):
                commands.append(Call(first.name, tuple(operands[1:])))
            elif len(operands) > 1:
                raise TemplateError("can't give argument to non-function")
            elif commands and isinstance(first, Literal | Pipeline):
                raise TemplateError("non executable command in pipeline")
            elif commands:
                raise TemplateError("can't give argument to non-function")
            else:
                commands.append(first)
            if not rest or rest[-1].text != "|":
                break
            rest.pop()
        self._variables += names
        return Pipeline(tuple(commands), names, declares)

    def _assigned(self, rest: list[Token], context: str) -> tuple[tuple[str, ...], bool]:
        """The variables of `$x :=`, `$x =` and, in a range, `$i, $x :=`."""
        for size in (1, 3):
            taken = rest[-size - 1 :][::-1]
            if len(taken) <= size or taken[0].kind != "variable":
                continue
            if taken[size].text in (":=", "=") and (size == 1 or taken[1].text == ","):
                names = [token.text for token in taken[:size:2]]
                if size > 1 and context != "range":
                    raise TemplateError(f"too many declarations in {context}")
                if taken[size].text == "=":
                    for name in names:
                        self._check(name)
                del rest[-size - 1 :]
                return tuple(names), taken[size].text == ":="
        return (), True

    def _operands(self, rest: list[Token]) -> list[Operand]:
        operands: list[Operand] = []
        while rest and rest[-1].text not in ("|", ")"):
            token = rest.pop()
            if operands and not token.is_apart and token.text != "(":
                raise TemplateError(f"unexpected {token.text!r} in operand")
            operands.append(self._operand(token, rest))
        return operands

    def _operand(self, token: Token, rest: list[Token]) -> Operand:
        if token.text == "(" and token.kind == "mark":
            inner = self._commands(rest, "parenthesized pipeline")
            if not rest:
                raise TemplateError("unclosed left paren")
            rest.pop()
            fields = _fields(rest)
            return Chain(inner, fields) if fields else inner
        if token.kind == "variable":
            self._check(token.text)
            return Path(token.text, _fields(rest))
        if token.kind == "field":
            return Path("", (token.text[1:], *_fields(rest)))
        if token.kind == "dot":
            return Path("", ())
        if token.kind == "word":
            return _word(token.text)
        if token.kind not in _READERS:
            raise TemplateError(f"unexpected {token.text!r} in operand")
        return Literal(_READERS[token.kind](token.text))

    def _check(self, name: str) -> None:
        if name not in self._variables:
            raise TemplateError(f'undefined variable "{name}"')


def _fields(rest: list[Token]) -> tuple[str, ...]:
    fields: list[str] = []
    while rest and rest[-1].kind == "field" and not rest[-1].is_apart:
        fields.append(rest.pop().text[1:])
    return tuple(fields)


def _word(word: str) -> Operand:
    if word in _LITERALS:
        return Literal(_LITERALS[word])
    if word not in FUNCTIONS and word != "query":
        raise TemplateError(f'function "{word}" not defined')
    return Call(word, ())
