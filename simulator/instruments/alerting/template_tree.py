"""What a parsed Go template is made of."""

from dataclasses import dataclass

from simulator.instruments.alerting.template_values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, true, false or nil."""

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
    """Commands, each given the result of the one before as its last operand.

    Its result goes to the variables, which `:=` declares anew and `=` does not.
    """

    commands: tuple["Operand", ...]
    variables: tuple[str, ...] = ()
    declares: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """Fields of what stands in parentheses: `(query "up" | first).Value`."""

    inner: Pipeline
    fields: tuple[str, ...]


Operand = Literal | Path | Call | Pipeline | Chain


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range`, with what follows when it does not apply."""

    keyword: str
    condition: Pipeline
    body: tuple["Part", ...]
    otherwise: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue`."""

    keyword: str


@dataclass(frozen=True, slots=True)
class Inserted:
    """`template "name" pipeline`; `parts` are what the name stands for."""

    name: str
    dot: Pipeline | None


Part = str | Pipeline | Branch | Jump | Inserted


@dataclass(frozen=True, slots=True)
class Template:
    """The main parts, and those defined under names."""

    parts: tuple[Part, ...]
    defined: dict[str, tuple[Part, ...]]
