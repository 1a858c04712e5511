"""Fills in the annotations and labels of alerts, as Prometheus's Go templates do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.instruments.alerting.template_functions import (
    FUNCTIONS,
    TemplateError,
    Value,
    is_true,
    shown,
)
from simulator.instruments.alerting.template_parser import (
    Branch,
    Call,
    Literal,
    Operand,
    Part,
    Path,
    parse_template,
)

Query = Callable[[str], Sequence[Value]]
"""Runs an instant query: rows are mappings with `Labels` and `Value`."""


@dataclass
class Scope:
    """Variables, the dot, and where `query` asks."""

    variables: dict[str, Value]
    dot: Value
    query: Query | None = None


def expand(
    text: str,
    labels: Mapping[str, str],
    value: float,
    query: Query | None = None,
    external: Mapping[str, str] | None = None,
) -> str:
    """Fill a template in; as in Prometheus, an error becomes part of the text."""
    if "{{" not in text:
        return text
    shared: dict[str, Value] = {"$labels": labels, "$value": value, "$externalURL": ""}
    shared["$externalLabels"] = outside = dict(external or {})
    dot: Value = {"Labels": labels, "Value": value, "ExternalLabels": outside, "ExternalURL": ""}
    try:
        return _filled(parse_template(text), Scope(shared, dot, query))
    except TemplateError as error:
        return f"<error expanding template: {error}>"


def _filled(parts: Sequence[Part], scope: Scope) -> str:
    return "".join(_part(part, scope) for part in parts)


def _part(part: Part, scope: Scope) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Branch):
        return _chosen(part, scope)
    value = _evaluated(part, scope)
    return "" if part.variables else shown(value)


def _chosen(branch: Branch, scope: Scope) -> str:
    value = _evaluated(branch.condition, scope)
    if not is_true(value):
        return _filled(branch.otherwise, scope)
    if branch.keyword == "if":
        return _filled(branch.body, scope)
    if branch.keyword == "with":
        return _filled(branch.body, Scope(dict(scope.variables), value, scope.query))
    return "".join(_filled(branch.body, inner) for inner in _rounds(branch, value, scope))


def _rounds(branch: Branch, value: Value, scope: Scope) -> Iterator[Scope]:
    """One scope per element of what is ranged over."""
    if isinstance(value, Mapping):
        pairs: list[tuple[Value, Value]] = [(name, value[name]) for name in sorted(value)]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        pairs = list(enumerate(value))
    else:
        raise TemplateError(f"range can't iterate over {shown(value)}")
    names = branch.condition.variables
    for pair in pairs:
        bound = dict(zip(names, pair[-len(names) :] if names else (), strict=True))
        yield Scope(scope.variables | bound, pair[1], scope.query)


def _evaluated(operand: Operand, scope: Scope) -> Value:
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, Path):
        return _looked_up(operand, scope)
    if isinstance(operand, Call):
        return _called(operand, (), scope)
    value: Value = None
    for index, command in enumerate(operand.commands):
        if index and isinstance(command, Call):
            value = _called(command, (value,), scope)
        else:
            value = _evaluated(command, scope)
    for name in operand.variables:
        scope.variables[name] = value
    return value


def _called(call: Call, piped: tuple[Value, ...], scope: Scope) -> Value:
    operands = [_evaluated(each, scope) for each in call.operands]
    if call.name == "query":
        if scope.query is None:
            raise TemplateError("query is not available here")
        return scope.query(shown((*operands, *piped)[0]))
    try:
        return FUNCTIONS[call.name](*operands, *piped)
    except TypeError as error:
        raise TemplateError(f"wrong number or type of args for {call.name}") from error


def _looked_up(path: Path, scope: Scope) -> Value:
    if path.variable in ("", "$"):
        value = scope.dot
    elif path.variable in scope.variables:
        value = scope.variables[path.variable]
    else:
        raise TemplateError(f'undefined variable "{path.variable}"')
    for name in path.fields:
        if not isinstance(value, Mapping):
            raise TemplateError(f"can't evaluate field {name}")
        value = value.get(name, "")
    return value
