"""Fills in the annotations and labels of alerts, as Prometheus's Go templates do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulator.instruments.alerting.template_functions import FUNCTIONS
from simulator.instruments.alerting.template_parser import parse_template
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
)
from simulator.instruments.alerting.template_values import (
    Record,
    TemplateError,
    Value,
    is_true,
    kind_of,
    shown,
)

Query = Callable[[str], Sequence[Value]]
"""Runs an instant query: rows are Records of `Labels` and `Value`."""
_DEEPEST = 100


class _Left(Exception):
    def __init__(self, keyword: str, text: str) -> None:
        self.keyword, self.text = keyword, text


@dataclass
class Scope:
    """Variables, the dot, where `query` asks, and what `template` can insert."""

    variables: dict[str, Value]
    dot: Value
    query: Query | None = None
    defined: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    outer: "Scope | None" = None
    depth: int = 0

    def inner(self, dot: Value, **variables: Value) -> "Scope":
        """A scope whose own variables end with it."""
        return replace(self, variables=variables, dot=dot, outer=self)

    def holder(self, name: str) -> "dict[str, Value]":
        """The innermost variables that have a name."""
        if name in self.variables or self.outer is None:
            return self.variables
        return self.outer.holder(name)


def expand(
    text: str,
    labels: Mapping[str, str],
    value: float,
    query: Query | None = None,
    external: Mapping[str, str] | None = None,
    external_url: str = "",
) -> str:
    """Fill a template in; as in Prometheus, an error becomes part of the text."""
    if "{{" not in text:
        return text
    outside = dict(external or {})
    dot = Record(Labels=labels, ExternalLabels=outside, ExternalURL=external_url, Value=value)
    shared: dict[str, Value] = {
        "$": dot,
        "$labels": labels,
        "$value": value,
        "$externalURL": external_url,
        "$externalLabels": outside,
    }
    try:
        template = parse_template(text)
        return _filled(template.parts, Scope(shared, dot, query, template.defined))
    except TemplateError as error:
        return f"<error expanding template: {error}>"


def _filled(parts: Sequence[Part], scope: Scope) -> str:
    text = ""
    for part in parts:
        if isinstance(part, Jump):
            raise _Left(part.keyword, text)
        try:
            text += _part(part, scope)
        except _Left as left:
            left.text = text + left.text
            raise
    return text


def _part(part: Part, scope: Scope) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Branch):
        return _chosen(part, scope)
    if isinstance(part, Inserted):
        return _inserted(part, scope)
    value = _evaluated(part, scope) if isinstance(part, Pipeline) else None
    return "" if isinstance(part, Pipeline) and part.variables else shown(value)


def _inserted(part: Inserted, scope: Scope) -> str:
    if part.name not in scope.defined:
        raise TemplateError(f'template "{part.name}" not defined')
    if scope.depth > _DEEPEST:
        raise TemplateError("exceeded maximum template depth")
    dot = None if part.dot is None else _evaluated(part.dot, scope)
    inside = Scope({"$": dot}, dot, scope.query, scope.defined, None, scope.depth + 1)
    return _filled(scope.defined[part.name], inside)


def _chosen(branch: Branch, scope: Scope) -> str:
    scope = scope.inner(scope.dot)
    if branch.keyword == "range":
        return _ranged(branch, scope)
    value = _evaluated(branch.condition, scope)
    if not is_true(value):
        return _filled(branch.otherwise, scope)
    return _filled(branch.body, scope if branch.keyword == "if" else scope.inner(value))


def _ranged(branch: Branch, scope: Scope) -> str:
    rounds = list(_rounds(branch, scope))
    text = ""
    for each in rounds:
        try:
            text += _filled(branch.body, each)
        except _Left as left:
            text += left.text
            if left.keyword == "break":
                break
    return text if rounds else _filled(branch.otherwise, scope)


def _rounds(branch: Branch, scope: Scope) -> Iterator[Scope]:
    """One scope per element of what is ranged over."""
    value = _evaluated(Pipeline(branch.condition.commands), scope)
    if isinstance(value, Mapping) and not isinstance(value, Record):
        pairs: list[tuple[Value, Value]] = [(name, value[name]) for name in sorted(value)]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        pairs = list(enumerate(value))
    elif kind_of(value) == "int" and isinstance(value, int):
        pairs = [(number, number) for number in range(value)]
    elif value is None:
        pairs = []
    else:
        raise TemplateError(f"range can't iterate over {shown(value)}")
    names = branch.condition.variables
    for pair in pairs:
        bound = dict(zip(names, pair[-len(names) :] if names else (), strict=True))
        yield scope.inner(pair[1], **bound)


def _evaluated(operand: Operand, scope: Scope) -> Value:
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, Path):
        return _looked_up(operand, scope)
    if isinstance(operand, Chain):
        return _inside(_evaluated(operand.inner, scope), operand.fields)
    if isinstance(operand, Call):
        return _called(operand, (), scope)
    return _piped(operand, scope)


def _piped(operand: Pipeline, scope: Scope) -> Value:
    value: Value = None
    if operand.commands[0] == Literal(None):
        raise TemplateError("nil is not a command")
    for place, command in enumerate(operand.commands):
        if place and isinstance(command, Call):
            value = _called(command, (value,), scope)
        else:
            value = _evaluated(command, scope)
    for name in operand.variables:
        holder = scope.variables if operand.declares else scope.holder(name)
        holder[name] = value
    return value


def _called(call: Call, piped: tuple[Value, ...], scope: Scope) -> Value:
    operands = [_evaluated(each, scope) for each in call.operands]
    if call.name == "query":
        if scope.query is None:
            raise TemplateError("query is not available here")
        return scope.query(shown((*operands, *piped)[0]))
    try:
        return FUNCTIONS[call.name](*operands, *piped)
    except (TypeError, IndexError) as error:
        raise TemplateError(f"wrong number or type of args for {call.name}") from error


def _looked_up(path: Path, scope: Scope) -> Value:
    if path.variable == "":
        return _inside(scope.dot, path.fields)
    holder = scope.holder(path.variable)
    if path.variable not in holder:
        raise TemplateError(f'undefined variable "{path.variable}"')
    return _inside(holder[path.variable], path.fields)


def _inside(value: Value, fields: Sequence[str]) -> Value:
    for name in fields:
        if not isinstance(value, Mapping) or (isinstance(value, Record) and name not in value):
            raise TemplateError(f"can't evaluate field {name} in type {kind_of(value)}")
        value = value.get(name, "")
    return value
